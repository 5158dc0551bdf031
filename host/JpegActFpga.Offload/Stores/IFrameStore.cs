using JpegActFpga.Core.Memory;

namespace JpegActFpga.Offload.Stores;

/// <summary>Keeps frames between forward and backward. Implementations are safe from any thread, and allocate nothing once they held as many frames before.</summary>
public interface IFrameStore : IDisposable
{
    /// <summary>Gets what the store keeps frames in, for messages: host memory, file /path.</summary>
    string Name { get; }

    /// <summary>Gets the bytes now held, of all frames.</summary>
    long HeldBytes { get; }

    /// <summary>Copies a frame into the store.</summary>
    /// <param name="frame">The frame, 1 byte or more; the caller's memory is free again when the call returns.</param>
    /// <returns>The frame in the store, until <see cref="Remove"/>.</returns>
    /// <exception cref="FrameLostException">The store's medium is full or failed; nothing was kept.</exception>
    /// <exception cref="ObjectDisposedException">The store was disposed.</exception>
    FrameHandle Put(NativeSpan<byte> frame);

    /// <summary>Lends memory in which a frame may be made and then kept without a copy. A room that is not kept goes back.</summary>
    /// <param name="bytes">The most that the frame may need, 1 or more.</param>
    /// <param name="room">So many bytes, 64-byte aligned, until <see cref="Keep"/> or <see cref="TakeBack"/>.</param>
    /// <returns>False where the store has none to lend, now or ever: then the frame is made elsewhere, and <see cref="Put"/>.</returns>
    /// <exception cref="ObjectDisposedException">The store was disposed.</exception>
    bool TryLend(long bytes, out NativeSpan<byte> room)
    {
        room = default;
        return false;
    }

    /// <summary>Keeps the frame at the start of a room. Where the store was disposed meanwhile, the room went back.</summary>
    /// <param name="room">A room of this store.</param>
    /// <param name="bytes">Bytes of the frame, 1 or more.</param>
    /// <returns>The frame in the store, until <see cref="Remove"/>.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The room is smaller; it is still lent.</exception>
    /// <exception cref="ObjectDisposedException">The store was disposed.</exception>
    FrameHandle Keep(NativeSpan<byte> room, long bytes) => throw new NotSupportedException($"{Name} lends no rooms.");

    /// <summary>Takes a room back that holds nothing of worth.</summary>
    /// <param name="room">A room of this store.</param>
    void TakeBack(NativeSpan<byte> room) => throw new NotSupportedException($"{Name} lends no rooms.");

    /// <summary>Gives a frame's bytes.</summary>
    /// <param name="handle">A frame of this store.</param>
    /// <param name="room">At least the frame's length, 64-byte aligned; written to where the frame does not lie in host memory.</param>
    /// <returns>The frame: memory of the store's own, good until the frame is removed, or the start of <paramref name="room"/>.</returns>
    /// <exception cref="FrameLostException">The medium failed.</exception>
    /// <exception cref="ObjectDisposedException">The frame was removed, or the store disposed.</exception>
    NativeSpan<byte> Read(FrameHandle handle, NativeSpan<byte> room);

    /// <summary>Somebody may read a frame for ever: its memory is not freed, by <see cref="Remove"/> or when the store is disposed.</summary>
    /// <param name="handle">A frame of this store.</param>
    void Pin(FrameHandle handle)
    {
        // Nobody but the caller has what Read wrote to the caller's room.
    }

    /// <summary>Gives a frame's room back.</summary>
    /// <param name="handle">A frame of this store.</param>
    /// <returns>False where it was removed before: harmless.</returns>
    bool Remove(FrameHandle handle);
}

/// <summary>Names a frame in the store that gave it. A handle of a removed frame never names another one.</summary>
/// <param name="Slot">Where the store keeps its entry.</param>
/// <param name="Generation">Which user of the slot.</param>
/// <param name="Length">Bytes of the frame.</param>
public readonly record struct FrameHandle(int Slot, uint Generation, long Length);
