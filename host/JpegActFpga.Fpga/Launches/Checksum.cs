using System.Numerics;
using System.Runtime.CompilerServices;
using JpegActFpga.Core.Memory;

namespace JpegActFpga.Fpga.Launches;

/// <summary>The kernels' checksum: the sum modulo 2^64 of little-endian u64 words. Pure functions.</summary>
internal static class Checksum
{
    /// <summary>Sums up words.</summary>
    /// <param name="words">The words.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal static ulong Of(NativeSpan<ulong> words)
    {
        const int Part = 1 << 20;
        Vector<ulong> sums = Vector<ulong>.Zero;
        ulong sum = 0;
        for (long at = 0; at < words.Length; at += Part)
        {
            ReadOnlySpan<ulong> part = words.AsSpan(at, (int)Math.Min(Part, words.Length - at));
            int i = 0;
            for (; i + Vector<ulong>.Count <= part.Length; i += Vector<ulong>.Count)
            {
                sums += new Vector<ulong>(part[i..]);
            }

            for (; i < part.Length; i++)
            {
                sum += part[i];
            }
        }

        return sum + Vector.Sum(sums);
    }

    /// <summary>Sums up words that are given as bytes.</summary>
    /// <param name="bytes">A whole number of u64.</param>
    internal static ulong Of(NativeSpan<byte> bytes) => Of(bytes.Cast<ulong>());
}
