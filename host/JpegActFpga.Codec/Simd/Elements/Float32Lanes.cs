using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace JpegActFpga.Codec.Simd.Elements;

internal readonly unsafe struct Float32Lanes : IElementLanes<float>
{
    private const MethodImplOptions Inline = MethodImplOptions.AggressiveInlining;

    public static float One => 1f;

    [MethodImpl(Inline)]
    public static Vector256<float> Load8(float* from) => Vector256.Load(from);

    [MethodImpl(Inline)]
    public static void Store8(Vector256<float> values, float* to) => values.Store(to);

    [MethodImpl(Inline)]
    public static void StorePart(Vector256<float> values, float* to, int count)
    {
        if (count >= 4)
        {
            // Two stores that overlap; the second ends with the last value.
            values.GetLower().Store(to);
            Vector256.ShuffleNative(values, Vector256.Create(0, 1, 2, 3, 0, 1, 2, 3) + Vector256.Create(count - 4)).GetLower().Store(to + count - 4);
            return;
        }

        Vector128<float> low = values.GetLower();
        if (count >= 2)
        {
            *(double*)to = low.AsDouble().ToScalar();
            to[count - 1] = count == 3 ? low[2] : low[1];
            return;
        }

        *to = low.ToScalar();
    }

    [MethodImpl(Inline)]
    public static uint LargestMagnitude(float* from, long count, bool wide, ref Vector256<uint> seen) =>
        MagnitudeScan.Run((uint*)from, count, wide, ref seen);

    public static bool AnyNegative(Vector256<uint> seen) => MagnitudeScan.AnyNegative(seen);

    [MethodImpl(Inline)]
    public static ulong PositiveMask64(float* from)
    {
        ulong mask = 0;
        for (int k = 0; k < 64; k += 8)
        {
            mask |= (ulong)Vector256.LessThanOrEqual(Vector256.Load(from + k), Vector256<float>.Zero).ExtractMostSignificantBits() << k;
        }

        return ~mask;
    }

    [MethodImpl(Inline)]
    public static void StoreOnes8(byte bits, float* to)
    {
        Vector256<int> bit = Vector256.Create(1, 2, 4, 8, 16, 32, 64, 128);
        Vector256<int> set = Vector256.Equals(Vector256.Create((int)bits) & bit, bit);
        (set & Vector256.Create(1f).AsInt32()).AsSingle().Store(to);
    }
}
