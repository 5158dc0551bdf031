using System.Diagnostics;

namespace JpegActFpga.Xrt;

/// <summary>
/// One background thread that watches the runs somebody awaits and those disposed of in flight. It sleeps without a
/// wake-up where there are none. Safe from any thread.
/// </summary>
/// <remarks>
/// XRT 2.13 has two ways of its own to learn of a completion, and neither can be trusted with a card that hangs. A wait
/// holds one mutex per device while it is in the driver, other waits sit behind it, and its time-out only counts while the
/// whole device is silent. A callback makes XRT's monitor thread track the run: that thread then holds the same mutex
/// without a limit of time, is joined at process exit (which never ends if a compute unit hangs), and after a failed
/// submission may drop another run from its list or keep a pointer to a freed one. Reading the run's state touches none
/// of this: it is one load from the command packet, which the driver writes, and costs 0.1 microseconds.
/// </remarks>
internal static class CompletionPoller
{
    private static readonly Lock Gate = new();
    private static readonly List<RunWaiter> Waiters = [];
    private static readonly List<SafeXrtRunHandle> Orphans = [];
    private static readonly AutoResetEvent Work = new(initialState: false);
    private static Thread? _thread;
    private static bool _isStopped;
    private static long _lastOrphanAt;

    /// <summary>Gets the number of runs that were disposed of in flight and are not freed yet.</summary>
    internal static int OrphanCount
    {
        get
        {
            lock (Gate)
            {
                return Orphans.Count;
            }
        }
    }

    /// <summary>Watches a run until it ends, its time is up, or its wait is cancelled.</summary>
    internal static void Add(RunWaiter waiter)
    {
        lock (Gate)
        {
            Waiters.Add(waiter);
            EnsureThread();
        }

        _ = Work.Set();
    }

    /// <summary>Takes over a run that was disposed of in flight, and frees it when the card is done with it.</summary>
    internal static void AdoptOrphan(SafeXrtRunHandle run)
    {
        lock (Gate)
        {
            Orphans.Add(run);
            _lastOrphanAt = Stopwatch.GetTimestamp();
            EnsureThread();
        }

        _ = Work.Set();
    }

    /// <summary>Ends the thread, for good; for process exit.</summary>
    internal static void Stop(long deadline)
    {
        Thread? thread;
        lock (Gate)
        {
            _isStopped = true;
            thread = _thread;
        }

        _ = Work.Set();
        TimeSpan left = Stopwatch.GetElapsedTime(Stopwatch.GetTimestamp(), deadline);
        _ = thread?.Join(left < TimeSpan.FromMilliseconds(100) ? TimeSpan.FromMilliseconds(100) : left);
    }

    private static void EnsureThread()
    {
        if (_thread is null && !_isStopped)
        {
            _thread = new Thread(Watch) { IsBackground = true, Name = "XRT completion" };
            _thread.Start();
        }
    }

    private static void Watch()
    {
        while (true)
        {
            long youngest;
            bool isIdle;
            lock (Gate)
            {
                if (_isStopped)
                {
                    return;
                }

                youngest = Look();
                isIdle = Waiters.Count == 0 && Orphans.Count == 0;
            }

            if (isIdle)
            {
                _ = Work.WaitOne();
            }
            else
            {
                PollingPace.PauseFor(youngest, long.MaxValue);
            }
        }
    }

    // Under the lock: a look is short, and a waiter's continuation runs elsewhere.
    private static long Look()
    {
        long youngest = _lastOrphanAt;
        long now = Stopwatch.GetTimestamp();
        for (int i = Waiters.Count - 1; i >= 0; i--)
        {
            RunWaiter waiter = Waiters[i];
            if (waiter.TryFinish(now))
            {
                Waiters[i] = Waiters[^1];
                Waiters.RemoveAt(Waiters.Count - 1);
            }
            else
            {
                youngest = Math.Max(youngest, waiter.StartedAt);
            }
        }

        for (int i = Orphans.Count - 1; i >= 0; i--)
        {
            if (Orphans[i].TryCloseOrphan())
            {
                Orphans.RemoveAt(i);
            }
        }

        return youngest;
    }
}
