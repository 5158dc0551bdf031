namespace JpegActFpga.Offload.Budget;

/// <summary>Counts bytes against a bound. Not synchronised: the pipeline's lock guards it.</summary>
/// <param name="limit">The bound; null for none.</param>
internal sealed class MemoryBudget(long? limit)
{
    private readonly long _limit = limit ?? long.MaxValue;

    /// <summary>Gets the bytes reserved.</summary>
    internal long Used { get; private set; }

    /// <summary>Gets the most bytes that were reserved at once.</summary>
    internal long Peak { get; private set; }

    /// <summary>Reserves bytes, or none.</summary>
    /// <param name="bytes">Bytes, 0 or more.</param>
    internal bool TryReserve(long bytes)
    {
        if (bytes > _limit - Used)
        {
            return false;
        }

        Used += bytes;
        Peak = Math.Max(Peak, Used);
        return true;
    }

    /// <summary>Gives bytes back.</summary>
    /// <param name="bytes">Bytes reserved before.</param>
    internal void Release(long bytes) => Used -= bytes;

    /// <summary>Starts the peak anew.</summary>
    internal void ResetPeak() => Peak = Used;
}
