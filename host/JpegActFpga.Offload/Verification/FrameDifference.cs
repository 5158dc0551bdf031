using System.Globalization;
using System.Numerics;
using JpegActFpga.Core.Frames;
using JpegActFpga.Core.Memory;
using JpegActFpga.Core.Profiles;
using JpegActFpga.Core.Tensors;

namespace JpegActFpga.Offload.Verification;

/// <summary>Says where two results differ, in the terms of the format: block, coefficient, both values.</summary>
internal static class FrameDifference
{
    /// <summary>Describes the first difference of two whole frames of one tensor.</summary>
    /// <param name="expected">The reference's.</param>
    /// <param name="actual">The other.</param>
    internal static string Describe(NativeSpan<byte> expected, NativeSpan<byte> actual)
    {
        FrameReader right = FrameReader.Open(expected);
        FrameReader wrong = FrameReader.Open(actual);
        return (right.Header.Method == wrong.Header.Method && right.Layout == wrong.Layout ? DescribeContent(right, wrong) : null)
            ?? DescribeByte(right, expected, actual);
    }

    /// <summary>Describes an element.</summary>
    /// <param name="actual">The tensor.</param>
    /// <param name="expected">The reference's bytes of it.</param>
    /// <param name="at">Index of the first byte that differs.</param>
    /// <param name="method">Method of the frame it came from.</param>
    internal static string DescribeElement(TensorView actual, NativeSpan<byte> expected, long at, CodecMethod method)
    {
        int size = actual.Spec.ElementType.ByteSize();
        long element = at / size;
        TensorShape shape = actual.Spec.Shape;
        long block = method == CodecMethod.JpegAct
            ? (element / shape.W / BlockGeometry.BlockSide * new BlockGeometry(shape, method).BlocksPerRow) + (element % shape.W / BlockGeometry.BlockSide)
            : element / BlockGeometry.BlockValues;
        return string.Create(
            CultureInfo.InvariantCulture,
            $"block {block}, element {element} is {Value(actual.Bytes, element, actual.Spec.ElementType)}, the reference has {Value(expected, element, actual.Spec.ElementType)}");
    }

    // Scales first: where one is wrong, so are all coefficients under it.
    private static string? DescribeContent(FrameReader right, FrameReader wrong)
    {
        for (long i = 0; i < right.Layout.ScaleCount; i++)
        {
            if (BitConverter.SingleToUInt32Bits(right.Scales[i]) != BitConverter.SingleToUInt32Bits(wrong.Scales[i]))
            {
                return string.Create(CultureInfo.InvariantCulture, $"scale {i} is {wrong.Scales[i]:R}, the reference has {right.Scales[i]:R}");
            }
        }

        return right.Header.Method.HasMasks() ? DescribeCoefficient(right, wrong) : null;
    }

    private static string? DescribeCoefficient(FrameReader right, FrameReader wrong)
    {
        bool bits = right.Header.Method == CodecMethod.Brc;
        long rightAt = 0;
        long wrongAt = 0;
        for (long block = 0; block < right.Masks.Length; block++)
        {
            ulong rightMask = right.Masks[block];
            ulong wrongMask = wrong.Masks[block];
            for (int k = 0; k < BlockGeometry.BlockValues; k++)
            {
                int expected = Coefficient(right, rightMask, rightAt, k, bits);
                int actual = Coefficient(wrong, wrongMask, wrongAt, k, bits);
                if (expected != actual)
                {
                    return string.Create(CultureInfo.InvariantCulture, $"block {block}, coefficient {k} is {actual}, the reference has {expected}");
                }
            }

            rightAt += bits ? 0 : BitOperations.PopCount(rightMask);
            wrongAt += bits ? 0 : BitOperations.PopCount(wrongMask);
        }

        return null;
    }

    private static int Coefficient(FrameReader frame, ulong mask, long first, int k, bool bits)
    {
        if (((mask >> k) & 1) == 0)
        {
            return 0;
        }

        return bits ? 1 : (sbyte)frame.Values[first + BitOperations.PopCount(mask & ((1UL << k) - 1))];
    }

    private static string DescribeByte(FrameReader right, NativeSpan<byte> expected, NativeSpan<byte> actual)
    {
        long at = BytesDiffer.FirstDifference(expected, actual);
        string section = at < FrameHeader.FixedBytes ? "header"
            : at < right.Layout.ScalesOffset ? "shape"
            : at < right.Layout.TileOffsetsOffset ? "scales"
            : at < right.Layout.MasksOffset ? "tile tables"
            : at < right.Layout.ValuesOffset ? "masks"
            : "values";
        return string.Create(
            CultureInfo.InvariantCulture,
            $"byte {at} ({section}) of {actual.Length} is {Byte(actual, at)}, the reference has {Byte(expected, at)} of {expected.Length}");
    }

    private static string Byte(NativeSpan<byte> frame, long at) => at < frame.Length ? $"0x{frame[at]:x2}" : "no byte there";

    private static string Value(NativeSpan<byte> bytes, long element, ElementType type)
    {
        if (type == ElementType.Float32)
        {
            uint bits = bytes.Cast<uint>()[element];
            return string.Create(CultureInfo.InvariantCulture, $"{BitConverter.UInt32BitsToSingle(bits):R} (0x{bits:x8})");
        }

        ushort half = bytes.Cast<ushort>()[element];
        float value = type == ElementType.Float16 ? ElementConversion.Float16ToSingle(half) : ElementConversion.BFloat16ToSingle(half);
        return string.Create(CultureInfo.InvariantCulture, $"{value:R} (0x{half:x4})");
    }
}
