using System.Globalization;
using JpegActFpga.Core.Memory;
using JpegActFpga.Core.Profiles;

namespace JpegActFpga.Core.Tensors;

/// <summary>Finds where two expansions of one frame differ.</summary>
public static class TensorDifference
{
    /// <summary>Compares two tensors bit by bit.</summary>
    /// <param name="expected">The reference's.</param>
    /// <param name="actual">The device's, of the same type and shape.</param>
    /// <param name="method">Method of the frame, which says what a block is.</param>
    /// <returns>Null where they are equal, else the first different element with its place and both values.</returns>
    public static string? Find(TensorView expected, TensorView actual, CodecMethod method)
    {
        long at = MemoryComparison.FirstDifference(expected.Bytes, actual.Bytes);
        if (at < 0)
        {
            return null;
        }

        long element = at / expected.Spec.ElementType.ByteSize();
        return Invariant($"element [{Coordinates(element, expected.Spec.Shape)}] ({Place(element, expected.Spec.Shape, method)}): reference {Value(expected, element)}, device {Value(actual, element)}");
    }

    private static string Coordinates(long element, TensorShape shape)
    {
        var coordinates = new long[shape.Rank];
        for (int i = coordinates.Length - 1; i >= 0; i--)
        {
            (element, coordinates[i]) = Math.DivRem(element, shape.Dimensions[i]);
        }

        return string.Join(", ", coordinates);
    }

    private static string Place(long element, TensorShape shape, CodecMethod method)
    {
        if (method != CodecMethod.JpegAct)
        {
            return Invariant($"block {element / BlockGeometry.BlockValues}, value {element % BlockGeometry.BlockValues}");
        }

        (long row, long column) = Math.DivRem(element, shape.W);
        long block = (row / BlockGeometry.BlockSide * new BlockGeometry(shape, method).BlocksPerRow) + (column / BlockGeometry.BlockSide);
        return Invariant($"block {block}, row {row % BlockGeometry.BlockSide}, column {column % BlockGeometry.BlockSide}");
    }

    private static string Value(TensorView tensor, long element)
    {
        if (tensor.Spec.ElementType == ElementType.Float32)
        {
            float value = tensor.Bytes.Cast<float>()[element];
            return Invariant($"{value:G9} (0x{BitConverter.SingleToUInt32Bits(value):x8})");
        }

        ushort bits = tensor.Bytes.Cast<ushort>()[element];
        float wide = tensor.Spec.ElementType == ElementType.Float16 ? ElementConversion.Float16ToSingle(bits) : ElementConversion.BFloat16ToSingle(bits);
        return Invariant($"{wide:G9} (0x{bits:x4})");
    }

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
