namespace JpegActFpga.Xrt;

/// <summary>
/// Devices that nobody uses but that stay open, to be used again in place of being opened again. XRT 2.13 never lets go of
/// the monitor thread and the tables that it makes for each device object on which a kernel is opened (kds.cpp,
/// xrt_kernel.cpp): a process that closes and opens a card again and again, for a week, would fill with them.
/// Safe from any thread.
/// </summary>
internal static class KeptDevices
{
    private static readonly Lock Gate = new();
    private static readonly List<(int Index, nint Native)> Idle = [];
    private static bool _isOver;

    /// <summary>Gets the number of devices that are open though nobody uses them.</summary>
    internal static int Count
    {
        get
        {
            lock (Gate)
            {
                return Idle.Count;
            }
        }
    }

    /// <summary>Takes a device over, on which nothing is open any more.</summary>
    /// <returns>False where the process ends: it is to be closed.</returns>
    internal static bool TryKeep(int index, nint native)
    {
        lock (Gate)
        {
            if (_isOver)
            {
                return false;
            }

            Idle.Add((index, native));
            return true;
        }
    }

    /// <summary>
    /// Gives a device of a card to the caller, the one kept for longest; 0 where there is none. So each has its turn, and one
    /// whose card has gone is found: below others it would hold on to what is left of that card for ever.
    /// </summary>
    internal static nint Take(int index)
    {
        lock (Gate)
        {
            int at = Idle.FindIndex(kept => kept.Index == index);
            if (at < 0)
            {
                return 0;
            }

            nint native = Idle[at].Native;
            Idle.RemoveAt(at);
            return native;
        }
    }

    /// <summary>Closes all, and keeps none from now on: the process ends.</summary>
    internal static void CloseAll()
    {
        List<(int Index, nint Native)> kept;
        lock (Gate)
        {
            _isOver = true;
            kept = [.. Idle];
            Idle.Clear();
        }

        foreach ((int _, nint native) in kept)
        {
            if (!CardTopology.TryChange(out CardTopology.Scope scope))
            {
                // It stays open: the process ends without XRT's destructors where a call hangs.
                return;
            }

            using (scope)
            {
                // The process ends: a refusal has no one to go to, and nothing hangs on it.
                _ = Interop.Xrt.DeviceClose(native);
            }
        }
    }
}
