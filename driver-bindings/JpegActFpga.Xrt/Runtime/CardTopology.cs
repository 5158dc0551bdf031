namespace JpegActFpga.Xrt;

/// <summary>
/// Keeps calls that change what is open on the cards apart from calls that look it up. XRT 2.13 has tables of devices
/// (in its system and in its scheduler part) that it reads without a lock while another thread inserts into them.
/// Safe from any thread.
/// </summary>
/// <remarks>
/// A scope must not contain the last release of a handle: closing it would enter a second scope. Whoever enters one holds
/// a reference on the handles that it passes. Scopes are of all cards together, and a call into a driver may hang: so nobody
/// waits for one without limit, or one card would hold up all.
/// </remarks>
internal static class CardTopology
{
    /// <summary>errno of a scope that could not be entered in time: ETIMEDOUT.</summary>
    internal const int TimedOut = 110;

    private static readonly ReaderWriterLockSlim Gate = new(LockRecursionPolicy.NoRecursion);

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
    internal static bool TryChange(out Scope scope)
    {
        bool entered = Gate.TryEnterWriteLock(Limit);
        scope = new Scope(entered ? ScopeKind.Change : ScopeKind.None);
        return entered;
    }

    /// <summary>Waits until nobody changes anything: to allocate a buffer or to open a run.</summary>
    /// <param name="function">What is to be called, for the message.</param>
    /// <exception cref="XrtException">It took longer than <see cref="Limit"/>.</exception>
    internal static Scope Use(string function) => TryUse(out Scope scope) ? scope : throw Refusal(function);

    /// <summary>As <see cref="Use"/>, to start a run.</summary>
    /// <param name="scope">The scope, to be left; not entered where false is returned.</param>
    internal static bool TryUse(out Scope scope)
    {
        bool entered = Gate.TryEnterReadLock(Limit);
        scope = new Scope(entered ? ScopeKind.Use : ScopeKind.None);
        return entered;
    }

    private static XrtException Refusal(string function) =>
        new(function, TimedOut, "another call that opens, closes, loads or starts something on a card does not return");

    /// <summary>Ends with its disposal.</summary>
    internal readonly ref struct Scope
    {
        private readonly ScopeKind _kind;

        internal Scope(ScopeKind kind) => _kind = kind;

        /// <summary>Leaves the scope.</summary>
        public void Dispose()
        {
            if (_kind == ScopeKind.Change)
            {
                Gate.ExitWriteLock();
            }
            else if (_kind == ScopeKind.Use)
            {
                Gate.ExitReadLock();
            }
        }
    }
}
