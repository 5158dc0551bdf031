using System.Numerics;
using System.Runtime.CompilerServices;
using JpegActFpga.Codec.Elements;
using JpegActFpga.Core.Memory;
using JpegActFpga.Core.Tensors;

namespace JpegActFpga.Codec.Scales;

/// <summary>What one pass over a tensor tells.</summary>
/// <param name="AnyNegative">An element is below zero (-0.0 is not).</param>
/// <param name="AnyNonFinite">An element is NaN or infinite.</param>
public readonly record struct TensorScanResult(bool AnyNegative, bool AnyNonFinite);

/// <summary>Finds the largest magnitude of each scale's elements (docs/format.md, section 2).</summary>
/// <remarks>An integer maximum of bit patterns does not depend on the order, so every machine finds the same. Thread-safe.</remarks>
public static class TensorScan
{
    private const uint MagnitudeMask = 0x7fffffff;
    private const uint SignBit = 0x80000000;
    private const uint FirstNonFinite = 0x7f800000;

    /// <summary>Scans a tensor.</summary>
    /// <param name="tensor">A tensor in host memory.</param>
    /// <param name="maxBits">One entry a scale, C or N*C of them; receives the largest <c>bits(x) &amp; 0x7fffffff</c>.</param>
    public static TensorScanResult Run(TensorView tensor, NativeSpan<uint> maxBits) => tensor.Spec.ElementType switch
    {
        ElementType.Float32 => Planes(tensor, maxBits, tensor.Bytes.Cast<float>(), ScanFloat32),
        ElementType.Float16 => Planes(tensor, maxBits, tensor.Bytes.Cast<ushort>(), Scan<Float16Format>),
        _ => Planes(tensor, maxBits, tensor.Bytes.Cast<ushort>(), Scan<BFloat16Format>),
    };

    private delegate (uint MaxBits, bool Negative) PlaneScan<TBits>(ReadOnlySpan<TBits> elements);

    private static TensorScanResult Planes<TBits>(TensorView tensor, NativeSpan<uint> maxBits, NativeSpan<TBits> elements, PlaneScan<TBits> scan)
        where TBits : unmanaged
    {
        const int PartElements = 1 << 28;
        TensorShape shape = tensor.Spec.Shape;
        maxBits.Clear();
        if (shape.ElementCount == 0)
        {
            return default;
        }

        long planeElements = shape.H * shape.W;
        uint overall = 0;
        bool negative = false;
        for (long plane = 0, scale = 0; plane < shape.N * shape.C; plane++)
        {
            uint largest = maxBits[scale];
            for (long at = 0; at < planeElements; at += PartElements)
            {
                (uint partMax, bool partNegative) = scan(elements.AsSpan((plane * planeElements) + at, (int)Math.Min(PartElements, planeElements - at)));
                largest = Math.Max(largest, partMax);
                negative |= partNegative;
            }

            maxBits[scale] = largest;
            overall = Math.Max(overall, largest);
            scale = scale + 1 == maxBits.Length ? 0 : scale + 1;
        }

        return new TensorScanResult(negative, overall >= FirstNonFinite);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static (uint MaxBits, bool Negative) ScanFloat32(ReadOnlySpan<float> elements)
    {
        ReadOnlySpan<uint> bits = System.Runtime.InteropServices.MemoryMarshal.Cast<float, uint>(elements);
        Vector<uint> largest = Vector<uint>.Zero;
        Vector<uint> negative = Vector<uint>.Zero;
        Vector<uint> magnitude = new(MagnitudeMask);
        Vector<uint> sign = new(SignBit);
        int i = 0;
        for (; i + Vector<uint>.Count <= bits.Length; i += Vector<uint>.Count)
        {
            var part = new Vector<uint>(bits[i..]);
            largest = Vector.Max(largest, part & magnitude);
            negative |= Vector.GreaterThan(part, sign);
        }

        uint max = 0;
        for (int lane = 0; lane < Vector<uint>.Count; lane++)
        {
            max = Math.Max(max, largest[lane]);
        }

        bool anyNegative = negative != Vector<uint>.Zero;
        for (; i < bits.Length; i++)
        {
            max = Math.Max(max, bits[i] & MagnitudeMask);
            anyNegative |= bits[i] > SignBit;
        }

        return (max, anyNegative);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static (uint MaxBits, bool Negative) Scan<TFormat>(ReadOnlySpan<ushort> elements)
        where TFormat : struct, IElementFormat<ushort>
    {
        uint max = 0;
        bool anyNegative = false;
        foreach (ushort element in elements)
        {
            uint bits = BitConverter.SingleToUInt32Bits(TFormat.Widen(element));
            max = Math.Max(max, bits & MagnitudeMask);
            anyNegative |= bits > SignBit;
        }

        return (max, anyNegative);
    }
}
