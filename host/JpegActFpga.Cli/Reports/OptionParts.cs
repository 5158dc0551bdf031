using JpegActFpga.Cli.Backends;
using JpegActFpga.Offload;
using JpegActFpga.Offload.Resilience;

namespace JpegActFpga.Cli.Reports;

/// <summary>How the engine was told to work. Null stands for automatic or without bound.</summary>
/// <param name="Overlap">auto, on or off.</param>
/// <param name="Workers">Threads; null where the first backend's need decides.</param>
/// <param name="Prefetch">Activations expanded ahead; null where it adapts.</param>
/// <param name="Pending">Most activations that wait.</param>
/// <param name="PendingBytes">Most bytes of them; null: 16 MiB, or two activations.</param>
/// <param name="HostMemoryBytes">Bound of host memory.</param>
/// <param name="SpillDirectory">Folder of the spill file; null for the system's temporary folder.</param>
/// <param name="WaitLimitSeconds">How long a call waits.</param>
/// <param name="Verify">off, sample or all.</param>
/// <param name="VerifyShare">Share of the calls verified; null unless a sample is.</param>
internal sealed record EnginePart(
    string Overlap,
    int? Workers,
    int? Prefetch,
    int Pending,
    long? PendingBytes,
    long? HostMemoryBytes,
    string? SpillDirectory,
    double WaitLimitSeconds,
    string Verify,
    double? VerifyShare)
{
    /// <summary>Describes options.</summary>
    /// <param name="options">The options.</param>
    internal static EnginePart Of(OffloadEngineOptions options) => new(
        Lower(options.Overlap),
        options.Workers == 0 ? null : options.Workers,
        options.Prefetch,
        options.MaxPendingCount,
        options.MaxPendingBytes,
        options.HostMemoryBytes,
        options.SpillDirectory,
        options.WaitLimit.TotalSeconds,
        Lower(options.Verify),
        options.Verify == VerifyMode.Sample ? options.VerifyShare : null);

    private static string Lower<T>(T value)
        where T : struct, Enum => value.ToString().ToLowerInvariant();
}

/// <summary>How failures of a card were to be met.</summary>
/// <param name="Retries">Retries on the same card.</param>
/// <param name="RetryDelaySeconds">Delay before the first.</param>
/// <param name="RetryDelayMaxSeconds">Longest delay.</param>
/// <param name="CallTimeoutSeconds">How long a call waits for a busy card.</param>
/// <param name="QueueDepth">Calls that a card may have.</param>
/// <param name="CircuitCalls">Calls that are judged before a card is taken out.</param>
/// <param name="CircuitFailures">Share of failures that takes it out.</param>
/// <param name="CircuitWindowSeconds">Time over which calls are judged.</param>
/// <param name="CircuitBreakSeconds">Time before the first probe.</param>
/// <param name="CircuitBreakMaxSeconds">Longest time between probes.</param>
/// <param name="StepRepeats">Most repeats of a step that lost an activation.</param>
internal sealed record FailuresPart(
    int Retries,
    double RetryDelaySeconds,
    double RetryDelayMaxSeconds,
    double CallTimeoutSeconds,
    int QueueDepth,
    int CircuitCalls,
    double CircuitFailures,
    double CircuitWindowSeconds,
    double CircuitBreakSeconds,
    double CircuitBreakMaxSeconds,
    int StepRepeats)
{
    /// <summary>Describes options.</summary>
    /// <param name="options">The options.</param>
    /// <param name="stepRepeats">Most repeats of a step.</param>
    internal static FailuresPart Of(ResilienceOptions options, int stepRepeats) => new(
        options.Retries,
        options.RetryDelay.TotalSeconds,
        options.RetryDelayMax.TotalSeconds,
        options.CallTimeout.TotalSeconds,
        options.QueueDepth,
        options.CircuitMinimumCalls,
        options.CircuitFailureRatio,
        options.SamplingDuration.TotalSeconds,
        options.CircuitBreak.TotalSeconds,
        options.CircuitBreakMax.TotalSeconds,
        stepRepeats);
}

/// <summary>Cards, and how they were to be used.</summary>
/// <param name="Devices">Indices; null for all that there are.</param>
/// <param name="Xclbin">What is loaded onto them.</param>
/// <param name="DeviceMemoryBytes">Most bytes of buffers on a card.</param>
/// <param name="LaunchTimeoutSeconds">Time after which a launch counts as hung.</param>
/// <param name="DriverTimeoutSeconds">Time after which a call into the driver is left behind.</param>
/// <param name="LaunchBlocks">Most blocks of a launch.</param>
internal sealed record CardsPart(IReadOnlyList<int>? Devices, string? Xclbin, long DeviceMemoryBytes, double LaunchTimeoutSeconds, double DriverTimeoutSeconds, int LaunchBlocks)
{
    /// <summary>Describes a selection.</summary>
    /// <param name="cards">The selection.</param>
    internal static CardsPart Of(CardSelection cards) =>
        new(cards.Devices, cards.Xclbin, cards.Usual.DeviceMemoryBytes, cards.Usual.LaunchTimeout.TotalSeconds, cards.Usual.DriverTimeout.TotalSeconds, cards.Usual.LaunchBlocks);
}

/// <summary>The trace that was written.</summary>
/// <param name="File">The file.</param>
/// <param name="Events">Stages in it.</param>
/// <param name="Problem">Why it ended early; null where it did not.</param>
internal sealed record TracePart(string File, long Events, string? Problem);
