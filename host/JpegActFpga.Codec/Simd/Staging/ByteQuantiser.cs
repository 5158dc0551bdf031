using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;
using JpegActFpga.Codec.Simd.Elements;

namespace JpegActFpga.Codec.Simd.Staging;

/// <summary>SFPR's step to eight bits and back (docs/format.md, section 2), on vectors.</summary>
internal static unsafe class ByteQuantiser
{
    private const MethodImplOptions Inline = MethodImplOptions.AggressiveInlining;

    /// <summary>Rounds to the nearest integer, halves to even.</summary>
    [MethodImpl(Inline)]
    internal static Vector256<int> Round(Vector256<float> values)
    {
        if (Avx.IsSupported)
        {
            return Avx.ConvertToVector256Int32(values);
        }

        if (AdvSimd.IsSupported)
        {
            return Vector256.Create(AdvSimd.ConvertToInt32RoundToEven(values.GetLower()), AdvSimd.ConvertToInt32RoundToEven(values.GetUpper()));
        }

        return Vector256.ConvertToInt32Native(Vector256.Round(values, MidpointRounding.ToEven));
    }

    /// <summary>Narrows eight integers to bytes with saturation.</summary>
    [MethodImpl(Inline)]
    internal static long Pack8(Vector256<int> values)
    {
        Vector128<short> words = Vector128.NarrowWithSaturation(values.GetLower(), values.GetUpper());
        return Vector128.NarrowWithSaturation(words, words).AsInt64().ToScalar();
    }

    /// <summary>Widens eight bytes to numbers.</summary>
    [MethodImpl(Inline)]
    internal static Vector256<float> Unpack8(sbyte* from)
    {
        if (Avx2.IsSupported)
        {
            return Avx.ConvertToVector256Single(Avx2.ConvertToVector256Int32(from));
        }

        (Vector128<int> low, Vector128<int> high) = Vector128.Widen(Vector128.WidenLower(Vector128.CreateScalarUnsafe(*(long*)from).AsSByte()));
        return Vector256.ConvertToSingle(Vector256.Create(low, high));
    }

    /// <summary>Quantises a run of elements that share a scale.</summary>
    /// <param name="from">Finite elements.</param>
    /// <param name="count">Number of elements.</param>
    /// <param name="scale">The scale <c>sc</c>.</param>
    /// <param name="to">Receives a byte an element.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal static void QuantiseRun<TBits, TElement>(TBits* from, int count, float scale, sbyte* to)
        where TBits : unmanaged
        where TElement : struct, IElementLanes<TBits>
    {
        Vector256<float> scales = Vector256.Create(scale);
        int i = 0;
        if (Avx2.IsSupported)
        {
            // Packing interleaves the 128-bit halves; one permutation at the end undoes it.
            for (; i + 32 <= count; i += 32)
            {
                Vector256<short> low = Avx2.PackSignedSaturate(Round(TElement.Load8(from + i) * scales), Round(TElement.Load8(from + i + 8) * scales));
                Vector256<short> high = Avx2.PackSignedSaturate(Round(TElement.Load8(from + i + 16) * scales), Round(TElement.Load8(from + i + 24) * scales));
                Vector256<int> bytes = Avx2.PackSignedSaturate(low, high).AsInt32();
                Avx2.PermuteVar8x32(bytes, Vector256.Create(0, 4, 1, 5, 2, 6, 3, 7)).AsSByte().Store(to + i);
            }
        }

        for (; i + 8 <= count; i += 8)
        {
            *(long*)(to + i) = Pack8(Round(TElement.Load8(from + i) * scales));
        }

        if (i < count)
        {
            TBits* rest = stackalloc TBits[8];
            Unsafe.InitBlockUnaligned(rest, 0, (uint)(8 * sizeof(TBits)));
            Unsafe.CopyBlockUnaligned(rest, from + i, (uint)((count - i) * sizeof(TBits)));
            long bytes = Pack8(Round(TElement.Load8(rest) * scales));
            Unsafe.CopyBlockUnaligned(to + i, &bytes, (uint)(count - i));
        }
    }

    /// <summary>Restores a run of elements that share a scale.</summary>
    /// <param name="from">A byte an element.</param>
    /// <param name="count">Number of elements.</param>
    /// <param name="scale">The scale <c>inv</c>.</param>
    /// <param name="to">Receives the elements.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal static void RestoreRun<TBits, TElement>(sbyte* from, int count, float scale, TBits* to)
        where TBits : unmanaged
        where TElement : struct, IElementLanes<TBits>
    {
        Vector256<float> scales = Vector256.Create(scale);
        int i = 0;
        for (; i + 8 <= count; i += 8)
        {
            TElement.Store8(Unpack8(from + i) * scales, to + i);
        }

        if (i < count)
        {
            long bytes = 0;
            Unsafe.CopyBlockUnaligned(&bytes, from + i, (uint)(count - i));
            TElement.StorePart(Unpack8((sbyte*)&bytes) * scales, to + i, count - i);
        }
    }
}
