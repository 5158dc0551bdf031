using System.Runtime.InteropServices;

namespace JpegActFpga.Core.Memory;

/// <summary>Owns pages of the system's own, which become resident when they are first written to, and are not malloc's.</summary>
/// <remarks>
/// For memory that lives long and grows and shrinks within: a block of malloc's that large would stand in its heap for good.
/// Thread-safe as <see cref="OwnedMemory"/> is.
/// </remarks>
public sealed unsafe partial class PageRegion : OwnedMemory
{
    private const int ReadWrite = 1 | 2;
    private const int PrivateAnonymousUnreserved = 2 | 0x20 | 0x4000;

    /// <summary>Initializes a new instance of the <see cref="PageRegion"/> class, of zeros where the system is Linux.</summary>
    /// <param name="byteCount">Bytes, 1 or more; rounded up to whole pages.</param>
    /// <exception cref="ArgumentOutOfRangeException">There must be at least one byte.</exception>
    /// <exception cref="InsufficientMemoryException">The system has no such amount.</exception>
    public PageRegion(long byteCount)
        : base(Map(WholePages(byteCount)), WholePages(byteCount))
    {
    }

    // It can't fail for a mapping of its own.
    private protected override void Free(byte* memory)
    {
        if (OperatingSystem.IsLinux())
        {
            _ = munmap((nint)memory, (nuint)ByteLength);
        }
        else
        {
            NativeMemory.AlignedFree(memory);
        }
    }

    private static long WholePages(long bytes)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(bytes, 1);
        return checked(bytes + NativeBuffer.PageBytes - 1) / NativeBuffer.PageBytes * NativeBuffer.PageBytes;
    }

    private static byte* Map(long bytes)
    {
        if (!OperatingSystem.IsLinux())
        {
            return (byte*)NativeMemory.AlignedAlloc((nuint)bytes, NativeBuffer.PageBytes);
        }

        nint memory = mmap(0, (nuint)bytes, ReadWrite, PrivateAnonymousUnreserved, -1, 0);
        return memory == -1
            ? throw new InsufficientMemoryException($"The system refuses {bytes} bytes: {Marshal.GetLastPInvokeErrorMessage()}.")
            : (byte*)memory;
    }

    [LibraryImport("libc", SetLastError = true)]
    private static partial nint mmap(nint address, nuint bytes, int protection, int flags, int file, nint offset);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int munmap(nint address, nuint bytes);
}
