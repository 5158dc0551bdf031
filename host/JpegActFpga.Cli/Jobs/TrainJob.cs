using JpegActFpga.Cli.Backends;
using JpegActFpga.Cli.Options;
using JpegActFpga.Cli.Reports;
using JpegActFpga.Core.Observability;
using JpegActFpga.Core.Profiles;
using JpegActFpga.Offload;
using JpegActFpga.Offload.Policy;
using JpegActFpga.Offload.Stores;
using JpegActFpga.Training.Data;
using JpegActFpga.Training.Loop;
using JpegActFpga.Training.Models;
using JpegActFpga.Training.Native;
using JpegActFpga.Training.Offload;
using JpegActFpga.Training.Recomputation;
using JpegActFpga.Training.SavedTensors;
using Microsoft.Extensions.Logging;
using Model = TorchSharp.torch.nn.Module<TorchSharp.torch.Tensor, TorchSharp.torch.Tensor>;

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
        WarmUp(CreateModel, null, cancellationToken);
        long start = Settle();
        using ActivationRecorder? recorder = settings.Recording is { } recording ? StartRecording(recording, cancellationToken) : null;
        TrainingResult result = Run(Uncompressed, () => Attach(recorder), recorder, null, cancellationToken);
        if (recorder is not null)
        {
            SavedActivations = recorder.Files;
        }

        return RunParts.Of(Uncompressed, null, result, start, null);
    }

    /// <summary>Trains with segments run again in the backward pass.</summary>
    /// <param name="cancellationToken">Ends the run.</param>
    internal RunPart RunRecomputing(CancellationToken cancellationToken)
    {
        string name = OffloadMethod.Recompute.Name();
        using (var warmUp = new RecomputeHooks())
        {
            WarmUp(() => Attach(warmUp), warmUp, cancellationToken);
        }

        long start = Settle();
        using var hooks = new RecomputeHooks();
        TrainingResult result = Run(name, () => Attach(hooks), hooks, null, cancellationToken);
        return RunParts.Of(name, result, start, hooks);
    }

    /// <summary>Trains with activations going through the engine.</summary>
    /// <param name="method">raw, or one that compresses.</param>
    /// <param name="backends">What compresses.</param>
    /// <param name="cancellationToken">Ends the run.</param>
    internal RunPart RunOffloaded(OffloadMethod method, BackendSet backends, CancellationToken cancellationToken)
    {
        CodecProfile? profile = ProfileOf(method);
        IOffloadPolicy policy = method switch
        {
            OffloadMethod.Raw => new RawPolicy(settings.MinElements),
            OffloadMethod.JpegAct => new JpegActPolicy(profile!, settings.Sparse, settings.MinElements),
            _ => new ScaledPolicy(profile!, settings.MinElements),
        };
        using var store = new HostMemoryStore();
        using var engine = new OffloadEngine(policy, backends.Backends, store, settings.Resilience, logger, settings.Engine);
        if (!engine.Overlaps && settings.GivenForOverlap is [_, ..] unused)
        {
            display.Tell($"{string.Join(", ", unused)} not used for {method.Name()}: overlap is off, because {backends.Backends[0].Capabilities.Name} computes on the processor that trains; --overlap on turns it on");
        }

        using (var warmUp = new LayerNames())
        {
            WarmUp(() => Follow(warmUp), new ActivationOffload(engine, warmUp, cancellationToken), cancellationToken);
        }

        engine.ResetStatistics();
        long start = Settle();
        IReadOnlyList<KernelTimePart> before = KernelTimes();
        using var layers = new LayerNames();
        var hooks = new ActivationOffload(engine, layers, cancellationToken);
        TrainingResult result = Run(method.Name(), () => Follow(layers), hooks, () => new EngineState(engine.Overlaps, OffloadTelemetry.Depth(Backlog.Compress), engine.Statistics.FallbackCount), cancellationToken);
        return RunParts.Of(method.Name(), profile is null ? null : SettingsPart.Of(profile), result, start, (engine.Statistics, hooks.Statistics)) with
        {
            KernelTimes = KernelTimePart.Since(KernelTimes(), before),
        };

        IReadOnlyList<KernelTimePart> KernelTimes() => backends.HasCard ? EmulatedKernelTimes.Read(settings.Card) : [];
    }

    // The profile of values; null where they stay as they are.
    private CodecProfile? ProfileOf(OffloadMethod method) => method switch
    {
        OffloadMethod.JpegAct => settings.Profile,
        OffloadMethod.Sfpr => CodecProfile.Sfpr(zeroValueCompression: false, settings.Profile.FullScale, settings.Profile.ScaleMode),
        OffloadMethod.SfprZvc => CodecProfile.Sfpr(zeroValueCompression: true, settings.Profile.FullScale, settings.Profile.ScaleMode),
        _ => null,
    };

    private static long Settle()
    {
        NativeMemoryTuning.ReturnFreedMemory();
        return ProcessMemory.ResidentBytes();
    }

    // The first steps of a process compile code and fill caches; all runs begin after that.
    private void WarmUp(Func<Model> createModel, ISavedTensorHooks? hooks, CancellationToken cancellationToken)
    {
        int images = Math.Min(train.Count, WarmUpSteps * settings.Training.Batch);
        TrainingOptions brief = settings.Training with { Epochs = 1, TrainImages = images, TestImages = 1 };
        using StageScope stage = StageTelemetry.Start(Stage.Run, lane: "training");
        stage.Note("jpegact.run", "warm-up");
        _ = Trainer.Run(brief, createModel, train, test, hooks, cancellation: cancellationToken);
    }

    private TrainingResult Run(string name, Func<Model> createModel, ISavedTensorHooks? hooks, Func<EngineState>? engine, CancellationToken cancellationToken)
    {
        TrainingResult? result = null;
        using StageScope stage = StageTelemetry.Start(Stage.Run, lane: "training");
        stage.Note("jpegact.run", name);
        display.Follow(name, engine, progress => result = Trainer.Run(settings.Training, createModel, train, test, hooks, Done(progress), cancellationToken));
        return result!;

        Action<TrainingProgress> Done(Action<TrainingProgress> progress) => hooks is not ActivationRecorder recorder ? progress : step =>
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

        try
        {
            Directory.CreateDirectory(recording.Folder);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new CliException(ExitCode.Failed, $"the folder {recording.Folder} can't be made: {error.Message}");
        }

        return new ActivationRecorder(recording.Folder, recording.Step == 0 ? steps : recording.Step, cancellationToken);
    }

    private Model CreateModel() => ModelCatalog.Create(settings.Model, train.Channels, train.Classes);

    private Model Follow(LayerNames layers)
    {
        Model model = CreateModel();
        layers.Attach(model);
        return model;
    }

    private Model Attach(ActivationRecorder? recorder)
    {
        Model model = CreateModel();
        recorder?.Attach(model);
        return model;
    }

    private Model Attach(RecomputeHooks hooks)
    {
        Model model = CreateModel();
        hooks.Attach(model, settings.Segments);
        return model;
    }
}
