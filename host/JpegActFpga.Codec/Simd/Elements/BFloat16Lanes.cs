using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace JpegActFpga.Codec.Simd.Elements;

internal readonly unsafe struct BFloat16Lanes : IElementLanes<ushort>
{
    private const MethodImplOptions Inline = MethodImplOptions.AggressiveInlining;

    public static ushort One => 0x3f80;

    [MethodImpl(Inline)]
    public static Vector256<float> Load8(ushort* from) => (HalfWords.Widen8(from) << 16).AsSingle();

    [MethodImpl(Inline)]
    public static void Store8(Vector256<float> values, ushort* to) => Narrow(values).Store(to);

    [MethodImpl(Inline)]
    public static void StorePart(Vector256<float> values, ushort* to, int count) => HalfWords.StorePart(Narrow(values), to, count);

    [MethodImpl(Inline)]
    public static uint LargestMagnitude(ushort* from, long count, bool wide, ref Vector256<uint> seen) =>
        (uint)MagnitudeScan.Run(from, count, ref seen) << 16;

    public static bool AnyNegative(Vector256<uint> seen) => MagnitudeScan.AnyNegative(seen.AsUInt16());

    [MethodImpl(Inline)]
    public static ulong PositiveMask64(ushort* from) => HalfWords.PositiveMask64(from, unchecked((short)0xff80));

    [MethodImpl(Inline)]
    public static void StoreOnes8(byte bits, ushort* to) => HalfWords.StoreOnes8(bits, One, to);

    [MethodImpl(Inline)]
    private static Vector128<ushort> Narrow(Vector256<float> values)
    {
        Vector256<uint> bits = values.AsUInt32();
        return HalfWords.Narrow8((bits + Vector256.Create(0x7fffu) + ((bits >> 16) & Vector256<uint>.One)) >> 16);
    }
}
