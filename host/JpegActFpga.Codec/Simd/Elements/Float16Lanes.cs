using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using JpegActFpga.Core.Tensors;

namespace JpegActFpga.Codec.Simd.Elements;

/// <summary>binary16, converted in integer arithmetic: .NET exposes no F16C, and a processor set to flush subnormal numbers must agree.</summary>
internal readonly unsafe struct Float16Lanes : IElementLanes<ushort>
{
    private const MethodImplOptions Inline = MethodImplOptions.AggressiveInlining;
    private const ushort SignBit = 0x8000;
    private const int MantissaDifference = 13;
    private const uint ExponentDifference = (127u - 15u) << 23;

    public static ushort One => 0x3c00;

    [MethodImpl(Inline)]
    public static Vector256<float> Load8(ushort* from)
    {
        Vector256<uint> bits = HalfWords.Widen8(from);
        Vector256<uint> magnitude = (bits & Vector256.Create(0x7fffu)) << MantissaDifference;
        Vector256<uint> normal = magnitude + Vector256.Create(ExponentDifference);

        // A subnormal number is its mantissa at the smallest normal exponent, less that exponent's 1.
        Vector256<uint> smallest = Vector256.Create(ExponentDifference + (1u << 23));
        Vector256<uint> subnormal = ((magnitude + smallest).AsSingle() - smallest.AsSingle()).AsUInt32();
        Vector256<uint> isSubnormal = Vector256.LessThan(magnitude.AsInt32(), Vector256.Create(1 << 23)).AsUInt32();
        return (Vector256.ConditionalSelect(isSubnormal, subnormal, normal) | ((bits & Vector256.Create((uint)SignBit)) << 16)).AsSingle();
    }

    [MethodImpl(Inline)]
    public static void Store8(Vector256<float> values, ushort* to) => Narrow(values).Store(to);

    [MethodImpl(Inline)]
    public static void StorePart(Vector256<float> values, ushort* to, int count) => HalfWords.StorePart(Narrow(values), to, count);

    [MethodImpl(Inline)]
    public static uint LargestMagnitude(ushort* from, long count, bool wide, ref Vector256<uint> seen) =>
        BitConverter.SingleToUInt32Bits(ElementConversion.Float16ToSingle(MagnitudeScan.Run(from, count, ref seen)));

    public static bool AnyNegative(Vector256<uint> seen) => MagnitudeScan.AnyNegative(seen.AsUInt16());

    [MethodImpl(Inline)]
    public static ulong PositiveMask64(ushort* from) => HalfWords.PositiveMask64(from, unchecked((short)0xfc00));

    [MethodImpl(Inline)]
    public static void StoreOnes8(byte bits, ushort* to) => HalfWords.StoreOnes8(bits, One, to);

    // Any number or infinity; the decoder makes no NaN.
    [MethodImpl(Inline)]
    private static Vector128<ushort> Narrow(Vector256<float> values)
    {
        Vector256<uint> bits = values.AsUInt32();
        Vector256<uint> magnitude = bits & Vector256.Create(0x7fffffffu);

        // Rounding may carry into the exponent, up to infinity.
        Vector256<uint> odd = (magnitude >> MantissaDifference) & Vector256<uint>.One;
        Vector256<uint> normal = (magnitude - Vector256.Create(ExponentDifference) + Vector256.Create(0xfffu) + odd) >> MantissaDifference;

        // Adding 0.5 makes the processor round at the bit that is a subnormal's last.
        Vector256<float> rounder = Vector256.Create(0.5f);
        Vector256<uint> subnormal = (magnitude.AsSingle() + rounder).AsUInt32() - rounder.AsUInt32();
        Vector256<uint> isSubnormal = Vector256.LessThan(magnitude.AsInt32(), Vector256.Create((int)(ExponentDifference + (1u << 23)))).AsUInt32();
        Vector256<uint> isInfinite = Vector256.GreaterThan(magnitude.AsInt32(), Vector256.Create(0x477fffff)).AsUInt32();
        Vector256<uint> result = Vector256.ConditionalSelect(isSubnormal, subnormal, normal);
        result = Vector256.ConditionalSelect(isInfinite, Vector256.Create(0x7c00u), result);
        return HalfWords.Narrow8(result | ((bits >> 16) & Vector256.Create((uint)SignBit)));
    }
}
