using System.Buffers.Binary;
using JpegActFpga.Core.Tensors;

namespace JpegActFpga.Backends.Conformance;

/// <summary>Makes test tensors: a pattern and a seed always give the same bytes.</summary>
public static class TensorFiller
{
    /// <param name="spec">Element type and shape; at most 2^31 bytes.</param>
    /// <param name="pattern">What the elements look like.</param>
    /// <param name="fullScale">The profile's full scale, which decides where rounding ties lie; 0 without scales.</param>
    /// <param name="seed">Seed of the random numbers.</param>
    public static byte[] Make(TensorSpec spec, TensorPattern pattern, float fullScale, int seed)
    {
        var random = new Random(seed);
        TensorShape shape = spec.Shape;
        var bytes = new byte[spec.ByteCount];
        long planeElements = shape.H * shape.W;
        float constant = (float)Gaussian(random);
        double phase = random.NextDouble() * 6;
        float spread = 1f;
        bool silent = false;
        for (long i = 0; i < shape.ElementCount; i++)
        {
            bool firstOfPlane = i % planeElements == 0;
            if (firstOfPlane)
            {
                spread = MathF.Pow(2, random.Next(-6, 7));
                silent = random.Next(3) == 0;
            }

            long row = i / shape.W;
            long column = i % shape.W;
            float value = pattern switch
            {
                TensorPattern.Normal or TensorPattern.NonFinite => spread * (float)Gaussian(random),
                TensorPattern.Relu => Math.Max(0f, spread * (float)Gaussian(random)),
                TensorPattern.Smooth => (float)(Math.Sin((row * 0.3) + phase) + Math.Cos((column * 0.2) - phase) + (0.1 * Gaussian(random))),
                TensorPattern.NearSmallestScale => firstOfPlane
                    ? BitConverter.UInt32BitsToSingle((uint)(0x0d800000 + random.Next(-1, 2)))
                    : (float)((random.NextDouble() - 0.5) * Math.Pow(2, -100)),
                TensorPattern.Huge => Largest(spec.ElementType) * ((2f * random.NextSingle()) - 1f),
                TensorPattern.Constant => constant,
                TensorPattern.AlternatingExtremes => (row + column) % 2 == 0 ? Largest(spec.ElementType) : -Largest(spec.ElementType),
                TensorPattern.NegativeZeros => random.Next(3) == 0 ? -0f : Math.Abs((float)Gaussian(random)),
                TensorPattern.ZeroPlanes => silent ? 0f : spread * (float)Gaussian(random),
                TensorPattern.RoundingTies => firstOfPlane ? 128f * fullScale : random.Next(-64, 64) + 0.5f,
                _ => 0f,
            };
            Store(spec.ElementType, bytes, i, value);
            if (pattern is TensorPattern.Subnormal or TensorPattern.AnyFiniteBits)
            {
                StoreBits(spec.ElementType, bytes, i, pattern, random);
            }
        }

        if (pattern == TensorPattern.NonFinite && shape.ElementCount > 0)
        {
            float[] values = [float.NaN, float.PositiveInfinity, float.NegativeInfinity, -float.NaN];
            Store(spec.ElementType, bytes, random.NextInt64(shape.ElementCount), values[random.Next(values.Length)]);
        }

        return bytes;
    }

    /// <summary>The largest finite number of an element type.</summary>
    public static float Largest(ElementType type) => type switch
    {
        ElementType.Float16 => 65504f,
        ElementType.BFloat16 => ElementConversion.BFloat16ToSingle(0x7f7f),
        _ => float.MaxValue,
    };

    private static void Store(ElementType type, byte[] bytes, long index, float value)
    {
        Span<byte> element = bytes.AsSpan((int)(index * type.ByteSize()));
        switch (type)
        {
            case ElementType.Float32:
                BinaryPrimitives.WriteSingleLittleEndian(element, value);
                break;
            case ElementType.Float16:
                float inRange = float.IsFinite(value) ? Math.Clamp(value, -65504f, 65504f) : value;
                BinaryPrimitives.WriteUInt16LittleEndian(element, ElementConversion.SingleToFloat16(inRange));
                break;
            default:
                // Truncation keeps finite values finite, and a NaN's quiet bit is among the upper ones.
                BinaryPrimitives.WriteUInt16LittleEndian(element, (ushort)(BitConverter.SingleToUInt32Bits(value) >> 16));
                break;
        }
    }

    private static void StoreBits(ElementType type, byte[] bytes, long index, TensorPattern pattern, Random random)
    {
        uint drawn = (uint)random.NextInt64(1L << 32);
        (uint sign, uint exponent, uint lowestExponentBit) = type switch
        {
            ElementType.Float16 => (0x8000u, 0x7c00u, 0x0400u),
            ElementType.BFloat16 => (0x8000u, 0x7f80u, 0x0080u),
            _ => (0x80000000u, 0x7f800000u, 0x00800000u),
        };
        if (pattern == TensorPattern.Subnormal)
        {
            drawn &= sign | (lowestExponentBit - 1);
        }
        else if ((drawn & exponent) == exponent)
        {
            drawn &= ~lowestExponentBit;
        }

        Span<byte> element = bytes.AsSpan((int)(index * type.ByteSize()));
        if (type == ElementType.Float32)
        {
            BinaryPrimitives.WriteUInt32LittleEndian(element, drawn);
        }
        else
        {
            BinaryPrimitives.WriteUInt16LittleEndian(element, (ushort)(drawn & 0xffff));
        }
    }

    private static double Gaussian(Random random) =>
        Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
}
