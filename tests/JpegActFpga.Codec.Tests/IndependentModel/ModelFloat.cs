namespace JpegActFpga.Codec.Tests.IndependentModel;

/// <summary>IEEE-754 arithmetic on bit patterns with integers only: what "one float32 operation, rounded to nearest even" means.</summary>
/// <remarks>A finite value is taken apart into sign, whole significand and power of two, and put together again by one rounding.</remarks>
internal static class ModelFloat
{
    public const uint Infinity = 0x7f800000;
    public const uint SignBit = 0x80000000;

    /// <summary>The exact value of a small integer as float32 bits.</summary>
    public static uint FromInteger(long value) => Round32(value < 0, (UInt128)Math.Abs(value), 0);

    /// <summary>a * b for finite a and b.</summary>
    public static uint Multiply(uint a, uint b)
    {
        var (signA, significandA, exponentA) = Split(a);
        var (signB, significandB, exponentB) = Split(b);
        return Round32(signA != signB, (UInt128)significandA * significandB, exponentA + exponentB);
    }

    /// <summary>a / b for finite a and finite, non-zero b.</summary>
    public static uint Divide(uint a, uint b)
    {
        var (signA, significandA, exponentA) = Split(a);
        var (signB, significandB, exponentB) = Split(b);
        UInt128 scaled = (UInt128)significandA << 64;
        UInt128 quotient = scaled / significandB;

        // At least 40 bits of quotient; one more bit says whether the division left a remainder, which is all that rounding needs.
        UInt128 sticky = quotient * significandB == scaled ? 0u : 1u;
        return Round32(signA != signB, (quotient << 1) | sticky, exponentA - exponentB - 65);
    }

    /// <summary>The nearest integer, ties to the even one.</summary>
    public static long RoundHalfEven(uint bits)
    {
        var (negative, significand, exponent) = Split(bits);
        long magnitude = exponent >= 0
            ? checked((long)((UInt128)significand << exponent))
            : (long)ShiftRightHalfEven(significand, -exponent);
        return negative ? -magnitude : magnitude;
    }

    /// <summary>float16 bits as float32 bits; exact.</summary>
    public static uint WidenHalf(ushort half) => Widen(half, fractionBits: 10, exponentBits: 5);

    /// <summary>bfloat16 bits as float32 bits; exact.</summary>
    public static uint WidenBFloat(ushort value) => (uint)value << 16;

    /// <summary>float32 bits of a number or an infinity as float16 bits, rounded to nearest even.</summary>
    public static ushort NarrowHalf(uint bits)
    {
        if ((bits & ~SignBit) == Infinity)
        {
            return (ushort)(((bits >> 16) & 0x8000) | 0x7c00);
        }

        var (negative, significand, exponent) = Split(bits);
        return (ushort)Round(negative, significand, exponent, fractionBits: 10, exponentBits: 5);
    }

    /// <summary>float32 bits of a number or an infinity as bfloat16 bits, rounded to nearest even.</summary>
    public static ushort NarrowBFloat(uint bits)
    {
        if ((bits & ~SignBit) == Infinity)
        {
            return (ushort)(bits >> 16);
        }

        var (negative, significand, exponent) = Split(bits);
        return (ushort)Round(negative, significand, exponent, fractionBits: 7, exponentBits: 8);
    }

    private static uint Widen(uint bits, int fractionBits, int exponentBits)
    {
        uint maxField = (1u << exponentBits) - 1;
        uint fraction = bits & ((1u << fractionBits) - 1);
        uint field = (bits >> fractionBits) & maxField;
        bool negative = bits >> (fractionBits + exponentBits) != 0;
        if (field == maxField)
        {
            return (negative ? SignBit : 0) | Infinity | (fraction << (23 - fractionBits));
        }

        int bias = (1 << (exponentBits - 1)) - 1;
        uint significand = field == 0 ? fraction : fraction | (1u << fractionBits);
        return Round32(negative, significand, (int)Math.Max(field, 1u) - bias - fractionBits);
    }

    // value = (-1)^negative * significand * 2^exponent
    private static (bool Negative, uint Significand, int Exponent) Split(uint bits)
    {
        uint field = (bits >> 23) & 0xff;
        if (field == 0xff)
        {
            throw new ArgumentOutOfRangeException(nameof(bits), "The model's arithmetic is for finite values.");
        }

        uint fraction = bits & 0x7fffff;
        return (bits >> 31 != 0, field == 0 ? fraction : fraction | 0x800000, (int)Math.Max(field, 1u) - 150);
    }

    private static uint Round32(bool negative, UInt128 significand, int exponent) => Round(negative, significand, exponent, 23, 8);

    private static uint Round(bool negative, UInt128 significand, int exponent, int fractionBits, int exponentBits)
    {
        uint sign = negative ? 1u << (fractionBits + exponentBits) : 0;
        if (significand == 0)
        {
            return sign;
        }

        int bias = (1 << (exponentBits - 1)) - 1;
        int leading = 127 - (int)UInt128.LeadingZeroCount(significand) + exponent;
        int lowest = Math.Max(leading, 1 - bias) - fractionBits;
        UInt128 kept = lowest >= exponent
            ? ShiftRightHalfEven(significand, lowest - exponent)
            : significand << (exponent - lowest);
        if (kept == (UInt128)1 << (fractionBits + 1))
        {
            kept >>= 1;
            lowest++;
        }

        uint hidden = 1u << fractionBits;
        if (kept < hidden)
        {
            return sign | (uint)kept;
        }

        int field = lowest + fractionBits + bias;
        uint maxField = (1u << exponentBits) - 1;
        return field >= maxField
            ? sign | (maxField << fractionBits)
            : sign | ((uint)field << fractionBits) | ((uint)kept - hidden);
    }

    private static UInt128 ShiftRightHalfEven(UInt128 value, int shift)
    {
        if (shift == 0)
        {
            return value;
        }

        if (shift > 126)
        {
            return 0;
        }

        UInt128 kept = value >> shift;
        UInt128 dropped = value - (kept << shift);
        UInt128 half = (UInt128)1 << (shift - 1);
        bool up = dropped > half || (dropped == half && !UInt128.IsEvenInteger(kept));
        return up ? kept + 1 : kept;
    }
}
