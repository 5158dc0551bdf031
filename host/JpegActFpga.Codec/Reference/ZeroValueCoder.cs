using System.Numerics;
using System.Runtime.CompilerServices;
using JpegActFpga.Core.Profiles;

namespace JpegActFpga.Codec.Reference;

/// <summary>Zero-value compression of one block: a 64-bit mask and the non-zero bytes (docs/format.md, section 4).</summary>
internal static class ZeroValueCoder
{
    /// <summary>Writes the non-zero values and gives the mask.</summary>
    /// <param name="block">64 values.</param>
    /// <param name="destination">Room for 64 bytes; only as many as are not zero are meant, the others are undefined.</param>
    /// <param name="count">Non-zero values written.</param>
    /// <returns>Bit k says that value k is not zero.</returns>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal static ulong Encode(ReadOnlySpan<sbyte> block, Span<byte> destination, out int count)
    {
        ulong mask = 0;
        count = 0;
        for (int k = 0; k < BlockGeometry.BlockValues; k++)
        {
            if (block[k] != 0)
            {
                mask |= 1UL << k;
                destination[count++] = (byte)block[k];
            }
        }

        return mask;
    }

    /// <summary>Restores a block.</summary>
    /// <param name="mask">The mask.</param>
    /// <param name="values">The non-zero bytes, as many as the mask has bits.</param>
    /// <param name="block">Receives 64 values.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal static void Decode(ulong mask, ReadOnlySpan<byte> values, Span<sbyte> block)
    {
        block.Clear();
        for (int next = 0; mask != 0; mask &= mask - 1)
        {
            block[BitOperations.TrailingZeroCount(mask)] = (sbyte)values[next++];
        }
    }
}
