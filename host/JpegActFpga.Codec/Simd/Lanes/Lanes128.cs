using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;

namespace JpegActFpga.Codec.Simd.Lanes;

/// <summary>One block at a time, on any processor with 128-bit vectors; slow but right where there are none.</summary>
internal readonly unsafe struct Lanes128 : ILanes<Vector128<short>, Vector128<int>>
{
    private const MethodImplOptions Inline = MethodImplOptions.AggressiveInlining;

    public static int Blocks => 1;

    [MethodImpl(Inline)]
    public static void LoadSpatialRows(sbyte* rows, out Vector128<short> even, out Vector128<short> odd)
    {
        Vector128<byte> packed = Vector128.Load((byte*)rows);
        even = Spread(packed, LaneOrders.Columns(odd: false));
        odd = Spread(packed, LaneOrders.Columns(odd: true));
    }

    [MethodImpl(Inline)]
    public static void StoreSpatialRows(Vector128<short> even, Vector128<short> odd, sbyte lowest, sbyte* rows) =>
        Vector128.Max(Vector128.NarrowWithSaturation(even, odd), Vector128.Create(lowest)).Store(rows);

    [MethodImpl(Inline)]
    public static void LoadCoefficientRows(
        sbyte* group,
        out Vector128<short> r0,
        out Vector128<short> r1,
        out Vector128<short> r2,
        out Vector128<short> r3,
        out Vector128<short> r4,
        out Vector128<short> r5,
        out Vector128<short> r6,
        out Vector128<short> r7)
    {
        LoadPair(group, out r0, out r1);
        LoadPair(group + 16, out r2, out r3);
        LoadPair(group + 32, out r4, out r5);
        LoadPair(group + 48, out r6, out r7);
    }

    [MethodImpl(Inline)]
    public static void StoreCoefficientRows(sbyte* group, Vector128<short> r01, Vector128<short> r23, Vector128<short> r45, Vector128<short> r67)
    {
        r01.Store((short*)group);
        r23.Store((short*)(group + 16));
        r45.Store((short*)(group + 32));
        r67.Store((short*)(group + 48));
    }

    [MethodImpl(Inline)]
    public static Vector128<short> Load(short* from) => Vector128.Load(from);

    [MethodImpl(Inline)]
    public static Vector128<int> Load(int* from) => Vector128.Load(from);

    [MethodImpl(Inline)]
    public static Vector128<int> Broadcast(int value) => Vector128.Create(value);

    [MethodImpl(Inline)]
    public static Vector128<short> Add(Vector128<short> a, Vector128<short> b) => a + b;

    [MethodImpl(Inline)]
    public static Vector128<short> Subtract(Vector128<short> a, Vector128<short> b) => a - b;

    [MethodImpl(Inline)]
    public static Vector128<short> Xor(Vector128<short> a, Vector128<short> b) => a ^ b;

    [MethodImpl(Inline)]
    public static Vector128<short> ShiftRight(Vector128<short> value, int count) => value >> count;

    [MethodImpl(Inline)]
    public static Vector128<short> MultiplyHighRounded(Vector128<short> a, Vector128<short> b)
    {
        if (Ssse3.IsSupported)
        {
            return Ssse3.MultiplyHighRoundScale(a, b);
        }

        if (AdvSimd.IsSupported)
        {
            return AdvSimd.MultiplyRoundedDoublingSaturateHigh(a, b);
        }

        (Vector128<int> aLow, Vector128<int> aHigh) = Vector128.Widen(a);
        (Vector128<int> bLow, Vector128<int> bHigh) = Vector128.Widen(b);
        Vector128<int> half = Vector128.Create(1 << 14);
        return Vector128.Narrow(((aLow * bLow) + half) >> 15, ((aHigh * bHigh) + half) >> 15);
    }

    [MethodImpl(Inline)]
    public static Vector128<int> Add(Vector128<int> a, Vector128<int> b) => a + b;

    [MethodImpl(Inline)]
    public static Vector128<int> Subtract(Vector128<int> a, Vector128<int> b) => a - b;

    [MethodImpl(Inline)]
    public static Vector128<int> ShiftRight(Vector128<int> value, int count) => value >> count;

    [MethodImpl(Inline)]
    public static Vector128<int> Abs(Vector128<int> value) => Vector128.Abs(value);

    [MethodImpl(Inline)]
    public static Vector128<int> MultiplyAddPairs(Vector128<short> pairs, Vector128<int> constants)
    {
        if (Sse2.IsSupported)
        {
            return Sse2.MultiplyAddAdjacent(pairs, constants.AsInt16());
        }

        if (AdvSimd.Arm64.IsSupported)
        {
            return AdvSimd.Arm64.AddPairwise(
                AdvSimd.MultiplyWideningLower(pairs.GetLower(), constants.AsInt16().GetLower()),
                AdvSimd.MultiplyWideningUpper(pairs, constants.AsInt16()));
        }

        // Sign extension of the low half of each pair, and of the high half.
        Vector128<int> low = ((pairs.AsInt32() << 16) >> 16) * ((constants << 16) >> 16);
        return low + ((pairs.AsInt32() >> 16) * (constants >> 16));
    }

    [MethodImpl(Inline)]
    public static Vector128<short> Narrow(Vector128<int> low, Vector128<int> high) => Vector128.NarrowWithSaturation(low, high);

    [MethodImpl(Inline)]
    public static Vector128<short> NarrowToBytes(Vector128<short> first, Vector128<short> second) => Vector128.NarrowWithSaturation(first, second).AsInt16();

    [MethodImpl(Inline)]
    public static Vector128<short> UpperHalves(Vector128<int> even, Vector128<int> odd) => AdvSimd.Arm64.IsSupported
        ? AdvSimd.Arm64.TransposeOdd(even.AsInt16(), odd.AsInt16())
        : ((even.AsUInt32() >> 16) | (odd.AsUInt32() & Vector128.Create(0xffff0000u))).AsInt16();

    [MethodImpl(Inline)]
    public static Vector128<short> Deal(Vector128<short> value) => Vector128.Shuffle(value, Vector128.Create((short)0, 4, 1, 5, 2, 6, 3, 7));

    [MethodImpl(Inline)]
    public static Vector128<short> InterleaveLow(Vector128<short> a, Vector128<short> b) =>
        Sse2.IsSupported ? Sse2.UnpackLow(a, b)
        : AdvSimd.Arm64.IsSupported ? AdvSimd.Arm64.ZipLow(a, b)
        : Vector128.Create(a[0], b[0], a[1], b[1], a[2], b[2], a[3], b[3]);

    [MethodImpl(Inline)]
    public static Vector128<short> InterleaveHigh(Vector128<short> a, Vector128<short> b) =>
        Sse2.IsSupported ? Sse2.UnpackHigh(a, b)
        : AdvSimd.Arm64.IsSupported ? AdvSimd.Arm64.ZipHigh(a, b)
        : Vector128.Create(a[4], b[4], a[5], b[5], a[6], b[6], a[7], b[7]);

    [MethodImpl(Inline)]
    public static Vector128<short> InterleavePairsLow(Vector128<short> a, Vector128<short> b) =>
        Sse2.IsSupported ? Sse2.UnpackLow(a.AsInt32(), b.AsInt32()).AsInt16()
        : AdvSimd.Arm64.IsSupported ? AdvSimd.Arm64.ZipLow(a.AsInt32(), b.AsInt32()).AsInt16()
        : Vector128.Create(a.AsInt32()[0], b.AsInt32()[0], a.AsInt32()[1], b.AsInt32()[1]).AsInt16();

    [MethodImpl(Inline)]
    public static Vector128<short> InterleavePairsHigh(Vector128<short> a, Vector128<short> b) =>
        Sse2.IsSupported ? Sse2.UnpackHigh(a.AsInt32(), b.AsInt32()).AsInt16()
        : AdvSimd.Arm64.IsSupported ? AdvSimd.Arm64.ZipHigh(a.AsInt32(), b.AsInt32()).AsInt16()
        : Vector128.Create(a.AsInt32()[2], b.AsInt32()[2], a.AsInt32()[3], b.AsInt32()[3]).AsInt16();

    [MethodImpl(Inline)]
    public static Vector128<short> InterleaveQuadsLow(Vector128<short> a, Vector128<short> b) => Vector128.Create(a.AsInt64()[0], b.AsInt64()[0]).AsInt16();

    [MethodImpl(Inline)]
    public static Vector128<short> InterleaveQuadsHigh(Vector128<short> a, Vector128<short> b) => Vector128.Create(a.AsInt64()[1], b.AsInt64()[1]).AsInt16();

    [MethodImpl(Inline)]
    private static Vector128<short> Spread(Vector128<byte> packed, Vector128<byte> order) => Vector128.ShuffleNative(packed, order).AsInt16();

    [MethodImpl(Inline)]
    private static void LoadPair(sbyte* rows, out Vector128<short> even, out Vector128<short> odd)
    {
        Vector128<byte> packed = Vector128.Load((byte*)rows);
        even = Spread(packed, LaneOrders.Frequencies(odd: false));
        odd = Spread(packed, LaneOrders.Frequencies(odd: true));
    }
}
