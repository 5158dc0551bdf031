using JpegActFpga.Core.Profiles;
using JpegActFpga.Core.Tensors;

namespace JpegActFpga.Cli.Validation;

/// <summary>Finds where two expansions of one frame differ.</summary>
internal static class TensorDifference
{
    /// <summary>Compares two tensors bit by bit.</summary>
    /// <param name="expected">The reference's.</param>
    /// <param name="actual">The device's.</param>
    /// <returns>Null where they are equal, else the first different element with its place and both values.</returns>
    internal static string? Find(TensorView expected, TensorView actual)
    {
        long at = FrameDifference.FirstDifference(expected.Bytes, actual.Bytes);
        if (at < 0)
        {
            return null;
        }

        long element = at / expected.Spec.ElementType.ByteSize();
        TensorShape shape = expected.Spec.Shape;
        var coordinates = new long[shape.Rank];
        long rest = element;
        for (int i = coordinates.Length - 1; i >= 0; i--)
        {
            (rest, coordinates[i]) = Math.DivRem(rest, shape.Dimensions[i]);
        }

        (long row, long column) = Math.DivRem(element, shape.W);
        var geometry = new BlockGeometry(shape, CodecMethod.JpegAct);
        long block = (row / BlockGeometry.BlockSide * geometry.BlocksPerRow) + (column / BlockGeometry.BlockSide);
        return $"element [{string.Join(", ", coordinates)}] (block {block}, row {row % BlockGeometry.BlockSide}, column {column % BlockGeometry.BlockSide}): "
            + $"reference {Value(expected, element)}, device {Value(actual, element)}";
    }

    private static string Value(TensorView tensor, long element)
    {
        if (tensor.Spec.ElementType == ElementType.Float32)
        {
            float value = tensor.Bytes.Cast<float>()[element];
            return $"{value:G9} (0x{BitConverter.SingleToUInt32Bits(value):x8})";
        }

        ushort bits = tensor.Bytes.Cast<ushort>()[element];
        float wide = tensor.Spec.ElementType == ElementType.Float16 ? ElementConversion.Float16ToSingle(bits) : ElementConversion.BFloat16ToSingle(bits);
        return $"{wide:G9} (0x{bits:x4})";
    }
}
