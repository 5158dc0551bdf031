using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace JpegActFpga.Codec.Simd.Elements;

/// <summary>What the two 16-bit element types share.</summary>
internal static unsafe class HalfWords
{
    private const MethodImplOptions Inline = MethodImplOptions.AggressiveInlining;

    [MethodImpl(Inline)]
    internal static Vector256<uint> Widen8(ushort* from)
    {
        (Vector128<uint> low, Vector128<uint> high) = Vector128.Widen(Vector128.Load(from));
        return Vector256.Create(low, high);
    }

    /// <summary>Drops the upper halves, which are zero.</summary>
    [MethodImpl(Inline)]
    internal static Vector128<ushort> Narrow8(Vector256<uint> words) => Vector128.Narrow(words.GetLower(), words.GetUpper());

    [MethodImpl(Inline)]
    internal static void StorePart(Vector128<ushort> values, ushort* to, int count)
    {
        ulong left = values.AsUInt64()[0];
        if (count >= 4)
        {
            *(ulong*)to = left;
            to += 4;
            count -= 4;
            left = values.AsUInt64()[1];
        }

        if (count >= 2)
        {
            *(uint*)to = (uint)left;
            to += 2;
            count -= 2;
            left >>= 32;
        }

        if (count != 0)
        {
            *to = (ushort)left;
        }
    }

    /// <summary>Bit k is 1 unless element k is at most zero.</summary>
    /// <param name="from">64 elements.</param>
    /// <param name="negativeInfinity">The pattern of minus infinity: as a signed number, whatever is above it is positive, zero, or a NaN.</param>
    [MethodImpl(Inline)]
    internal static ulong PositiveMask64(ushort* from, short negativeInfinity)
    {
        ulong mask = 0;
        for (int k = 0; k < 64; k += 32)
        {
            Vector256<ushort> low = Positive(Vector256.Load((short*)from + k), negativeInfinity);
            Vector256<ushort> high = Positive(Vector256.Load((short*)from + k + 16), negativeInfinity);
            mask |= (ulong)Vector256.Narrow(low, high).ExtractMostSignificantBits() << k;
        }

        return mask;
    }

    [MethodImpl(Inline)]
    internal static void StoreOnes8(byte bits, ushort one, ushort* to)
    {
        Vector128<ushort> bit = Vector128.Create((ushort)1, 2, 4, 8, 16, 32, 64, 128);
        (Vector128.Equals(Vector128.Create((ushort)bits) & bit, bit) & Vector128.Create(one)).Store(to);
    }

    [MethodImpl(Inline)]
    private static Vector256<ushort> Positive(Vector256<short> elements, short negativeInfinity) =>
        Vector256.AndNot(Vector256.GreaterThan(elements, Vector256.Create(negativeInfinity)), Vector256.Equals(elements, Vector256<short>.Zero)).AsUInt16();
}
