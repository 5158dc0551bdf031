using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using JpegActFpga.Codec.Scales;
using JpegActFpga.Core.Memory;

namespace JpegActFpga.Codec.Simd.Staging;

/// <summary><see cref="ScaleTable"/> on vectors: tensors of small planes have many scales.</summary>
internal static unsafe class ScaleVectors
{
    /// <summary>Magnitudes below 2^-100 get scale 0.</summary>
    private const int SmallestScaledBits = 0x0d800000;

    /// <summary>Computes both tables.</summary>
    /// <param name="maxBits">Largest magnitude of each scale, finite.</param>
    /// <param name="fullScale">Full scale S.</param>
    /// <param name="encode">Receives <c>sc</c>; may be the memory of <paramref name="maxBits"/>.</param>
    /// <param name="decode">Receives <c>inv</c>.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal static void Compute(NativeSpan<uint> maxBits, float fullScale, NativeSpan<float> encode, NativeSpan<float> decode)
    {
        Vector256<float> full = Vector256.Create(128f * fullScale);
        long i = 0;
        for (; i + Vector256<uint>.Count <= maxBits.Length; i += Vector256<uint>.Count)
        {
            Vector256<int> bits = Vector256.Load((int*)maxBits.Pointer + i);
            Vector256<float> scaled = Vector256.GreaterThanOrEqual(bits, Vector256.Create(SmallestScaledBits)).AsSingle();
            (full / bits.AsSingle() & scaled).Store(encode.Pointer + i);
            (bits.AsSingle() / full & scaled).Store(decode.Pointer + i);
        }

        long left = maxBits.Length - i;
        ScaleTable.Compute(maxBits.Slice(i, left), fullScale, encode.Slice(i, left), decode.Slice(i, left));
    }

    /// <summary>Finds the largest of all magnitudes.</summary>
    /// <param name="maxBits">Magnitudes.</param>
    /// <param name="count">Number of them.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal static uint Largest(uint* maxBits, long count)
    {
        uint largest = 0;
        for (long i = 0; i < count; i++)
        {
            largest = Math.Max(largest, maxBits[i]);
        }

        return largest;
    }
}
