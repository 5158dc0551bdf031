using System.Runtime.InteropServices;

namespace JpegActFpga.Core.Memory;

/// <summary>Owns pages of the system's own, which become resident when they are first written to, and are not malloc's.</summary>
/// <remarks>
/// For memory that lives long and grows and shrinks within: a block of malloc's that large would stand in its heap for good.
/// Thread-safe as far as reading <see cref="Bytes"/>; disposing while someone uses the memory is the owner's error.
/// </remarks>
public sealed unsafe partial class PageRegion : IDisposable
{
    private const int ReadWrite = 1 | 2;
    private const int PrivateAnonymousUnreserved = 2 | 0x20 | 0x4000;

    private byte* _memory;

    /// <summary>Initializes a new instance of the <see cref="PageRegion"/> class, of zeros.</summary>
    /// <param name="byteCount">Bytes, 1 or more; rounded up to whole pages.</param>
    /// <exception cref="InsufficientMemoryException">The system has no such amount.</exception>
    public PageRegion(long byteCount)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(byteCount, 1);
        ByteLength = checked(byteCount + NativeBuffer.PageBytes - 1) / NativeBuffer.PageBytes * NativeBuffer.PageBytes;
        if (!OperatingSystem.IsLinux())
        {
            _memory = (byte*)NativeMemory.AlignedAlloc((nuint)ByteLength, NativeBuffer.PageBytes);
            return;
        }

        nint memory = mmap(0, (nuint)ByteLength, ReadWrite, PrivateAnonymousUnreserved, -1, 0);
        if (memory == -1)
        {
            throw new InsufficientMemoryException($"The system refuses {ByteLength} bytes: {Marshal.GetLastPInvokeErrorMessage()}.");
        }

        _memory = (byte*)memory;
    }

    /// <summary>Finalizes an instance of the <see cref="PageRegion"/> class.</summary>
    ~PageRegion() => Free();

    /// <summary>Gets the bytes.</summary>
    public long ByteLength { get; }

    /// <summary>Gets a view of the whole memory, page-aligned.</summary>
    /// <exception cref="ObjectDisposedException">The region was disposed.</exception>
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

    [LibraryImport("libc", SetLastError = true)]
    private static partial nint mmap(nint address, nuint bytes, int protection, int flags, int file, nint offset);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int munmap(nint address, nuint bytes);

    private void Free()
    {
        if (_memory == null)
        {
            return;
        }

        if (OperatingSystem.IsLinux())
        {
            // It can't fail for a mapping of its own.
            _ = munmap((nint)_memory, (nuint)ByteLength);
        }
        else
        {
            NativeMemory.AlignedFree(_memory);
        }

        _memory = null;
    }
}
