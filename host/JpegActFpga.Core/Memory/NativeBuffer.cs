using System.Runtime.InteropServices;

namespace JpegActFpga.Core.Memory;

/// <summary>Owns page-aligned unmanaged memory, so that a driver can pin it and no tail shares a page with foreign data.</summary>
/// <remarks>Thread-safe as far as reading <see cref="Bytes"/>; disposing while someone uses the memory is the owner's error.</remarks>
public sealed unsafe class NativeBuffer : IDisposable
{
    /// <summary>Alignment and granularity of the memory in bytes: XRT's user-pointer buffers need 4 KiB.</summary>
    public const int PageBytes = 4096;

    private byte* _memory;

    /// <summary>Initializes a new instance of the <see cref="NativeBuffer"/> class. The memory is not cleared.</summary>
    /// <param name="byteCount">Usable bytes, 0 or more.</param>
    /// <exception cref="ArgumentOutOfRangeException">The count is negative.</exception>
    /// <exception cref="OutOfMemoryException">The system has no such amount.</exception>
    public NativeBuffer(long byteCount)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(byteCount);
        long whole = checked(Math.Max(1, byteCount) + PageBytes - 1) / PageBytes * PageBytes;
        _memory = (byte*)NativeMemory.AlignedAlloc((nuint)whole, PageBytes);
        ByteLength = byteCount;
        AllocatedBytes = whole;
        GC.AddMemoryPressure(whole);
    }

    /// <summary>Finalizes an instance of the <see cref="NativeBuffer"/> class.</summary>
    ~NativeBuffer() => Free();

    /// <summary>Gets the usable bytes.</summary>
    public long ByteLength { get; }

    /// <summary>Gets the bytes taken from the system: whole pages.</summary>
    public long AllocatedBytes { get; }

    /// <summary>Gets a view of the whole memory.</summary>
    /// <exception cref="ObjectDisposedException">The buffer was disposed.</exception>
    public NativeSpan<byte> Bytes
    {
        get
        {
            ObjectDisposedException.ThrowIf(_memory == null, this);
            return new NativeSpan<byte>(_memory, ByteLength);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Free();
        GC.SuppressFinalize(this);
    }

    private void Free()
    {
        if (_memory != null)
        {
            NativeMemory.AlignedFree(_memory);
            _memory = null;
            GC.RemoveMemoryPressure(AllocatedBytes);
        }
    }
}
