namespace JpegActFpga.Core.Memory;

/// <summary>Compares memory of any length.</summary>
public static class MemoryComparison
{
    private const int PartBytes = 1 << 24;

    /// <summary>Finds the first byte that differs, or that one of them lacks.</summary>
    /// <param name="left">One.</param>
    /// <param name="right">The other.</param>
    /// <returns>Its index, or -1 where they are equal.</returns>
    public static long FirstDifference(NativeSpan<byte> left, NativeSpan<byte> right)
    {
        long common = Math.Min(left.Length, right.Length);
        for (long at = 0; at < common; at += PartBytes)
        {
            int count = (int)Math.Min(PartBytes, common - at);
            int same = left.AsSpan(at, count).CommonPrefixLength(right.AsSpan(at, count));
            if (same != count)
            {
                return at + same;
            }
        }

        return left.Length == right.Length ? -1 : common;
    }
}
