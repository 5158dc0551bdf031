using JpegActFpga.Core.Memory;

namespace JpegActFpga.Offload.Verification;

/// <summary>Compares memory of any length.</summary>
internal static class BytesDiffer
{
    /// <summary>Finds the first byte that differs, or that one of them lacks.</summary>
    /// <param name="first">One.</param>
    /// <param name="second">The other.</param>
    /// <returns>Its index, or -1 where they are equal.</returns>
    internal static long FirstDifference(NativeSpan<byte> first, NativeSpan<byte> second)
    {
        long common = Math.Min(first.Length, second.Length);
        for (long at = 0; at < common;)
        {
            int part = (int)Math.Min(common - at, 1 << 30);
            int same = first.AsSpan(at, part).CommonPrefixLength(second.AsSpan(at, part));
            if (same < part)
            {
                return at + same;
            }

            at += part;
        }

        return first.Length == second.Length ? -1 : common;
    }
}
