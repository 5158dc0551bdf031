using System.Threading.RateLimiting;

namespace JpegActFpga.Offload.Resilience;

/// <summary>
/// The places of calls at one device, for Polly's rate limiter strategy. The framework's own ConcurrencyLimiter allocates a
/// lease a call; here one lease stands for every place, and the count tells how busy the device is.
/// </summary>
/// <param name="places">Calls that may be there at once.</param>
internal sealed class CardSlots(int places) : RateLimitLease
{
    private static readonly RateLimitLease Full = new Refusal();
    private int _taken;

    /// <summary>Gets the number of calls there now.</summary>
    internal int Taken => Volatile.Read(ref _taken);

    /// <inheritdoc/>
    public override bool IsAcquired => true;

    /// <inheritdoc/>
    public override IEnumerable<string> MetadataNames => [];

    /// <summary>Takes a place; disposing the lease gives it back.</summary>
    internal ValueTask<RateLimitLease> Take()
    {
        if (Interlocked.Increment(ref _taken) <= places)
        {
            return new ValueTask<RateLimitLease>(this);
        }

        Interlocked.Decrement(ref _taken);
        return new ValueTask<RateLimitLease>(Full);
    }

    /// <inheritdoc/>
    public override bool TryGetMetadata(string metadataName, out object? metadata)
    {
        metadata = null;
        return false;
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        Interlocked.Decrement(ref _taken);
        base.Dispose(disposing);
    }

    private sealed class Refusal : RateLimitLease
    {
        /// <inheritdoc/>
        public override bool IsAcquired => false;

        /// <inheritdoc/>
        public override IEnumerable<string> MetadataNames => [];

        /// <inheritdoc/>
        public override bool TryGetMetadata(string metadataName, out object? metadata)
        {
            metadata = null;
            return false;
        }
    }
}
