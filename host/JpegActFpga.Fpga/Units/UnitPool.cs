using JpegActFpga.Core.Backends;

namespace JpegActFpga.Fpga.Units;

/// <summary>Lends compute units, first come first served; units that hung are never lent again. Safe from any thread.</summary>
/// <typeparam name="TUnit">Kind of unit.</typeparam>
internal sealed class UnitPool<TUnit>
    where TUnit : class, IDisposable
{
    private readonly Lock _lock = new();
    private readonly Queue<TUnit> _idle;
    private readonly Queue<TaskCompletionSource<TUnit>> _waiting = [];
    private readonly string _what;
    private int _live;
    private bool _closed;

    internal UnitPool(string what, IReadOnlyList<TUnit> units)
    {
        _what = what;
        _idle = new Queue<TUnit>(units);
        _live = units.Count;
    }

    /// <summary>Gets how many units still work.</summary>
    internal int Live
    {
        get
        {
            lock (_lock)
            {
                return _live;
            }
        }
    }

    /// <summary>Waits for an idle unit.</summary>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="BackendException">No unit works any more.</exception>
    internal async ValueTask<TUnit> RentAsync(CancellationToken cancellationToken)
    {
        TaskCompletionSource<TUnit> wait;
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_closed, this);
            if (_live == 0)
            {
                throw NoneLeft();
            }

            if (_idle.TryDequeue(out TUnit? unit))
            {
                return unit;
            }

            wait = new TaskCompletionSource<TUnit>(TaskCreationOptions.RunContinuationsAsynchronously);
            _waiting.Enqueue(wait);
        }

        // A cancelled wait stays in the queue; Return passes it by, because it can no longer be given a unit.
        using (cancellationToken.UnsafeRegister(static (state, token) => ((TaskCompletionSource<TUnit>)state!).TrySetCanceled(token), wait))
        {
            return await wait.Task.ConfigureAwait(false);
        }
    }

    /// <summary>Gives a working unit back.</summary>
    /// <param name="unit">A rented unit.</param>
    internal void Return(TUnit unit)
    {
        lock (_lock)
        {
            if (!_closed)
            {
                while (_waiting.TryDequeue(out TaskCompletionSource<TUnit>? next))
                {
                    if (next.TrySetResult(unit))
                    {
                        return;
                    }
                }

                _idle.Enqueue(unit);
                return;
            }
        }

        unit.Dispose();
    }

    /// <summary>Takes a unit out of service for good.</summary>
    internal void Retire()
    {
        lock (_lock)
        {
            if (--_live == 0)
            {
                while (_waiting.TryDequeue(out TaskCompletionSource<TUnit>? next))
                {
                    next.TrySetException(NoneLeft());
                }
            }
        }
    }

    /// <summary>Disposes the idle units now and rented ones when they come back.</summary>
    internal void Close()
    {
        List<TUnit> idle;
        lock (_lock)
        {
            _closed = true;
            idle = [.. _idle];
            _idle.Clear();
            while (_waiting.TryDequeue(out TaskCompletionSource<TUnit>? next))
            {
                next.TrySetException(new ObjectDisposedException(nameof(FpgaBackend)));
            }
        }

        foreach (TUnit unit in idle)
        {
            unit.Dispose();
        }
    }

    private BackendException NoneLeft() => new(BackendFailure.DeviceLost, $"No {_what} compute unit works any more: all hung or were lost. Reset the card and open it again.");
}
