using JpegActFpga.Backends.Conformance;
using JpegActFpga.Codec.Tests.IndependentModel;

namespace JpegActFpga.Codec.Tests;

/// <summary>What a well-formed frame of someone else's may hold.</summary>
internal enum ForeignValues
{
    /// <summary>Any byte, zero included.</summary>
    AnyByte,

    /// <summary>Only -128 and 127: the largest sums of the inverse transform.</summary>
    Extremes,

    /// <summary>As <see cref="AnyByte"/>, with scales up to the largest finite number.</summary>
    AnyByteHugeScales,
}

/// <summary>Frames that the format allows and our encoder would not make: other coefficients, other scales, either flag.</summary>
internal static class ForeignFrames
{
    internal static ModelFrame Make(CodecCase @case, ForeignValues values)
    {
        var random = new Random(@case.Seed);
        ModelFrame own = ModelEncoder.Compress(ModelConversion.ToModel(@case.Spec, @case.MakeTensor()), ModelConversion.ToModel(@case.Profile));
        ulong[] masks = [.. own.Masks.Select(_ => (ulong)random.NextInt64() ^ ((ulong)random.NextInt64() << 32))];
        long tail = own.Method == ModelFrame.JpegAct ? 0 : @case.Spec.Shape.ElementCount % 64;
        if (tail != 0 && masks.Length != 0)
        {
            masks[^1] &= (1UL << (int)tail) - 1;
        }

        int[] sizes = own.Method switch
        {
            ModelFrame.Sfpr => [.. own.TileValues.Select(tile => tile.Length)],
            ModelFrame.Brc => new int[own.TileValues.Length],
            _ => [.. masks.Chunk(64).Select(tile => tile.Sum(mask => (int)ulong.PopCount(mask)))],
        };
        return own with
        {
            Flags = own.Method == ModelFrame.Brc ? 0 : random.Next(2),
            InverseScales = [.. own.InverseScales.Select(_ => Scale(values, random))],
            Masks = masks,
            TileValues = [.. sizes.Select(size => Bytes(size, values, random))],
        };
    }

    private static byte[] Bytes(int count, ForeignValues values, Random random)
    {
        var bytes = new byte[count];
        random.NextBytes(bytes);
        if (values == ForeignValues.Extremes)
        {
            for (int i = 0; i < count; i++)
            {
                bytes[i] = (bytes[i] & 1) != 0 ? (byte)0x80 : (byte)0x7f;
            }
        }

        return bytes;
    }

    // From 0 over subnormal numbers to the largest finite one.
    private static uint Scale(ForeignValues values, Random random) =>
        values == ForeignValues.AnyByteHugeScales ? (uint)random.Next(0x7f800000) : BitConverter.SingleToUInt32Bits(random.NextSingle());
}
