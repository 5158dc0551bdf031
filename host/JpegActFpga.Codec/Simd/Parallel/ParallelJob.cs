using System.Runtime.ExceptionServices;

namespace JpegActFpga.Codec.Simd.Parallel;

/// <summary>Work in numbered units that any number of threads take in rising order. Reused from call to call.</summary>
internal abstract class ParallelJob
{
    private CancellationToken _cancellation;
    private ExceptionDispatchInfo? _error;
    private long _next;
    private volatile bool _stopped;

    /// <summary>Gets the number of units.</summary>
    internal long Units { get; private set; }

    /// <summary>Gets a value indicating whether a unit failed or the call was cancelled: nobody should wait for another unit.</summary>
    protected bool Stopped => _stopped;

    /// <summary>Takes units until there are none, and remembers the first error.</summary>
    /// <param name="scratch">The calling thread's scratch memory.</param>
    internal void Work(CodecScratch scratch)
    {
        try
        {
            while (!_stopped)
            {
                long unit = Interlocked.Increment(ref _next) - 1;
                if (unit >= Units)
                {
                    return;
                }

                _cancellation.ThrowIfCancellationRequested();
                RunUnit(unit, scratch);
            }
        }
#pragma warning disable CA1031 // Rethrown on the caller's thread.
        catch (Exception error)
#pragma warning restore CA1031
        {
            Interlocked.CompareExchange(ref _error, ExceptionDispatchInfo.Capture(error), null);
            _stopped = true;
        }
    }

    /// <summary>Throws what stopped the work, if something did. To be called when no thread works on it any more.</summary>
    internal void ThrowIfStopped()
    {
        ExceptionDispatchInfo? error = _error;
        _error = null;
        error?.Throw();
    }

    /// <summary>Prepares the next run.</summary>
    /// <param name="units">Number of units.</param>
    /// <param name="cancellation">Looked at before each unit.</param>
    protected void Reset(long units, CancellationToken cancellation)
    {
        Units = units;
        _cancellation = cancellation;
        _error = null;
        _next = 0;
        _stopped = false;
    }

    /// <summary>Does one unit.</summary>
    /// <param name="unit">0 .. Units - 1.</param>
    /// <param name="scratch">The calling thread's scratch memory.</param>
    protected abstract void RunUnit(long unit, CodecScratch scratch);
}
