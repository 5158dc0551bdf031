using JpegActFpga.Offload.Pipeline;

namespace JpegActFpga.Cli.Reports;

/// <summary>How an engine's work overlapped the training.</summary>
/// <param name="Workers">Threads of the engine; 0 without overlap.</param>
/// <param name="Queued">Activations that a worker was to compress.</param>
/// <param name="CallerCompressed">Activations that the training thread compressed, because queue or memory bound was full.</param>
/// <param name="TakenFromQueue">Activations that backward found in the queue still, and compressed itself.</param>
/// <param name="Prefetched">Activations that were there when backward asked.</param>
/// <param name="PrefetchWaits">Activations that were being expanded when backward asked.</param>
/// <param name="OnDemand">Activations that backward expanded itself.</param>
/// <param name="PrefetchWindow">Width of the prefetch window at the end.</param>
/// <param name="SpilledFrames">Frames that went to disk.</param>
/// <param name="SpilledBytes">Their bytes.</param>
/// <param name="PeakBoundedBytes">Most bytes at once that count against the bound of host memory.</param>
/// <param name="Verified">Frames and tensors that the reference model made again.</param>
/// <param name="Mismatches">Those of them that differed.</param>
internal sealed record PipelinePart(
    int Workers,
    long Queued,
    long CallerCompressed,
    long TakenFromQueue,
    long Prefetched,
    long PrefetchWaits,
    long OnDemand,
    int PrefetchWindow,
    long SpilledFrames,
    long SpilledBytes,
    long PeakBoundedBytes,
    long Verified,
    long Mismatches)
{
    /// <summary>Describes what an engine counted.</summary>
    /// <param name="known">What it counted.</param>
    internal static PipelinePart Of(PipelineStatistics known) => new(
        known.Workers,
        known.Queued,
        known.CallerCompressed,
        known.TakenFromQueue,
        known.Prefetched,
        known.PrefetchWaits,
        known.OnDemand,
        known.PrefetchWindow,
        known.SpilledFrames,
        known.SpilledBytes,
        known.PeakBoundedBytes,
        known.Verified,
        known.Mismatches);

    /// <inheritdoc/>
    public override string ToString()
    {
        string overlap = Workers == 0
            ? "no overlap: each tensor was compressed and expanded on the training thread"
            : $"overlap: {Workers} workers, {Queued} tensors queued, {CallerCompressed + TakenFromQueue} compressed by the training thread; backward found {Prefetched} expanded, waited for {PrefetchWaits}, expanded {OnDemand}";
        string spilled = SpilledFrames == 0 ? string.Empty : $"; {SpilledFrames} frames, {Numbers.MiB(SpilledBytes)}, spilled to disk";
        string verified = Verified == 0 ? string.Empty : $"; {Verified} results made again by the reference model, {Mismatches} different";
        return overlap + spilled + verified;
    }
}
