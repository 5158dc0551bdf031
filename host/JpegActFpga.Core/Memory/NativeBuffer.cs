using System.Runtime.InteropServices;

namespace JpegActFpga.Core.Memory;

/// <summary>Owns aligned unmanaged memory.</summary>
/// <remarks>Thread-safe as far as reading <see cref="Bytes"/>; disposing while someone uses the memory is the owner's error.</remarks>
public sealed unsafe class NativeBuffer : IDisposable
{
    /// <summary>Alignment that lets a driver pin the memory and keeps its tail off foreign pages: XRT's user-pointer buffers need 4 KiB.</summary>
    public const int PageBytes = 4096;

    /// <summary>Alignment of a processor's cache line and of a frame's sections.</summary>
    public const int LineBytes = 64;

    private byte* _memory;

    /// <summary>Initializes a new instance of the <see cref="NativeBuffer"/> class. The memory is not cleared.</summary>
    /// <param name="byteCount">Usable bytes, 0 or more.</param>
    /// <param name="alignment">Alignment and granularity in bytes, a power of two.</param>
    /// <exception cref="ArgumentOutOfRangeException">The count is negative.</exception>
    /// <exception cref="OutOfMemoryException">The system has no such amount.</exception>
    public NativeBuffer(long byteCount, int alignment = PageBytes)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(byteCount);
        long whole = checked(Math.Max(1, byteCount) + alignment - 1) / alignment * alignment;
        _memory = (byte*)NativeMemory.AlignedAlloc((nuint)whole, (nuint)alignment);
        ByteLength = byteCount;
        AllocatedBytes = whole;
    }

    /// <summary>Finalizes an instance of the <see cref="NativeBuffer"/> class.</summary>
    ~NativeBuffer() => Free();

    /// <summary>Gets the usable bytes.</summary>
    public long ByteLength { get; }

    /// <summary>Gets the bytes taken from the system: whole multiples of the alignment.</summary>
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
        }
    }
}
