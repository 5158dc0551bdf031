using System.Runtime.InteropServices;

namespace JpegActFpga.Xrt;

/// <summary>Every open native object, so that none is left at process exit. Safe from any thread, finaliser included.</summary>
internal static class HandleRegistry
{
    private static readonly Lock Gate = new();

    // Weak, so that dropped objects are still finalised; tracking resurrection, so that an object whose finaliser has not
    // run yet is still found at exit.
    private static readonly Dictionary<long, GCHandle> Live = [];

    // Strong: what the card may still write to must not reach its finaliser.
    private static readonly List<SafeXrtHandle> Leaked = [];
    private static long _lastTicket;

    /// <summary>Gets the number of objects that are open and will be freed.</summary>
    internal static int LiveCount
    {
        get
        {
            lock (Gate)
            {
                return Live.Count;
            }
        }
    }

    /// <summary>Gets the number of objects that were given up.</summary>
    internal static int LeakedCount
    {
        get
        {
            lock (Gate)
            {
                return Leaked.Count;
            }
        }
    }

    /// <summary>Registers an object.</summary>
    /// <returns>Its ticket, never 0.</returns>
    internal static long Add(SafeXrtHandle handle)
    {
        lock (Gate)
        {
            long ticket = ++_lastTicket;
            Live.Add(ticket, GCHandle.Alloc(handle, GCHandleType.WeakTrackResurrection));
            return ticket;
        }
    }

    /// <summary>Forgets an object that was freed.</summary>
    internal static void Remove(long ticket)
    {
        lock (Gate)
        {
            if (Live.Remove(ticket, out GCHandle weak))
            {
                weak.Free();
            }
        }
    }

    /// <summary>Counts an object as given up and keeps it for ever.</summary>
    /// <returns>False where it is not open any more.</returns>
    internal static bool TryMoveToLeaked(SafeXrtHandle handle, long ticket)
    {
        lock (Gate)
        {
            if (!Live.Remove(ticket, out GCHandle weak))
            {
                return false;
            }

            weak.Free();
            Leaked.Add(handle);
            return true;
        }
    }

    /// <summary>Counts an object as open again that was given up.</summary>
    /// <returns>False where it was not.</returns>
    internal static bool TryTakeFromLeaked(SafeXrtHandle handle, out long ticket)
    {
        lock (Gate)
        {
            if (!Leaked.Remove(handle))
            {
                ticket = 0;
                return false;
            }

            ticket = ++_lastTicket;
            Live.Add(ticket, GCHandle.Alloc(handle, GCHandleType.WeakTrackResurrection));
            return true;
        }
    }

    /// <summary>Lists the runs that were given up.</summary>
    internal static List<SafeXrtRunHandle> LeakedRuns()
    {
        lock (Gate)
        {
            return [.. Leaked.OfType<SafeXrtRunHandle>()];
        }
    }

    /// <summary>Lists the open objects, children before parents.</summary>
    internal static List<SafeXrtHandle> SnapshotInClosingOrder()
    {
        List<SafeXrtHandle> handles = [];
        lock (Gate)
        {
            foreach (GCHandle weak in Live.Values)
            {
                if (weak.Target is SafeXrtHandle handle)
                {
                    handles.Add(handle);
                }
            }
        }

        handles.Sort(static (a, b) => a.Kind.CompareTo(b.Kind));
        return handles;
    }
}
