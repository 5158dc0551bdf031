using JpegActFpga.Core.Observability;
using JpegActFpga.Core.Profiles;
using JpegActFpga.Offload.Statistics;
using JpegActFpga.Training.Loop;
using JpegActFpga.Training.Offload;
using JpegActFpga.Training.Recomputation;
using JpegActFpga.Xrt;

namespace JpegActFpga.Cli.Reports;

/// <summary>Makes <see cref="RunPart"/>s of what was measured.</summary>
internal static class RunParts
{
    /// <summary>Describes a run without hooks or with the engine's.</summary>
    /// <param name="name">Name of the run.</param>
    /// <param name="profile">Settings of the codec for values; null without one.</param>
    /// <param name="result">What the training gave.</param>
    /// <param name="startResident">Resident set when training began.</param>
    /// <param name="offload">What engine and hooks counted; null without them.</param>
    internal static RunPart Of(
        string name, SettingsPart? profile, TrainingResult result, long startResident, (OffloadStatistics Engine, ActivationOffloadStatistics Hooks)? offload)
    {
        RunPart run = Of(name, result, startResident) with { Settings = profile };
        return offload is not var (engine, hooks) ? run : run with
        {
            CompressionRatio = hooks.Ratio,
            Work = [.. engine.Methods.Select(Work)],
            Fallbacks = [.. engine.Fallbacks.Select(f => new FallbackPart(f.From, f.To, f.Cause, f.Count))],
            Events = [.. engine.Events.Select(e => new EventPart(e.Event.ToString(), e.Backend, e.Count))],
            Retries = engine.Retries,
            NonFiniteTensors = engine.NonFiniteTensors,
            Leaked = new LeakPart(OffloadTelemetry.LeakedNow.Buffers, OffloadTelemetry.LeakedNow.Bytes, StuckCalls.Total),
            SavedTensors = [.. hooks.Treatments.OrderBy(t => t.Key).Select(t => new SavedPart(TreatmentName(t.Key, raw: profile is null), t.Value.Saves, t.Value.Bytes, t.Value.HeldBytes))],
            Layers = Layers(engine, hooks),
            Pipeline = engine.Pipeline is { } pipeline ? PipelinePart.Of(pipeline) : null,
        };
    }

    /// <summary>Describes a run with recomputation.</summary>
    /// <param name="name">Name of the run.</param>
    /// <param name="result">What the training gave.</param>
    /// <param name="startResident">Resident set when training began.</param>
    /// <param name="hooks">What was recomputed.</param>
    internal static RunPart Of(string name, TrainingResult result, long startResident, RecomputeHooks hooks)
    {
        RecomputeStatistics known = hooks.Statistics;
        return Of(name, result, startResident) with
        {
            CompressionRatio = hooks.CompressionRatio,
            Recompute = new RecomputePart(known.Segments, known.Reruns, known.RerunTime.TotalSeconds),
            SavedTensors =
            [
                new SavedPart("in segments: computed again", known.Saves, known.SavedBytes, known.InputBytes),
                new SavedPart("kept: outside segments", known.KeptSaves, known.KeptBytes, known.KeptBytes),
            ],
        };
    }

    private static RunPart Of(string name, TrainingResult result, long startResident) => new(
        name,
        null,
        result.TestAccuracy,
        result.TestLoss,
        result.TrainLoss,
        result.TrainAccuracy,
        result.LastHeldBytes,
        result.PeakHeldBytes,
        null,
        result.PeakResidentBytes,
        startResident,
        result.PeakResidentIsExact,
        result.TrainTime.TotalSeconds,
        result.ImagesPerSecond,
        result.Steps,
        [],
        [],
        [],
        0,
        0,
        new LeakPart(0, 0, 0),
        [],
        [],
        null,
        null,
        [.. result.Repeats.Select(repeat => new RepeatPart(repeat.Step, repeat.Cause))],
        [],
        result.Losses);

    private static WorkPart Work(MethodStatistics method) => new(
        method.Backend,
        method.Device,
        method.Method.DisplayName(),
        method.Tensors,
        method.TensorBytes,
        method.FrameBytes,
        method.FrameBytes == 0 ? 0 : Numbers.RatioOf(method.TensorBytes, method.FrameBytes),
        method.CompressTime.TotalSeconds,
        method.CompressTime == TimeSpan.Zero ? 0 : method.TensorBytes / method.CompressTime.TotalSeconds / 1e9,
        method.Expansions,
        method.ExpandTime.TotalSeconds);

    private static IReadOnlyList<LayerPart> Layers(OffloadStatistics engine, ActivationOffloadStatistics hooks)
    {
        Dictionary<ActivationLabel, LabelStatistics> times = engine.Labels.ToDictionary(label => label.Label);
        return
        [
            .. hooks.Labels.Select(label =>
            {
                LabelStatistics? time = times.GetValueOrDefault(label.Key);
                return new LayerPart(
                    LayerName(label.Key.Layer),
                    label.Key.Node,
                    label.Key.Treatment,
                    label.Value.Saves,
                    label.Value.Bytes,
                    label.Value.HeldBytes,
                    label.Value.HeldBytes == 0 ? null : Numbers.RatioOf(label.Value.Bytes, label.Value.HeldBytes),
                    time?.CompressTime.TotalSeconds ?? 0,
                    time?.Expansions ?? 0,
                    time?.ExpandTime.TotalSeconds ?? 0);
            }),
        ];
    }

    // TorchSharp names children by their fields.
    private static string LayerName(string name) => string.Join('.', name.Split('.').Select(part => part.TrimStart('_')));

    private static string TreatmentName(Treatment treatment, bool raw) => treatment switch
    {
        Treatment.Values when raw => "values as they are",
        Treatment.ReluSign when raw => "ReLU results as they are",
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
