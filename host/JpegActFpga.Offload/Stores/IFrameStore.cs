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

    /// <summary>Gives a frame's bytes.</summary>
    /// <param name="handle">A frame of this store.</param>
    /// <param name="room">At least the frame's length, 64-byte aligned; written to where the frame does not lie in host memory.</param>
    /// <returns>The frame: memory of the store's own, good until the frame is removed, or the start of <paramref name="room"/>.</returns>
    /// <exception cref="FrameLostException">The medium failed.</exception>
    /// <exception cref="ObjectDisposedException">The frame was removed, or the store disposed.</exception>
    NativeSpan<byte> Read(FrameHandle handle, NativeSpan<byte> room);

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
