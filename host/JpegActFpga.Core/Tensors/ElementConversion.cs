using System.Runtime.CompilerServices;

namespace JpegActFpga.Core.Tensors;

/// <summary>Exact widening to float32 and round-half-even narrowing, the only conversions the codec makes.</summary>
public static class ElementConversion
{
    /// <summary>Widens a binary16 bit pattern exactly.</summary>
    /// <param name="bits">The pattern.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Float16ToSingle(ushort bits) => (float)BitConverter.UInt16BitsToHalf(bits);

    /// <summary>Widens a bfloat16 bit pattern exactly.</summary>
    /// <param name="bits">The pattern.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float BFloat16ToSingle(ushort bits) => BitConverter.UInt32BitsToSingle((uint)bits << 16);

    /// <summary>Narrows to binary16, round half to even.</summary>
    /// <param name="value">Any value.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ushort SingleToFloat16(float value) => BitConverter.HalfToUInt16Bits((Half)value);

    /// <summary>Narrows a finite value to bfloat16, round half to even.</summary>
    /// <param name="value">A finite value: the decoder makes no other.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ushort SingleToBFloat16(float value)
    {
        uint bits = BitConverter.SingleToUInt32Bits(value);
        return (ushort)((bits + 0x7fffu + ((bits >> 16) & 1u)) >> 16);
    }
}
