using System.Runtime.CompilerServices;
using JpegActFpga.Cli.Reports;
using JpegActFpga.Core.Memory;
using JpegActFpga.Core.Tensors;

namespace JpegActFpga.Cli.Measures;

/// <summary>Measures how far one tensor is from another of the same type and shape.</summary>
internal static class TensorError
{
    private const int PartElements = 1 << 24;

    /// <summary>Measures the error of an expanded tensor.</summary>
    /// <param name="original">The original; finite, or equal to the other bit for bit.</param>
    /// <param name="expanded">The expanded one.</param>
    internal static ErrorPart Between(TensorView original, TensorView expanded)
    {
        if (MemoryComparison.FirstDifference(original.Bytes, expanded.Bytes) < 0)
        {
            return new ErrorPart(true, 0, 0);
        }

        Sums sums = default;
        if (original.Spec.ElementType == ElementType.Float32)
        {
            NativeSpan<float> left = original.Bytes.Cast<float>();
            NativeSpan<float> right = expanded.Bytes.Cast<float>();
            for (long at = 0; at < left.Length; at += PartElements)
            {
                int count = (int)Math.Min(PartElements, left.Length - at);
                sums.Add(left.AsSpan(at, count), right.AsSpan(at, count));
            }
        }
        else
        {
            NativeSpan<ushort> left = original.Bytes.Cast<ushort>();
            NativeSpan<ushort> right = expanded.Bytes.Cast<ushort>();
            bool half = original.Spec.ElementType == ElementType.Float16;
            for (long at = 0; at < left.Length; at += PartElements)
            {
                int count = (int)Math.Min(PartElements, left.Length - at);
                sums.Add(left.AsSpan(at, count), right.AsSpan(at, count), half);
            }
        }

        double? nrmse = sums.Signal > 0 ? Math.Sqrt(sums.Error / sums.Signal) : sums.Error > 0 ? null : 0;
        return new ErrorPart(false, nrmse, sums.Largest);
    }

    private struct Sums
    {
        internal double Signal;
        internal double Error;
        internal double Largest;

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        internal void Add(ReadOnlySpan<float> original, ReadOnlySpan<float> expanded)
        {
            for (int i = 0; i < original.Length; i++)
            {
                Add(original[i], expanded[i]);
            }
        }

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        internal void Add(ReadOnlySpan<ushort> original, ReadOnlySpan<ushort> expanded, bool half)
        {
            for (int i = 0; i < original.Length; i++)
            {
                if (half)
                {
                    Add(ElementConversion.Float16ToSingle(original[i]), ElementConversion.Float16ToSingle(expanded[i]));
                }
                else
                {
                    Add(ElementConversion.BFloat16ToSingle(original[i]), ElementConversion.BFloat16ToSingle(expanded[i]));
                }
            }
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private void Add(double original, double expanded)
        {
            double error = Math.Abs(original - expanded);
            Signal += original * original;
            Error += error * error;
            Largest = Math.Max(Largest, error);
        }
    }
}
