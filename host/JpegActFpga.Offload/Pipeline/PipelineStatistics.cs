namespace JpegActFpga.Offload.Pipeline;

/// <summary>How an engine's work overlapped its callers', since it was made or last reset.</summary>
/// <param name="Workers">Threads of the engine; 0 without overlap.</param>
/// <param name="Queued">Stashes that a worker was to compress.</param>
/// <param name="CallerCompressed">Stashes that their caller compressed itself because the queue or the memory bound was full.</param>
/// <param name="TakenFromQueue">Activations that Take found in the queue, and compressed itself.</param>
/// <param name="Prefetched">Activations expanded ahead that were ready when they were taken.</param>
/// <param name="PrefetchWaits">Activations expanded ahead that Take had to wait for.</param>
/// <param name="OnDemand">Activations that Take expanded itself.</param>
/// <param name="PrefetchWindow">Width of the prefetch window now, in activations.</param>
/// <param name="SpilledFrames">Frames that went to the spill file because the memory bound left no room.</param>
/// <param name="SpilledBytes">Their bytes.</param>
/// <param name="BoundedBytes">Bytes that count against the bound of host memory now.</param>
/// <param name="PeakBoundedBytes">The most of them at once.</param>
/// <param name="Verified">Frames and tensors that the reference model made again, since the engine was made.</param>
/// <param name="Mismatches">Those of them that differed.</param>
public sealed record PipelineStatistics(
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
    long BoundedBytes,
    long PeakBoundedBytes,
    long Verified = 0,
    long Mismatches = 0);
