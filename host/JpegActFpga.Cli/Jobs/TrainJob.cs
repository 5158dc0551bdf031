using JpegActFpga.Cli.Backends;
using JpegActFpga.Cli.Reports;
using JpegActFpga.Offload;
using JpegActFpga.Offload.Policy;
using JpegActFpga.Offload.Statistics;
using JpegActFpga.Offload.Stores;
using JpegActFpga.Training.Data;
using JpegActFpga.Training.Loop;
using JpegActFpga.Training.Models;
using JpegActFpga.Training.Native;
using JpegActFpga.Training.Offload;
using JpegActFpga.Training.SavedTensors;
using Microsoft.Extensions.Logging;

namespace JpegActFpga.Cli.Jobs;

/// <summary>Trains as asked, with and without compression, and measures.</summary>
/// <param name="settings">What was asked.</param>
/// <param name="train">Training images.</param>
/// <param name="test">Test images.</param>
/// <param name="display">Shows how it goes on.</param>
/// <param name="logger">Told of fallbacks and retries when they happen.</param>
internal sealed class TrainJob(TrainSettings settings, ImageDataset train, ImageDataset test, IProgressDisplay display, ILogger logger)
{
    private const string Uncompressed = "uncompressed";
    private const int WarmUpSteps = 2;

    /// <summary>Gets the names of the files with activations that <see cref="RunUncompressed"/> saved.</summary>
    internal IReadOnlyList<string> SavedActivations { get; private set; } = [];

    /// <summary>Trains without hooks, or with hooks that save activations and change nothing.</summary>
    /// <param name="cancellationToken">Ends the run.</param>
    internal RunPart RunUncompressed(CancellationToken cancellationToken)
    {
        WarmUp(null, cancellationToken);
        long start = Settle();
        using ActivationRecorder? recorder = settings.Recording is { } recording ? StartRecording(recording, cancellationToken) : null;
        TrainingResult result = Run(Uncompressed, recorder, cancellationToken);
        if (recorder is not null)
        {
            SavedActivations = recorder.Files;
        }

        return Report(Uncompressed, null, result, start, null, null);
    }

    /// <summary>Trains with activations going through the engine.</summary>
    /// <param name="backends">What compresses.</param>
    /// <param name="cancellationToken">Ends the run.</param>
    internal RunPart RunOffloaded(BackendSet backends, CancellationToken cancellationToken)
    {
        bool raw = settings.Method == OffloadMethod.Raw;
        string name = raw ? "raw" : "jpeg-act";
        IOffloadPolicy policy = raw
            ? new RawPolicy(settings.MinElements)
            : new JpegActPolicy(settings.Profile, settings.Sparse, settings.MinElements);
        using var store = new HostMemoryStore();
        using var engine = new OffloadEngine(policy, backends.Backends, store, logger: logger);
        WarmUp(engine, cancellationToken);
        engine.ResetStatistics();
        long start = Settle();
        var hooks = new ActivationOffload(engine, cancellation: cancellationToken);
        TrainingResult result = Run(name, hooks, cancellationToken);
        return Report(name, raw ? null : SettingsPart.Of(settings.Profile), result, start, engine.Statistics, hooks.Statistics);
    }

    private static long Settle()
    {
        HeapTrim.Run();
        return ProcessMemory.ResidentBytes();
    }

    // The first steps of a process compile code and fill caches; both runs begin after that.
    private void WarmUp(OffloadEngine? engine, CancellationToken cancellationToken)
    {
        int images = Math.Min(train.Count, WarmUpSteps * settings.Training.Batch);
        TrainingOptions brief = settings.Training with { Epochs = 1, TrainImages = images, TestImages = 1 };
        ActivationOffload? hooks = engine is null ? null : new ActivationOffload(engine, cancellation: cancellationToken);
        _ = Trainer.Run(brief, CreateModel, train, test, hooks, cancellation: cancellationToken);
    }

    private TrainingResult Run(string name, ISavedTensorHooks? hooks, CancellationToken cancellationToken)
    {
        TrainingResult? result = null;
        var recorder = hooks as ActivationRecorder;
        display.Follow(name, progress => result = Trainer.Run(settings.Training, Create, train, test, hooks, Done(progress), cancellationToken));
        return result!;

        TorchSharp.torch.nn.Module<TorchSharp.torch.Tensor, TorchSharp.torch.Tensor> Create()
        {
            TorchSharp.torch.nn.Module<TorchSharp.torch.Tensor, TorchSharp.torch.Tensor> model = CreateModel();
            recorder?.Attach(model);
            return model;
        }

        Action<TrainingProgress> Done(Action<TrainingProgress> progress) => recorder is null ? progress : step =>
        {
            recorder.StepDone(step.Step);
            progress(step);
        };
    }

    private ActivationRecorder StartRecording(ActivationRecording recording, CancellationToken cancellationToken)
    {
        long steps = (long)settings.Training.Epochs * new BatchSampler(train.Count, settings.Training.Batch, settings.Training.DataSeed).BatchesPerEpoch;
        if (recording.Step > steps)
        {
            throw new CliException(ExitCode.Usage, $"--save-step {recording.Step} is past the last step, {steps}");
        }

        Directory.CreateDirectory(recording.Folder);
        return new ActivationRecorder(recording.Folder, recording.Step == 0 ? steps : recording.Step, cancellationToken);
    }

    private TorchSharp.torch.nn.Module<TorchSharp.torch.Tensor, TorchSharp.torch.Tensor> CreateModel() =>
        ModelCatalog.Create(settings.Model, train.Channels, train.Classes);

    private static RunPart Report(
        string name, SettingsPart? profile, TrainingResult result, long startResident, OffloadStatistics? engine, ActivationOffloadStatistics? hooks) => new(
        name,
        profile,
        result.TestAccuracy,
        result.TestLoss,
        result.TrainLoss,
        result.TrainAccuracy,
        result.LastHeldBytes,
        result.PeakHeldBytes,
        hooks?.Ratio,
        result.PeakResidentBytes,
        startResident,
        result.PeakResidentIsExact,
        result.TrainTime.TotalSeconds,
        result.ImagesPerSecond,
        result.Steps,
        [.. (engine?.Methods ?? []).Select(Work)],
        [.. (engine?.Fallbacks ?? []).Select(f => new FallbackPart(f.From, f.To, f.Cause, f.Count))],
        engine?.Retries ?? 0,
        engine?.NonFiniteTensors ?? 0,
        hooks is null ? [] : [.. hooks.Treatments.OrderBy(t => t.Key).Select(t => new SavedPart(TreatmentName(t.Key), t.Value.Saves, t.Value.Bytes, t.Value.HeldBytes))],
        result.Losses);

    private static WorkPart Work(MethodStatistics method) => new(
        method.Backend,
        method.Device,
        Core.Profiles.CodecMethods.DisplayName(method.Method),
        method.Tensors,
        method.TensorBytes,
        method.FrameBytes,
        method.FrameBytes == 0 ? 0 : Numbers.RatioOf(method.TensorBytes, method.FrameBytes),
        method.CompressTime.TotalSeconds,
        method.CompressTime == TimeSpan.Zero ? 0 : method.TensorBytes / method.CompressTime.TotalSeconds / 1e9,
        method.Expansions,
        method.ExpandTime.TotalSeconds);

    private static string TreatmentName(Treatment treatment) => treatment switch
    {
        Treatment.Values => "values compressed",
        Treatment.ReluSign => "ReLU results as bits",
        Treatment.Shared => "shared with another save",
        Treatment.Narrowed => "integers narrowed",
        Treatment.KeptParameter => "kept: parameters",
        Treatment.KeptLeaf => "kept: inputs and buffers",
        Treatment.KeptByPolicy => "kept: small",
        Treatment.KeptType => "kept: other types",
        Treatment.KeptLayout => "kept: other layouts",
        _ => treatment.ToString(),
    };
}
