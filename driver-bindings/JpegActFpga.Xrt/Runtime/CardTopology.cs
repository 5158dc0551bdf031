namespace JpegActFpga.Xrt;

/// <summary>
/// Keeps calls that change what is open on the cards apart from calls that look it up. XRT 2.13 has tables of devices
/// (in its system and in its scheduler part) that it reads without a lock while another thread inserts into them.
/// Safe from any thread.
/// </summary>
/// <remarks>
/// A scope must not contain the last release of a handle: closing it would enter a second scope. Whoever enters one holds
/// a reference on the handles that it passes. Scopes are of all cards together, and a call into a driver may hang: so nobody
/// waits for one without limit, or one card would hold up all. A scope whose call was left behind counts no more: its thread
/// is in the driver, not in XRT's tables.
/// </remarks>
internal static class CardTopology
{
    /// <summary>errno of a scope that could not be entered in time: ETIMEDOUT.</summary>
    internal const int TimedOut = 110;

    private static readonly object Gate = new();
    private static readonly List<(int Thread, ScopeKind Kind)> Held = [];
    private static readonly List<int> Waiting = [];
    private static int _waitingChanges;

    internal enum ScopeKind
    {
        None,
        Use,
        Change,
    }

    /// <summary>Gets or sets how long a scope is waited for: a card takes seconds to load, and several may be loaded one after another.</summary>
    internal static TimeSpan Limit { get; set; } = TimeSpan.FromMinutes(2);

    /// <summary>Waits until nobody else is in a scope: to open a card or a kernel, or to load an image.</summary>
    /// <param name="function">What is to be called, for the message.</param>
    /// <exception cref="XrtException">It took longer than <see cref="Limit"/>.</exception>
    internal static Scope Change(string function) => TryChange(out Scope scope) ? scope : throw Refusal(function);

    /// <summary>As <see cref="Change"/>, to close what is open.</summary>
    /// <param name="scope">The scope, to be left; not entered where false is returned.</param>
    internal static bool TryChange(out Scope scope) => TryEnter(ScopeKind.Change, out scope);

    /// <summary>Waits until nobody changes anything: to allocate a buffer or to open a run.</summary>
    /// <param name="function">What is to be called, for the message.</param>
    /// <exception cref="XrtException">It took longer than <see cref="Limit"/>.</exception>
    internal static Scope Use(string function) => TryUse(out Scope scope) ? scope : throw Refusal(function);

    /// <summary>As <see cref="Use"/>, to start a run.</summary>
    /// <param name="scope">The scope, to be left; not entered where false is returned.</param>
    internal static bool TryUse(out Scope scope) => TryEnter(ScopeKind.Use, out scope);

    /// <summary>Voids the scope of a thread whose call was left behind; the thread leaves it to no effect.</summary>
    /// <param name="thread">The thread's managed id.</param>
    internal static void GiveUp(int thread) => Remove(thread);

    /// <summary>Tells whether a thread waits for a scope: then it is not in a driver, whatever it is about to call.</summary>
    /// <param name="thread">The thread's managed id.</param>
    internal static bool IsWaiting(int thread)
    {
        lock (Gate)
        {
            return Waiting.Contains(thread);
        }
    }

    private static XrtException Refusal(string function) =>
        new(function, TimedOut, "another call that opens, closes, loads or starts something on a card does not return");

    private static bool TryEnter(ScopeKind kind, out Scope scope)
    {
        int thread = Environment.CurrentManagedThreadId;
        lock (Gate)
        {
            bool entered = IsFree(kind) || WaitUntilFree(kind, thread);
            if (entered)
            {
                Held.Add((thread, kind));
            }

            scope = new Scope(entered ? thread : 0);
            return entered;
        }
    }

    // Changes are rare, and go before uses that come after them.
    private static bool IsFree(ScopeKind kind)
    {
        if (kind == ScopeKind.Change)
        {
            return Held.Count == 0;
        }

        return _waitingChanges == 0 && (Held.Count == 0 || Held[0].Kind == ScopeKind.Use);
    }

    private static bool WaitUntilFree(ScopeKind kind, int thread)
    {
        bool isChange = kind == ScopeKind.Change;
        long deadline = Environment.TickCount64 + (long)Limit.TotalMilliseconds;
        Waiting.Add(thread);
        _waitingChanges += isChange ? 1 : 0;
        try
        {
            while (!IsFree(kind))
            {
                long left = deadline - Environment.TickCount64;
                if (left <= 0)
                {
                    return false;
                }

                Monitor.Wait(Gate, (int)Math.Min(left, int.MaxValue));
            }

            return true;
        }
        finally
        {
            Waiting.Remove(thread);
            _waitingChanges -= isChange ? 1 : 0;
            Monitor.PulseAll(Gate);
        }
    }

    private static void Remove(int thread)
    {
        lock (Gate)
        {
            for (int i = 0; i < Held.Count; i++)
            {
                if (Held[i].Thread == thread)
                {
                    Held.RemoveAt(i);
                    break;
                }
            }

            if (Waiting.Count != 0)
            {
                Monitor.PulseAll(Gate);
            }
        }
    }

    /// <summary>Ends with its disposal.</summary>
    internal readonly ref struct Scope
    {
        private readonly int _thread;

        internal Scope(int thread) => _thread = thread;

        /// <summary>Leaves the scope.</summary>
        public void Dispose()
        {
            if (_thread != 0)
            {
                Remove(_thread);
            }
        }
    }
}
