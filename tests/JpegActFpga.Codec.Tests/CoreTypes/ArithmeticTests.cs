using CsCheck;
using JpegActFpga.Codec.Tests.IndependentModel;
using JpegActFpga.Core.Frames;
using JpegActFpga.Core.Tensors;

namespace JpegActFpga.Codec.Tests.CoreTypes;

/// <summary>Checksums and conversions against published values and against the model's integer arithmetic.</summary>
public class ArithmeticTests
{
    // RFC 3720, appendix B.4, and the check value of the CRC catalogues.
    [Theory]
    [InlineData("", 0x00000000)]
    [InlineData("313233343536373839", 0xe3069283)]
    [InlineData("0000000000000000000000000000000000000000000000000000000000000000", 0x8a9136aa)]
    [InlineData("ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff", 0x62a8ab43)]
    [InlineData("000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f", 0x46dd794e)]
    public void Checksums_are_CRC32C(string hex, uint checksum)
    {
        byte[] bytes = Convert.FromHexString(hex);
        Assert.Equal(checksum, ModelCrc32C.Of(bytes));
        Assert.Equal(checksum, Crc32C.Finish(Crc32C.Append(Crc32C.Seed, bytes)));
    }

    [Fact]
    public void Checksums_do_not_depend_on_how_the_bytes_are_cut() =>
        Gen.Select(Gen.Byte.Array[0, 200], Gen.Int[0, 200]).Sample((bytes, cut) =>
        {
            int at = Math.Min(cut, bytes.Length);
            uint parts = Crc32C.Append(Crc32C.Append(Crc32C.Seed, bytes.AsSpan(0, at)), bytes.AsSpan(at));
            Assert.Equal(ModelCrc32C.Of(bytes), Crc32C.Finish(parts));
        });

    [Fact]
    public void Every_16_bit_pattern_widens_as_the_model_says()
    {
        for (int bits = 0; bits <= ushort.MaxValue; bits++)
        {
            uint half = BitConverter.SingleToUInt32Bits(ElementConversion.Float16ToSingle((ushort)bits));
            uint expected = ModelFloat.WidenHalf((ushort)bits);
            bool isNaN = (expected & ~ModelFloat.SignBit) > ModelFloat.Infinity;
            Assert.True(isNaN ? (half & ~ModelFloat.SignBit) > ModelFloat.Infinity : half == expected, $"float16 0x{bits:x4}: 0x{half:x8}");
            Assert.Equal(ModelFloat.WidenBFloat((ushort)bits), BitConverter.SingleToUInt32Bits(ElementConversion.BFloat16ToSingle((ushort)bits)));
        }
    }

    [Fact]
    public void Numbers_narrow_as_the_model_says() =>
        Gen.UInt.Where(IsFinite).Sample(
            bits =>
            {
                float value = BitConverter.UInt32BitsToSingle(bits);
                Assert.Equal(ModelFloat.NarrowHalf(bits), ElementConversion.SingleToFloat16(value));
                Assert.Equal(ModelFloat.NarrowBFloat(bits), ElementConversion.SingleToBFloat16(value));
            },
            iter: 200_000);

    /// <summary>Between two neighbouring 16-bit numbers: the tie, and one float32 step to either side of it.</summary>
    [Fact]
    public void Ties_narrow_to_the_even_neighbour()
    {
        for (int bits = 0; bits < 0x7bff; bits++)
        {
            float lower = ElementConversion.Float16ToSingle((ushort)bits);
            float upper = ElementConversion.Float16ToSingle((ushort)(bits + 1));
            float tie = (lower + upper) / 2;
            Assert.Equal(bits + (bits & 1), ElementConversion.SingleToFloat16(tie));
            Assert.Equal(bits, ElementConversion.SingleToFloat16(MathF.BitDecrement(tie)));
            Assert.Equal(bits + 1, ElementConversion.SingleToFloat16(MathF.BitIncrement(tie)));
        }
    }

    [Fact]
    public void The_models_products_and_quotients_are_the_processors() =>
        Gen.Select(Gen.UInt.Where(IsFinite), Gen.UInt.Where(IsFinite)).Sample(
            (a, b) =>
            {
                float x = BitConverter.UInt32BitsToSingle(a);
                float y = BitConverter.UInt32BitsToSingle(b);
                Assert.Equal(BitConverter.SingleToUInt32Bits(x * y), ModelFloat.Multiply(a, b));
                if (y != 0)
                {
                    Assert.Equal(BitConverter.SingleToUInt32Bits(x / y), ModelFloat.Divide(a, b));
                }
            },
            iter: 200_000);

    [Fact]
    public void The_models_rounding_is_half_to_even() =>
        Gen.Int[-1200, 1200].Sample(quarters =>
        {
            float value = quarters / 4f;
            Assert.Equal((long)MathF.Round(value, MidpointRounding.ToEven), ModelFloat.RoundHalfEven(BitConverter.SingleToUInt32Bits(value)));
        });

    private static bool IsFinite(uint bits) => (bits & ~ModelFloat.SignBit) < ModelFloat.Infinity;

    [Fact]
    public unsafe void Checksums_side_by_side_are_those_alone_whatever_their_lengths()
    {
        var random = new Random(6);
        byte[] bytes = new byte[4 * 300];
        random.NextBytes(bytes);
        fixed (byte* memory = bytes)
        {
            byte** at = stackalloc byte*[Crc32C.Chains];
            long* left = stackalloc long[Crc32C.Chains];
            uint* running = stackalloc uint[Crc32C.Chains];
            for (int round = 0; round < 2000; round++)
            {
                var expected = new uint[Crc32C.Chains];
                for (int i = 0; i < Crc32C.Chains; i++)
                {
                    at[i] = memory + (300 * i);
                    left[i] = random.Next(4) == 0 ? 0 : random.Next(301);
                    running[i] = (uint)random.Next();
                    expected[i] = Crc32C.Append(running[i], new ReadOnlySpan<byte>(at[i], (int)left[i]));
                }

                Crc32C.Append(at, left, running);
                Assert.Equal(expected, new ReadOnlySpan<uint>(running, Crc32C.Chains).ToArray());
            }
        }
    }
}
