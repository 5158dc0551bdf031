namespace JpegActFpga.Codec.Tests.IndependentModel;

/// <summary>Section 3 of the format in 64-bit integers, one sum after the other.</summary>
internal static class ModelTransform
{
    // X[k][0..3] of the format; the rest follows by symmetry.
    private static readonly long[,] HalfRows =
    {
        { 8192, 8192, 8192, 8192 },
        { 11363, 9633, 6437, 2260 },
        { 10703, 4433, -4433, -10703 },
        { 9633, -2259, -11362, -6436 },
        { 8192, -8192, -8192, 8192 },
        { 6437, -11362, 2261, 9633 },
        { 4433, -10704, 10704, -4433 },
        { 2260, -6436, 9633, -11363 },
    };

    /// <summary>Quantises one block.</summary>
    /// <param name="x">64 values in -128..127, row by row.</param>
    /// <param name="shifts">Shift of each coefficient, at index 8u+v.</param>
    /// <param name="rounding">0 nearest, 1 truncate.</param>
    /// <returns>64 quantised coefficients at index 8u+v.</returns>
    public static int[] Forward(int[] x, int[] shifts, int rounding)
    {
        var q = new int[64];
        long[] sums = ForwardSums(x);
        for (int k = 0; k < 64; k++)
        {
            int s = shifts[k];
            long value = rounding == 0
                ? (sums[k] + (1L << (17 + s))) >> (18 + s)
                : sums[k] / (1L << (18 + s));
            q[k] = (int)Math.Clamp(value, -128, 127);
        }

        return q;
    }

    /// <summary>The coefficients before quantisation, times 2^18, at index 8u+v.</summary>
    public static long[] ForwardSums(int[] x)
    {
        var t = new long[8, 8];
        for (int v = 0; v < 8; v++)
        {
            for (int c = 0; c < 8; c++)
            {
                long sum = 0;
                for (int r = 0; r < 8; r++)
                {
                    sum += X(v, r) * x[(8 * r) + c];
                }

                t[v, c] = (sum + (1L << 10)) >> 11;
            }
        }

        var sums = new long[64];
        for (int u = 0; u < 8; u++)
        {
            for (int v = 0; v < 8; v++)
            {
                long sum = 0;
                for (int c = 0; c < 8; c++)
                {
                    sum += X(u, c) * t[v, c];
                }

                sums[(8 * u) + v] = sum;
            }
        }

        return sums;
    }

    /// <summary>Expands one block.</summary>
    /// <param name="q">64 quantised coefficients at index 8u+v.</param>
    /// <param name="shifts">Shift of each.</param>
    /// <param name="lowest">0 for a non-negative tensor, -128 otherwise.</param>
    /// <returns>64 values row by row.</returns>
    public static int[] Inverse(int[] q, int[] shifts, int lowest)
    {
        var t = new long[8, 8];
        for (int v = 0; v < 8; v++)
        {
            for (int x = 0; x < 8; x++)
            {
                long sum = 0;
                for (int u = 0; u < 8; u++)
                {
                    sum += X(u, x) * (q[(8 * u) + v] * (1L << shifts[(8 * u) + v]));
                }

                t[v, x] = Math.Clamp((sum + (1L << 10)) >> 11, -32768, 32767);
            }
        }

        var y = new int[64];
        for (int r = 0; r < 8; r++)
        {
            for (int x = 0; x < 8; x++)
            {
                long sum = 0;
                for (int v = 0; v < 8; v++)
                {
                    sum += X(v, r) * t[v, x];
                }

                y[(8 * r) + x] = (int)Math.Clamp((sum + (1L << 17)) >> 18, lowest, 127);
            }
        }

        return y;
    }

    private static long X(int k, int n) => n < 4 ? HalfRows[k, n] : (k % 2 == 0 ? 1 : -1) * HalfRows[k, 7 - n];
}
