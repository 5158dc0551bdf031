using JpegActFpga.Core.Memory;

namespace JpegActFpga.Offload.Stores;

/// <summary>Keeps frames in host memory. Safe from any thread.</summary>
/// <remarks>
/// Frames lie one behind the other in memory of the store's own, which stays with it from one step to the next. Of malloc's
/// heap, a frame that is made where it stays would leave a hole behind itself each time: a training's peak rose by a third.
/// </remarks>
public sealed unsafe class HostMemoryStore : IFrameStore
{
    private readonly FrameTable _frames = new(nameof(HostMemoryStore));
    private readonly FrameArena _arena = new();
    private int _lent;

    /// <summary>
    /// Gets the bytes that all stores of this process keep from others: frames, rooms that are lent, and the gaps between them.
    /// They are not malloc's.
    /// </summary>
    public static long OccupiedBytes => FrameArena.OccupiedBytes;

    /// <inheritdoc/>
    public string Name => "host memory";

    /// <inheritdoc/>
    public long HeldBytes => _frames.HeldBytes;

    /// <inheritdoc/>
    /// <exception cref="OutOfMemoryException">The system has no memory.</exception>
    public FrameHandle Put(NativeSpan<byte> frame)
    {
        NativeSpan<byte> place = _arena.Take(frame.Length);
        frame.CopyTo(place);
        return Add(place.Address, frame.Length);
    }

    /// <inheritdoc/>
    /// <remarks>One at a time: what a frame leaves of its room would be a gap before the next one's.</remarks>
    /// <exception cref="OutOfMemoryException">The system has no memory.</exception>
    public bool TryLend(long bytes, out NativeSpan<byte> room)
    {
        room = default;
        if (Interlocked.CompareExchange(ref _lent, 1, 0) != 0)
        {
            return false;
        }

        try
        {
            room = _arena.Take(bytes);
            return true;
        }
        catch
        {
            Volatile.Write(ref _lent, 0);
            throw;
        }
    }

    /// <inheritdoc/>
    public FrameHandle Keep(NativeSpan<byte> room, long bytes)
    {
        _arena.Shrink(room.Address, bytes);
        Volatile.Write(ref _lent, 0);
        return Add(room.Address, bytes);
    }

    /// <inheritdoc/>
    public void TakeBack(NativeSpan<byte> room)
    {
        _arena.Give(room.Address);
        Volatile.Write(ref _lent, 0);
    }

    /// <inheritdoc/>
    public NativeSpan<byte> Read(FrameHandle handle, NativeSpan<byte> room) => new((byte*)_frames.Find(handle), handle.Length);

    /// <inheritdoc/>
    public void Pin(FrameHandle handle) => _arena.Pin((nint)_frames.Find(handle));

    /// <inheritdoc/>
    public bool Remove(FrameHandle handle)
    {
        bool removed = _frames.TryRemove(handle, out long place);
        if (removed)
        {
            _arena.Give((nint)place);
        }

        return removed;
    }

    /// <summary>Frees every frame but pinned ones. Reading one while this is called is the caller's error. Rooms on loan stay until they come back.</summary>
    public void Dispose()
    {
        while (_frames.TryDrain(out long place))
        {
            _arena.Give((nint)place);
        }

        _arena.Dispose();
    }

    private FrameHandle Add(nint place, long bytes)
    {
        try
        {
            return _frames.Add(place, bytes);
        }
        catch
        {
            _arena.Give(place);
            throw;
        }
    }
}
