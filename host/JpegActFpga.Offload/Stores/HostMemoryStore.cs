using System.Runtime.InteropServices;
using JpegActFpga.Core.Memory;

namespace JpegActFpga.Offload.Stores;

/// <summary>Keeps frames in host memory, each in an allocation of its own size. Safe from any thread.</summary>
/// <remarks>
/// Each frame is malloc's: a pool of size classes measured no faster (a microsecond a frame), and would keep memory that is
/// needed for something else between one step's backward pass and the next one's forward pass. A frame that is made in
/// memory of the store stays there: what it does not need is given back behind it.
/// </remarks>
public sealed unsafe partial class HostMemoryStore : IFrameStore
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
        byte* memory = Allocate(frame.Length);
        frame.CopyTo(new NativeSpan<byte>(memory, frame.Length));
        return Add(memory, frame.Length);
    }

    /// <inheritdoc/>
    public NativeSpan<byte> Read(FrameHandle handle, NativeSpan<byte> room) => new((byte*)_frames.Find(handle), handle.Length);

    /// <inheritdoc/>
    public bool Remove(FrameHandle handle)
    {
        bool removed = _frames.TryRemove(handle, out long place);
        if (removed)
        {
            free((void*)place);
        }

        return removed;
    }

    /// <summary>Frees every frame. Reading one while this is called is the caller's error.</summary>
    public void Dispose()
    {
        while (_frames.TryDrain(out long place))
        {
            free((void*)place);
        }
    }

    /// <summary>Gives memory for a frame in the making, for <see cref="Keep"/> or <see cref="GiveUp"/>; it counts in neither until kept.</summary>
    /// <param name="bytes">The most that the frame may have, 1 or more.</param>
    /// <exception cref="OutOfMemoryException">The system has no memory.</exception>
    internal static NativeSpan<byte> Reserve(long bytes) => new(Allocate(bytes), bytes);

    /// <summary>Keeps the frame at the start of reserved memory, which is the store's from now on, even where this throws.</summary>
    /// <param name="reserved">From <see cref="Reserve"/>.</param>
    /// <param name="length">Bytes of the frame, 1 .. those reserved.</param>
    /// <exception cref="ObjectDisposedException">The store was disposed.</exception>
    internal FrameHandle Keep(NativeSpan<byte> reserved, long length)
    {
        // A smaller block stays where it is, in every allocator that we know; nothing promises that, and it may as well fail.
        void* shrunk = realloc(reserved.Pointer, Whole(length));
        byte* memory = shrunk == null ? reserved.Pointer : (byte*)shrunk;
        if ((nuint)memory % NativeBuffer.LineBytes == 0)
        {
            return Add(memory, length);
        }

        try
        {
            return Put(new NativeSpan<byte>(memory, length));
        }
        finally
        {
            free(memory);
        }
    }

    /// <summary>Frees reserved memory.</summary>
    /// <param name="reserved">From <see cref="Reserve"/>.</param>
    internal static void GiveUp(NativeSpan<byte> reserved) => free(reserved.Pointer);

    private static nuint Whole(long bytes) => ((nuint)bytes + NativeBuffer.LineBytes - 1) / NativeBuffer.LineBytes * NativeBuffer.LineBytes;

    private static byte* Allocate(long bytes)
    {
        void* memory = aligned_alloc(NativeBuffer.LineBytes, Whole(bytes));
#pragma warning disable CA2201 // What .NET's own allocators throw.
        return memory == null ? throw new OutOfMemoryException($"The system has no {bytes} bytes for a frame.") : (byte*)memory;
#pragma warning restore CA2201
    }

    private FrameHandle Add(byte* memory, long length)
    {
        try
        {
            return _frames.Add((nint)memory, length);
        }
        catch
        {
            free(memory);
            throw;
        }
    }

    // The C library's own, which allow what .NET's wrappers do not promise: to make an aligned block smaller.
    [LibraryImport("libc")]
    private static partial void* aligned_alloc(nuint alignment, nuint bytes);

    [LibraryImport("libc")]
    private static partial void* realloc(void* memory, nuint bytes);

    [LibraryImport("libc")]
    private static partial void free(void* memory);
}
