using System.Text.Json.Serialization;

namespace JpegActFpga.Cli.Reports;

/// <summary>What training gave: one run, or several side by side.</summary>
/// <param name="Job">What was trained.</param>
/// <param name="TrainedOn">What did the training's own arithmetic.</param>
/// <param name="Codec">What was asked to compress, and why; null where nothing was.</param>
/// <param name="Runs">The runs in order: without compression first where both were made.</param>
/// <param name="Engine">How the engine was told to work; null where none did.</param>
/// <param name="Failures">How failures were to be met; null where no engine was at work.</param>
/// <param name="Cards">Which cards were to be used, and how; null where none was.</param>
/// <param name="Trace">The trace; null where none was asked for.</param>
internal sealed record TrainReport(JobPart Job, string TrainedOn, string? Codec, IReadOnlyList<RunPart> Runs, EnginePart? Engine, FailuresPart? Failures, CardsPart? Cards, TracePart? Trace) : MeasuredReport("train")
{
    /// <summary>Gets a value indicating whether torch computed on a GPU: what is held for backward there, malloc does not know.</summary>
    [JsonIgnore]
    internal bool OnGpu { get; init; }

    /// <summary>Gets a value indicating whether the text shows each layer.</summary>
    [JsonIgnore]
    internal bool ShowsLayers { get; init; }

    /// <inheritdoc/>
    internal override void WriteText(TextWriter writer) => TrainReportText.Write(this, writer);
}

/// <summary>What was trained.</summary>
/// <param name="Model">Model.</param>
/// <param name="Data">Data set and its folder.</param>
/// <param name="TrainImages">Training images.</param>
/// <param name="TestImages">Test images.</param>
/// <param name="Epochs">Passes over the training images.</param>
/// <param name="Batch">Images a step.</param>
/// <param name="LearningRate">Learning rate of the first step; it falls as half a cosine.</param>
/// <param name="Seed">Seed of weights and order.</param>
/// <param name="Threads">Threads of torch's operators; 0 for its own choice.</param>
/// <param name="Segments">Most segments that recomputation divides the model into; null without recomputation.</param>
internal sealed record JobPart(string Model, string Data, int TrainImages, int TestImages, int Epochs, int Batch, double LearningRate, int Seed, int Threads, int? Segments);

/// <summary>One run. Every figure was measured in it.</summary>
/// <param name="Name">uncompressed, or the method's name on the command line.</param>
/// <param name="Settings">Settings of the codec for values; null without one.</param>
/// <param name="TestAccuracy">Share of the test images classified right, 0 .. 1.</param>
/// <param name="TestLoss">Mean loss of the test images.</param>
/// <param name="FinalLoss">Mean loss of the last epoch's training images.</param>
/// <param name="FinalTrainAccuracy">Share of the last epoch's images classified right as they were trained on.</param>
/// <param name="HeldForBackwardBytes">Bytes that malloc holds more after a forward pass than before it, the median of the last nine full batches; a GPU's memory is not in it.</param>
/// <param name="PeakHeldBytes">The same, the largest of all steps: holds whatever else the process allocated in that one.</param>
/// <param name="CompressionRatio">Bytes of the tensors taken from autograd over bytes held for them; null where none was.</param>
/// <param name="PeakResidentBytes">Largest resident set of the process while training.</param>
/// <param name="StartResidentBytes">Resident set of the process when training began.</param>
/// <param name="PeakResidentIsExact">The kernel kept the peak; otherwise it is the largest of samples.</param>
/// <param name="TrainSeconds">Time of all steps, without warm-up and evaluation.</param>
/// <param name="ImagesPerSecond">Images over that time.</param>
/// <param name="Steps">Steps.</param>
/// <param name="Work">What ran where; empty without compression.</param>
/// <param name="Fallbacks">What another backend did in one's stead.</param>
/// <param name="Events">Each decision about a failure.</param>
/// <param name="Retries">Calls repeated after a transient failure.</param>
/// <param name="NonFiniteTensors">Tensors kept raw because of a NaN or an infinity.</param>
/// <param name="Leaked">Buffers given up, because a device may use them for ever.</param>
/// <param name="SavedTensors">What became of the tensors that autograd saved.</param>
/// <param name="Layers">The same by layer, in the order of the forward pass.</param>
/// <param name="Recompute">What was computed again; null where nothing was.</param>
/// <param name="Pipeline">How the engine's work overlapped the training; null without an engine.</param>
/// <param name="Repeats">Steps that were repeated because an activation was lost, once for each time.</param>
/// <param name="KernelTimes">Kernel time measured and modelled, by compute unit; empty where no card is emulated.</param>
/// <param name="Losses">Loss of each step.</param>
internal sealed record RunPart(
    string Name,
    SettingsPart? Settings,
    double TestAccuracy,
    double TestLoss,
    double FinalLoss,
    double FinalTrainAccuracy,
    long HeldForBackwardBytes,
    long PeakHeldBytes,
    double? CompressionRatio,
    long PeakResidentBytes,
    long StartResidentBytes,
    bool PeakResidentIsExact,
    double TrainSeconds,
    double ImagesPerSecond,
    long Steps,
    IReadOnlyList<WorkPart> Work,
    IReadOnlyList<FallbackPart> Fallbacks,
    IReadOnlyList<EventPart> Events,
    long Retries,
    long NonFiniteTensors,
    LeakPart Leaked,
    IReadOnlyList<SavedPart> SavedTensors,
    IReadOnlyList<LayerPart> Layers,
    RecomputePart? Recompute,
    PipelinePart? Pipeline,
    IReadOnlyList<RepeatPart> Repeats,
    IReadOnlyList<KernelTimePart> KernelTimes,
    IReadOnlyList<float> Losses);

/// <summary>What one backend did with one method.</summary>
/// <param name="Backend">Short name.</param>
/// <param name="Device">What it runs on; says so where it is emulated.</param>
/// <param name="Method">The method.</param>
/// <param name="Tensors">Tensors compressed.</param>
/// <param name="TensorBytes">Their bytes as tensors.</param>
/// <param name="FrameBytes">Their bytes as frames.</param>
/// <param name="Ratio">The one over the other.</param>
/// <param name="CompressSeconds">Time spent compressing, waits included.</param>
/// <param name="CompressGigabytesPerSecond">Tensor bytes over that time.</param>
/// <param name="Expansions">Frames expanded.</param>
/// <param name="ExpandSeconds">Time spent expanding, waits included.</param>
internal sealed record WorkPart(
    string Backend,
    string Device,
    string Method,
    long Tensors,
    long TensorBytes,
    long FrameBytes,
    double Ratio,
    double CompressSeconds,
    double CompressGigabytesPerSecond,
    long Expansions,
    double ExpandSeconds);

/// <summary>Work that another backend did.</summary>
/// <param name="From">Backend that failed.</param>
/// <param name="To">Backend that did the work.</param>
/// <param name="Cause">Why.</param>
/// <param name="Count">How often.</param>
internal sealed record FallbackPart(string From, string To, string Cause, long Count);

/// <summary>What was given up so far in this process, and not had back.</summary>
/// <param name="Buffers">Buffers.</param>
/// <param name="Bytes">Their bytes.</param>
/// <param name="StuckCalls">Calls into drivers that were left behind and have not returned.</param>
internal sealed record LeakPart(long Buffers, long Bytes, int StuckCalls);

/// <summary>Saved tensors treated alike.</summary>
/// <param name="Treatment">What was done.</param>
/// <param name="Saves">How often.</param>
/// <param name="Bytes">Bytes of the tensors, counting each save.</param>
/// <param name="HeldBytes">Bytes held in their stead.</param>
internal sealed record SavedPart(string Treatment, long Saves, long Bytes, long HeldBytes);

/// <summary>A training step that was done again.</summary>
/// <param name="Step">The step, from 1.</param>
/// <param name="Cause">Why.</param>
internal sealed record RepeatPart(long Step, string Cause);

/// <summary>A decision about failures of one backend.</summary>
/// <param name="Event">What was decided.</param>
/// <param name="Backend">The backend.</param>
/// <param name="Count">How often.</param>
internal sealed record EventPart(string Event, string Backend, long Count);

/// <summary>Saved tensors of one layer, made by one operation and treated alike.</summary>
/// <param name="Layer">The layer that saved them; empty for the model itself.</param>
/// <param name="Node">The operation that made them; null where unknown.</param>
/// <param name="Treatment">What was done: values, sign, shared, narrowed or kept.</param>
/// <param name="Saves">How often.</param>
/// <param name="Bytes">Bytes of the tensors.</param>
/// <param name="HeldBytes">Bytes held in their stead.</param>
/// <param name="Ratio">The one over the other; null where nothing more was held for them.</param>
/// <param name="CompressSeconds">Time spent compressing.</param>
/// <param name="Expansions">Frames expanded.</param>
/// <param name="ExpandSeconds">Time spent expanding.</param>
internal sealed record LayerPart(
    string Layer, string? Node, string Treatment, long Saves, long Bytes, long HeldBytes, double? Ratio, double CompressSeconds, long Expansions, double ExpandSeconds)
{
    /// <summary>Gets a value indicating whether they stay as they are.</summary>
    [JsonIgnore]
    internal bool IsKept => Treatment.StartsWith("kept", StringComparison.Ordinal);
}

/// <summary>What was computed again.</summary>
/// <param name="Segments">Segments of the model.</param>
/// <param name="Reruns">How often one was run again.</param>
/// <param name="Seconds">Time of that.</param>
internal sealed record RecomputePart(int Segments, long Reruns, double Seconds);
