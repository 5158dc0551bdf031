namespace JpegActFpga.Offload.Stores;

/// <summary>Entries of a store's frames: a place and a length each. Slots are used again, handles are not. Safe from any thread.</summary>
/// <param name="owner">Named in errors.</param>
internal sealed class FrameTable(string owner)
{
    private readonly Lock _lock = new();
    private Entry[] _entries = [];
    private int _used;
    private int _free = -1;
    private long _held;
    private bool _closed;

    /// <summary>Gets the bytes of all frames.</summary>
    internal long HeldBytes => Interlocked.Read(ref _held);

    /// <summary>Adds a frame.</summary>
    /// <param name="place">Where it lies.</param>
    /// <param name="length">Its bytes.</param>
    /// <exception cref="ObjectDisposedException">The table is closed.</exception>
    internal FrameHandle Add(long place, long length)
    {
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_closed, owner);
            int slot = _free;
            if (slot >= 0)
            {
                _free = _entries[slot].NextFree;
            }
            else
            {
                slot = _used++;
                if (slot == _entries.Length)
                {
                    Array.Resize(ref _entries, Math.Max(64, 2 * slot));
                }
            }

            ref Entry entry = ref _entries[slot];
            entry.Place = place;
            entry.Length = length;
            entry.IsLive = true;
            _held += length;
            return new FrameHandle(slot, entry.Generation, length);
        }
    }

    /// <summary>Finds a frame.</summary>
    /// <param name="handle">The frame.</param>
    /// <returns>Where it lies.</returns>
    /// <exception cref="ObjectDisposedException">It was removed.</exception>
    internal long Find(FrameHandle handle)
    {
        lock (_lock)
        {
            return IsLive(handle)
                ? _entries[handle.Slot].Place
                : throw new ObjectDisposedException(owner, $"The frame of {handle.Length} bytes was removed from its store.");
        }
    }

    /// <summary>Removes a frame; false where it was removed before.</summary>
    /// <param name="handle">The frame.</param>
    /// <param name="place">Where it lay.</param>
    internal bool TryRemove(FrameHandle handle, out long place)
    {
        lock (_lock)
        {
            if (!IsLive(handle))
            {
                place = 0;
                return false;
            }

            ref Entry entry = ref _entries[handle.Slot];
            place = entry.Place;
            entry.IsLive = false;
            entry.Generation++;
            entry.NextFree = _free;
            _free = handle.Slot;
            _held -= handle.Length;
            return true;
        }
    }

    /// <summary>Closes the table for new frames, and gives the next frame that is still there, removed.</summary>
    /// <param name="place">Where it lay.</param>
    internal bool TryDrain(out long place)
    {
        lock (_lock)
        {
            _closed = true;
            for (int slot = 0; slot < _used; slot++)
            {
                Entry entry = _entries[slot];
                if (entry.IsLive)
                {
                    return TryRemove(new FrameHandle(slot, entry.Generation, entry.Length), out place);
                }
            }

            place = 0;
            return false;
        }
    }

    private bool IsLive(FrameHandle handle) =>
        (uint)handle.Slot < (uint)_used && _entries[handle.Slot] is { IsLive: true } entry && entry.Generation == handle.Generation;

    private struct Entry
    {
        internal long Place;
        internal long Length;
        internal uint Generation;
        internal int NextFree;
        internal bool IsLive;
    }
}
