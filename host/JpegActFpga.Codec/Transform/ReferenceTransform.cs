using System.Runtime.CompilerServices;
using JpegActFpga.Core.Profiles;

namespace JpegActFpga.Codec.Transform;

/// <summary>Transform and quantiser of one block, written as docs/format.md, section 3, reads. Thread-safe.</summary>
public static class ReferenceTransform
{
    private const int Side = BlockGeometry.BlockSide;

    /// <summary>Transforms and quantises a block.</summary>
    /// <param name="x">64 values -128 .. 127, index 8*row + column.</param>
    /// <param name="shifts">64 shifts, index 8u+v.</param>
    /// <param name="rounding">The quantiser's rounding.</param>
    /// <param name="q">Receives 64 coefficients, index 8u+v.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Forward(ReadOnlySpan<int> x, ReadOnlySpan<byte> shifts, QuantiserRounding rounding, Span<sbyte> q)
    {
        ReadOnlySpan<int> m = TransformMatrix.RowMajor;
        Span<int> t = stackalloc int[BlockGeometry.BlockValues];
        for (int v = 0; v < Side; v++)
        {
            for (int c = 0; c < Side; c++)
            {
                int sum = 0;
                for (int r = 0; r < Side; r++)
                {
                    sum += m[(Side * v) + r] * x[(Side * r) + c];
                }

                t[(Side * v) + c] = (sum + (1 << (TransformMatrix.FirstPassShift - 1))) >> TransformMatrix.FirstPassShift;
            }
        }

        for (int u = 0; u < Side; u++)
        {
            for (int v = 0; v < Side; v++)
            {
                int sum = 0;
                for (int c = 0; c < Side; c++)
                {
                    sum += m[(Side * u) + c] * t[(Side * v) + c];
                }

                int k = (Side * u) + v;
                q[k] = Quantise(sum, TransformMatrix.SecondPassShift + shifts[k], rounding);
            }
        }
    }

    /// <summary>Expands a block.</summary>
    /// <param name="q">64 coefficients, index 8u+v.</param>
    /// <param name="shifts">64 shifts, index 8u+v.</param>
    /// <param name="lowest">0 for non-negative tensors, else -128.</param>
    /// <param name="y">Receives 64 values, index 8*row + column.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Inverse(ReadOnlySpan<sbyte> q, ReadOnlySpan<byte> shifts, int lowest, Span<int> y)
    {
        ReadOnlySpan<int> m = TransformMatrix.RowMajor;
        Span<int> t = stackalloc int[BlockGeometry.BlockValues];
        for (int v = 0; v < Side; v++)
        {
            for (int column = 0; column < Side; column++)
            {
                int sum = 0;
                for (int u = 0; u < Side; u++)
                {
                    int k = (Side * u) + v;
                    sum += m[(Side * u) + column] * (q[k] << shifts[k]);
                }

                int rounded = (sum + (1 << (TransformMatrix.FirstPassShift - 1))) >> TransformMatrix.FirstPassShift;
                t[(Side * v) + column] = Math.Clamp(rounded, short.MinValue, short.MaxValue);
            }
        }

        for (int row = 0; row < Side; row++)
        {
            for (int column = 0; column < Side; column++)
            {
                int sum = 0;
                for (int v = 0; v < Side; v++)
                {
                    sum += m[(Side * v) + row] * t[(Side * v) + column];
                }

                int rounded = (sum + (1 << (TransformMatrix.SecondPassShift - 1))) >> TransformMatrix.SecondPassShift;
                y[(Side * row) + column] = Math.Clamp(rounded, lowest, sbyte.MaxValue);
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static sbyte Quantise(int sum, int shift, QuantiserRounding rounding)
    {
        int quantised = rounding == QuantiserRounding.Nearest
            ? (sum + (1 << (shift - 1))) >> shift
            : sum / (1 << shift);
        return (sbyte)Math.Clamp(quantised, sbyte.MinValue, sbyte.MaxValue);
    }
}
