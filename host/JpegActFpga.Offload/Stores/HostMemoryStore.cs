using System.Runtime.InteropServices;
using JpegActFpga.Core.Memory;

namespace JpegActFpga.Offload.Stores;

/// <summary>Keeps frames in host memory, each in an allocation of its own size. Safe from any thread.</summary>
/// <remarks>
/// Each frame is malloc's: a pool of size classes measured no faster (a microsecond a frame), and would keep memory that is
/// needed for something else between one step's backward pass and the next one's forward pass.
/// </remarks>
public sealed unsafe class HostMemoryStore : IFrameStore
{
    private readonly FrameTable _frames = new(nameof(HostMemoryStore));

    /// <inheritdoc/>
    public string Name => "host memory";

    /// <inheritdoc/>
    public long HeldBytes => _frames.HeldBytes;

    /// <inheritdoc/>
    /// <exception cref="OutOfMemoryException">The system has no memory.</exception>
    public FrameHandle Put(NativeSpan<byte> frame)
    {
        nuint whole = ((nuint)frame.Length + NativeBuffer.LineBytes - 1) / NativeBuffer.LineBytes * NativeBuffer.LineBytes;
        void* memory = NativeMemory.AlignedAlloc(whole, NativeBuffer.LineBytes);
        try
        {
            frame.CopyTo(new NativeSpan<byte>((byte*)memory, frame.Length));
            return _frames.Add((nint)memory, frame.Length);
        }
        catch
        {
            NativeMemory.AlignedFree(memory);
            throw;
        }
    }

    /// <inheritdoc/>
    public NativeSpan<byte> Read(FrameHandle handle, NativeSpan<byte> room) => new((byte*)_frames.Find(handle), handle.Length);

    /// <inheritdoc/>
    public bool Remove(FrameHandle handle)
    {
        bool removed = _frames.TryRemove(handle, out long place);
        if (removed)
        {
            NativeMemory.AlignedFree((void*)place);
        }

        return removed;
    }

    /// <summary>Frees every frame. Reading one while this is called is the caller's error.</summary>
    public void Dispose()
    {
        while (_frames.TryDrain(out long place))
        {
            NativeMemory.AlignedFree((void*)place);
        }
    }
}
