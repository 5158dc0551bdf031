namespace JpegActFpga.Xrt;

/// <summary>
/// A thread's calls into a driver, for an <see cref="XrtWatch"/>. The thread itself calls <see cref="Enter"/>,
/// <see cref="Leave"/> and <see cref="TryEnd"/>, before and after each call; the rest is safe from any thread.
/// </summary>
public sealed class WatchedThread
{
    private const long LeftBehind = -1;

    private readonly Lock _gate = new();
    private readonly XrtWatch _watch;
    private readonly Action<XrtStuckException> _onStuck;

    // Counts up at each end of a call: odd inside of one. The watch sets it to LeftBehind, inside of a call only.
    private long _count;
    private string _function = string.Empty;
    private int _thread;
    private long _seen;
    private int _looks;
    private StuckCall? _stuck;
    private XrtStuckException? _error;

    internal WatchedThread(XrtWatch watch, Action<XrtStuckException> onStuck)
    {
        _watch = watch;
        _onStuck = onStuck;
    }

    /// <summary>Gets a value indicating whether a call of the thread was left behind; from then on nobody waits for what the thread does.</summary>
    public bool IsLeftBehind => Volatile.Read(ref _count) == LeftBehind;

    /// <summary>The thread is about to call into the driver. Calls do not nest.</summary>
    /// <param name="function">What it calls, as XRT names it.</param>
    /// <returns>To be disposed of when the call has returned or thrown: that is <see cref="Leave"/>.</returns>
    public Scope Enter(string function)
    {
        if (_count != LeftBehind)
        {
            _function = function;
            _thread = Environment.CurrentManagedThreadId;
            Volatile.Write(ref _count, _count + 1);
        }

        return new Scope(this);
    }

    /// <summary>The call has returned.</summary>
    /// <returns>False where it, or one before it, was left behind: what it was made for has been ended without it.</returns>
    public bool TryLeave()
    {
        long count = _count;
        if (count != LeftBehind && Interlocked.CompareExchange(ref _count, count + 1, count) == count)
        {
            return true;
        }

        // What is done in its stead is done, when this is entered.
        lock (_gate)
        {
            return false;
        }
    }

    /// <summary>The call has returned.</summary>
    /// <exception cref="XrtStuckException">It, or one before it, was left behind: the thread is to let go of what it has, and to end.</exception>
    public void Leave()
    {
        if (!TryLeave())
        {
            throw _error!;
        }
    }

    /// <summary>Ends what the thread was at, where a call of it was left behind.</summary>
    /// <exception cref="XrtStuckException">It was.</exception>
    public void ThrowIfLeftBehind()
    {
        if (IsLeftBehind)
        {
            Leave();
        }
    }

    /// <summary>The thread makes no more calls.</summary>
    /// <returns>False where a call of it was left behind: <see cref="Returned"/> is to be called when nothing is left to be done on the card.</returns>
    public bool TryEnd()
    {
        _watch.Remove(this);
        return !IsLeftBehind;
    }

    /// <summary>What was left behind has returned, and all that its thread had is closed: the card may be opened again.</summary>
    public void Returned()
    {
        if (_stuck is { } stuck)
        {
            StuckCalls.Remove(stuck);
        }
    }

    // Under the watch's lock.
    internal bool LookIsStuck(CallLimit limit, out long count)
    {
        count = Volatile.Read(ref _count);
        if ((count & 1) == 0 || count == LeftBehind)
        {
            (_seen, _looks) = (count, 0);
            return false;
        }

        _looks = count == _seen ? _looks + 1 : 0;
        _seen = count;
        return limit.IsReached(ref _looks, _thread);
    }

    internal void LeaveBehind(long call)
    {
        lock (_gate)
        {
            if (call == LeftBehind || Interlocked.CompareExchange(ref _count, LeftBehind, call) != call)
            {
                // It has returned in this moment.
                return;
            }

            _error = XrtStuckException.After(_function, _watch.Card, _watch.Limit);
            _stuck = StuckCalls.Add(_watch.Card, _function, _thread);
            _onStuck(_error);
        }
    }

    /// <summary>A call into the driver; ends with its disposal.</summary>
    public readonly ref struct Scope
    {
        private readonly WatchedThread _thread;

        internal Scope(WatchedThread thread) => _thread = thread;

        /// <summary>The call has returned, well or not.</summary>
        /// <exception cref="XrtStuckException">It was left behind, see <see cref="WatchedThread.Leave"/>.</exception>
        public void Dispose() => _thread.Leave();
    }
}
