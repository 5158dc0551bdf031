using System.Numerics;

namespace JpegActFpga.Fpga.Buffers;

/// <summary>The sizes that pooled buffers have: a page, two pages, then powers of two and the half-way steps between them.</summary>
/// <remarks>So at most a third of a buffer is unused, and launches of like sizes share buffers. Pure functions.</remarks>
internal static class SizeClass
{
    /// <summary>Smallest class: what the driver pins and aligns.</summary>
    internal const long SmallestBytes = 4096;

    /// <summary>Number of classes: up to 2^40 bytes.</summary>
    internal const int Count = 57;

    /// <summary>Gives the class of the smallest buffer with room for so many bytes.</summary>
    /// <param name="bytes">1 .. 2^40.</param>
    /// <returns>Index of the class.</returns>
    /// <exception cref="ArgumentOutOfRangeException">No class is so large.</exception>
    internal static int Of(long bytes)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(bytes, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(bytes, Bytes(Count - 1));
        if (bytes <= SmallestBytes)
        {
            return 0;
        }

        int power = BitOperations.Log2((ulong)(bytes - 1));
        int step = power - BitOperations.Log2((ulong)SmallestBytes);
        long half = (1L << power) + (1L << (power - 1));
        return (2 * step) + (step > 0 && bytes <= half ? 1 : 2);
    }

    /// <summary>Gives the bytes of a class: 4096, 8192, 12288, 16384, 24576, ...</summary>
    /// <param name="index">Index of the class; 1, which would be no whole number of pages, is never given.</param>
    internal static long Bytes(int index)
    {
        long power = SmallestBytes << (index / 2);
        return index % 2 == 0 ? power : power + (power / 2);
    }
}
