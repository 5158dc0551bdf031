namespace JpegActFpga.Fpga.Calls;

/// <summary>Keeps the objects of calls that are over for the next ones. Safe from any thread.</summary>
/// <typeparam name="TCall">Kind of call.</typeparam>
internal sealed class CallPool<TCall> : IDisposable
    where TCall : class
{
    private readonly Lock _gate = new();
    private readonly Stack<TCall> _idle = [];
    private readonly Func<CallPool<TCall>, TCall> _make;

    /// <summary>Initializes a new instance of the <see cref="CallPool{TCall}"/> class.</summary>
    /// <param name="make">Makes an object that returns to the pool.</param>
    internal CallPool(Func<CallPool<TCall>, TCall> make) => _make = make;

    /// <summary>Gives an object that nobody uses.</summary>
    internal TCall Take()
    {
        lock (_gate)
        {
            if (_idle.TryPop(out TCall? call))
            {
                return call;
            }
        }

        return _make(this);
    }

    /// <summary>Disposes of the objects that nobody uses; those that come back later are left to the garbage collector.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            while (_idle.TryPop(out TCall? call))
            {
                (call as IDisposable)?.Dispose();
            }
        }
    }

    /// <summary>Takes an object back.</summary>
    /// <param name="call">The object.</param>
    internal void Return(TCall call)
    {
        lock (_gate)
        {
            _idle.Push(call);
        }
    }
}
