namespace JpegActFpga.Xrt;

/// <summary>
/// Keeps calls that change what is open on the cards apart from calls that look it up. XRT 2.13 has tables of devices
/// (in its system and in its scheduler part) that it reads without a lock while another thread inserts into them.
/// Safe from any thread.
/// </summary>
/// <remarks>
/// A scope must not contain the last release of a handle: closing it would enter a second scope. Whoever enters one holds
/// a reference on the handles that it passes.
/// </remarks>
internal static class CardTopology
{
    private static readonly ReaderWriterLockSlim Gate = new(LockRecursionPolicy.NoRecursion);

    /// <summary>Waits until nobody else is in a scope: to open or close a card or a kernel, or to load an image.</summary>
    internal static Scope Change()
    {
        Gate.EnterWriteLock();
        return new Scope(isChange: true);
    }

    /// <summary>Waits until nobody changes anything: to allocate a buffer, to open or to start a run.</summary>
    internal static Scope Use()
    {
        Gate.EnterReadLock();
        return new Scope(isChange: false);
    }

    /// <summary>Ends with its disposal.</summary>
    internal readonly ref struct Scope(bool isChange)
    {
        /// <summary>Leaves the scope.</summary>
        public void Dispose()
        {
            if (isChange)
            {
                Gate.ExitWriteLock();
            }
            else
            {
                Gate.ExitReadLock();
            }
        }
    }
}
