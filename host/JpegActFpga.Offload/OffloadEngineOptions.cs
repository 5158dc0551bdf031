namespace JpegActFpga.Offload;

/// <summary>Whether the engine works beside its caller.</summary>
public enum OverlapMode
{
    /// <summary>
    /// On where the first backend is a device that the host mostly waits for, off where it computes on the host's processor,
    /// beside the training.
    /// </summary>
    Auto,

    /// <summary>Stash gives work to worker threads and returns; backward prefetches.</summary>
    On,

    /// <summary>Each call does its work before it returns, on its caller's thread.</summary>
    Off,
}

/// <summary>What the reference model recomputes.</summary>
public enum VerifyMode
{
    /// <summary>Nothing.</summary>
    Off,

    /// <summary>A share of the calls, chosen by seed.</summary>
    Sample,

    /// <summary>Every call.</summary>
    All,
}

/// <summary>How an engine overlaps, bounds its memory and checks its backends. Checked when an engine is made.</summary>
public sealed record OffloadEngineOptions
{
    /// <summary>Most workers.</summary>
    public const int MaxWorkers = 64;

    /// <summary>Widest prefetch window, in activations.</summary>
    public const int MaxPrefetch = 1024;

    /// <summary>Smallest bound of host memory, in bytes.</summary>
    public const long MinHostMemoryBytes = 1 << 20;

    // More makes nothing faster, and is held at the end of the forward pass beside the frames.
    private const long UsualPendingBytes = 16 << 20;

    /// <summary>Gets whether compression and expansion overlap the caller's computation; default <see cref="OverlapMode.Auto"/>.</summary>
    public OverlapMode Overlap { get; init; } = OverlapMode.Auto;

    /// <summary>Gets the engine's threads; 0 .. 64, default 0: chosen by the first backend. Without overlap there are none.</summary>
    public int Workers { get; init; }

    /// <summary>
    /// Gets how many activations backward expands ahead of need; 0 .. 1024, default null: adapts to measured times within
    /// the memory bound. Without overlap nothing is prefetched.
    /// </summary>
    public int? Prefetch { get; init; }

    /// <summary>
    /// Gets the most bytes of sources that wait to be compressed; 1 or more, default null: 16 MiB, or two sources of the
    /// size at hand where that is more. Beyond it Stash does the work on its caller's thread.
    /// </summary>
    public long? MaxPendingBytes { get; init; }

    /// <summary>Gets the most sources that wait to be compressed; 1 .. 65536, default 32.</summary>
    public int MaxPendingCount { get; init; } = 32;

    /// <summary>
    /// Gets the bound, in bytes, of frames held in host memory + sources waiting to be compressed + tensors expanded ahead
    /// of need; 1 MiB or more, default null: none. Not in it: the tensor of the call in progress on the caller's thread,
    /// tensors handed to the caller, and frames in the making (one a thread that compresses).
    /// </summary>
    public long? HostMemoryBytes { get; init; }

    /// <summary>
    /// Gets the folder of the spill file, which takes the frames that the bound of host memory leaves no room for; null:
    /// the system's temporary folder. The file has no name: it is gone with the process.
    /// </summary>
    public string? SpillDirectory { get; init; }

    /// <summary>Gets how long a call waits for another's result or for room before it fails; 1 s .. 1 h, default 5 min.</summary>
    public TimeSpan WaitLimit { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>Gets what the reference model recomputes and compares; default off.</summary>
    public VerifyMode Verify { get; init; }

    /// <summary>Gets the share of calls that <see cref="VerifyMode.Sample"/> checks; above 0 .. 1, default 0.01.</summary>
    public double VerifyShare { get; init; } = 0.01;

    /// <summary>Gets the seed that chooses those calls, together with what is in their frames, whatever their order; default 1.</summary>
    public ulong VerifySeed { get; init; } = 1;

    /// <summary>Gets the most bytes that may wait together with a source of so many bytes, its own included.</summary>
    /// <param name="sourceBytes">Bytes of the source.</param>
    internal long MaxPendingBytesFor(long sourceBytes) => MaxPendingBytes ?? Math.Max(UsualPendingBytes, 2 * sourceBytes);

    /// <summary>Checks the ranges.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A value is outside its range; the message names it.</exception>
    public void Validate()
    {
        Demand(Enum.IsDefined(Overlap), nameof(Overlap), Overlap, "auto, on or off");
        Demand(Workers is >= 0 and <= MaxWorkers, nameof(Workers), Workers, "0 (automatic) .. 64");
        Demand(Prefetch is null or (>= 0 and <= MaxPrefetch), nameof(Prefetch), Prefetch, "null (automatic) or 0 .. 1024");
        Demand(MaxPendingBytes is null or >= 1, nameof(MaxPendingBytes), MaxPendingBytes, "1 or more");
        Demand(MaxPendingCount is >= 1 and <= 65536, nameof(MaxPendingCount), MaxPendingCount, "1 .. 65536");
        Demand(HostMemoryBytes is null or >= MinHostMemoryBytes, nameof(HostMemoryBytes), HostMemoryBytes, "null (no bound) or 1 MiB or more");
        Demand(SpillDirectory is null or { Length: > 0 }, nameof(SpillDirectory), SpillDirectory, "null or a folder");
        Demand(WaitLimit >= TimeSpan.FromSeconds(1) && WaitLimit <= TimeSpan.FromHours(1), nameof(WaitLimit), WaitLimit, "1 s .. 1 h");
        Demand(Enum.IsDefined(Verify), nameof(Verify), Verify, "off, sample or all");
        Demand(VerifyShare is > 0 and <= 1, nameof(VerifyShare), VerifyShare, "above 0 .. 1");
    }

    private static void Demand(bool good, string name, object? value, string range)
    {
        if (!good)
        {
            throw new ArgumentOutOfRangeException(name, value, $"{name} must be {range}.");
        }
    }
}
