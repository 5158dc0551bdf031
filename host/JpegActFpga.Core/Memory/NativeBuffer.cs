using System.Runtime.InteropServices;

namespace JpegActFpga.Core.Memory;

/// <summary>Owns aligned unmanaged memory.</summary>
/// <inheritdoc cref="OwnedMemory" path="/remarks"/>
public sealed unsafe class NativeBuffer : OwnedMemory
{
    /// <summary>Alignment that lets a driver pin the memory and keeps its tail off foreign pages: XRT's user-pointer buffers need 4 KiB.</summary>
    public const int PageBytes = 4096;

    /// <summary>Alignment of a processor's cache line and of a frame's sections.</summary>
    public const int LineBytes = 64;

    /// <summary>Initializes a new instance of the <see cref="NativeBuffer"/> class. The memory is not cleared.</summary>
    /// <param name="byteCount">Usable bytes, 0 or more.</param>
    /// <param name="alignment">Alignment and granularity in bytes, a power of two.</param>
    /// <exception cref="ArgumentOutOfRangeException">The count is negative.</exception>
    /// <exception cref="OutOfMemoryException">The system has no such amount.</exception>
    public NativeBuffer(long byteCount, int alignment = PageBytes)
        : base((byte*)NativeMemory.AlignedAlloc((nuint)Whole(byteCount, alignment), (nuint)alignment), byteCount) =>
        AllocatedBytes = Whole(byteCount, alignment);

    /// <summary>Gets the bytes taken from the system: whole multiples of the alignment.</summary>
    public long AllocatedBytes { get; }

    private protected override void Free(byte* memory) => NativeMemory.AlignedFree(memory);

    private static long Whole(long byteCount, int alignment)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(byteCount);
        return checked(Math.Max(1, byteCount) + alignment - 1) / alignment * alignment;
    }
}
