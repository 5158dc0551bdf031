namespace JpegActFpga.Xrt;

/// <summary>
/// Watches threads that call into a card's driver, because such a call may never return, and nothing but an outsider can
/// tell. A thread only counts its calls, so watching costs next to nothing. Safe from any thread.
/// </summary>
/// <remarks>
/// Time is counted in looks at a thread, not read from a clock: where the whole process stood still (a stopped virtual
/// machine, a debugger), no call is taken for stuck because of it.
/// </remarks>
public sealed class XrtWatch : IDisposable
{
    private readonly Lock _gate = new();
    private readonly List<WatchedThread> _threads = [];
    private readonly CallLimit _limit;
    private readonly Timer _timer;
    private bool _isClosing;

    /// <summary>Initializes a new instance of the <see cref="XrtWatch"/> class.</summary>
    /// <param name="card">Index of the card whose driver is called.</param>
    /// <param name="limit">How long a call may take; 10 ms .. 1 h. It is taken for stuck after at most a quarter more.</param>
    public XrtWatch(int card, TimeSpan limit)
        : this(card, new CallLimit(limit))
    {
    }

    /// <summary>Initializes a new instance of the <see cref="XrtWatch"/> class whose limit is told otherwise.</summary>
    internal XrtWatch(int card, CallLimit limit)
    {
        Card = card;
        _limit = limit;
        _timer = new Timer(static state => ((XrtWatch)state!).Look(), this, limit.BetweenLooks, limit.BetweenLooks);
    }

    /// <summary>Gets the index of the card.</summary>
    public int Card { get; }

    /// <summary>Gets how long a call may take.</summary>
    public TimeSpan Limit => _limit.Time;

    /// <summary>Watches a thread from now on, until it ends its part (<see cref="WatchedThread.TryEnd"/>).</summary>
    /// <param name="onStuck">Called once, on a thread of the pool, when a call of the thread is left behind: does for its caller what the thread cannot do any more. It must not call into the driver.</param>
    /// <returns>What the thread tells its calls to.</returns>
    public WatchedThread Add(Action<XrtStuckException> onStuck)
    {
        ArgumentNullException.ThrowIfNull(onStuck);
        var thread = new WatchedThread(this, onStuck);
        lock (_gate)
        {
            _threads.Add(thread);
        }

        return thread;
    }

    /// <summary>Ends the watch when its last thread has ended.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            _isClosing = true;
            DisposeIfOver();
        }
    }

    internal void Remove(WatchedThread thread)
    {
        lock (_gate)
        {
            _threads.Remove(thread);
            DisposeIfOver();
        }
    }

    private void DisposeIfOver()
    {
        if (_isClosing && _threads.Count == 0)
        {
            _timer.Dispose();
        }
    }

    // A look that is late does not come twice: the timer skips what it has missed.
    private void Look()
    {
        List<(WatchedThread Thread, long Call)>? stuck = null;
        lock (_gate)
        {
            foreach (WatchedThread thread in _threads)
            {
                if (thread.LookIsStuck(_limit, out long call))
                {
                    (stuck ??= []).Add((thread, call));
                }
            }
        }

        stuck?.ForEach(static it => it.Thread.LeaveBehind(it.Call));
    }
}
