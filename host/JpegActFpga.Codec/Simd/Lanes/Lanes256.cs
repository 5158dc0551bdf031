using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace JpegActFpga.Codec.Simd.Lanes;

/// <summary>Two blocks at a time, AVX2.</summary>
internal readonly unsafe struct Lanes256 : ILanes<Vector256<short>, Vector256<int>>
{
    private const MethodImplOptions Inline = MethodImplOptions.AggressiveInlining;

    public static int Blocks => 2;

    [MethodImpl(Inline)]
    public static void LoadSpatialRows(sbyte* rows, out Vector256<short> even, out Vector256<short> odd)
    {
        Vector256<byte> packed = Vector256.Load((byte*)rows);
        even = Spread(packed, LaneOrders.Columns(odd: false));
        odd = Spread(packed, LaneOrders.Columns(odd: true));
    }

    [MethodImpl(Inline)]
    public static void StoreSpatialRows(Vector256<short> even, Vector256<short> odd, sbyte lowest, sbyte* rows) =>
        Avx2.Max(Avx2.PackSignedSaturate(even, odd), Vector256.Create(lowest)).Store(rows);

    [MethodImpl(Inline)]
    public static void LoadCoefficientRows(
        sbyte* group,
        out Vector256<short> r0,
        out Vector256<short> r1,
        out Vector256<short> r2,
        out Vector256<short> r3,
        out Vector256<short> r4,
        out Vector256<short> r5,
        out Vector256<short> r6,
        out Vector256<short> r7)
    {
        LoadPair(group, out r0, out r1);
        LoadPair(group + 16, out r2, out r3);
        LoadPair(group + 32, out r4, out r5);
        LoadPair(group + 48, out r6, out r7);
    }

    [MethodImpl(Inline)]
    public static void StoreCoefficientRows(sbyte* group, Vector256<short> r01, Vector256<short> r23, Vector256<short> r45, Vector256<short> r67)
    {
        StorePair(group, r01);
        StorePair(group + 16, r23);
        StorePair(group + 32, r45);
        StorePair(group + 48, r67);
    }

    [MethodImpl(Inline)]
    public static Vector256<short> Load(short* from) => Vector256.Load(from);

    [MethodImpl(Inline)]
    public static Vector256<int> Load(int* from) => Vector256.Load(from);

    [MethodImpl(Inline)]
    public static Vector256<int> Broadcast(int value) => Vector256.Create(value);

    [MethodImpl(Inline)]
    public static Vector256<short> Add(Vector256<short> a, Vector256<short> b) => a + b;

    [MethodImpl(Inline)]
    public static Vector256<short> Subtract(Vector256<short> a, Vector256<short> b) => a - b;

    [MethodImpl(Inline)]
    public static Vector256<short> Xor(Vector256<short> a, Vector256<short> b) => a ^ b;

    [MethodImpl(Inline)]
    public static Vector256<short> ShiftRight(Vector256<short> value, int count) => value >> count;

    [MethodImpl(Inline)]
    public static Vector256<short> MultiplyHighRounded(Vector256<short> a, Vector256<short> b) => Avx2.MultiplyHighRoundScale(a, b);

    [MethodImpl(Inline)]
    public static Vector256<int> Add(Vector256<int> a, Vector256<int> b) => a + b;

    [MethodImpl(Inline)]
    public static Vector256<int> Subtract(Vector256<int> a, Vector256<int> b) => a - b;

    [MethodImpl(Inline)]
    public static Vector256<int> ShiftRight(Vector256<int> value, int count) => value >> count;

    [MethodImpl(Inline)]
    public static Vector256<int> Abs(Vector256<int> value) => Vector256.Abs(value);

    [MethodImpl(Inline)]
    public static Vector256<int> MultiplyAddPairs(Vector256<short> pairs, Vector256<int> constants) => Avx2.MultiplyAddAdjacent(pairs, constants.AsInt16());

    [MethodImpl(Inline)]
    public static Vector256<short> Narrow(Vector256<int> low, Vector256<int> high) => Avx2.PackSignedSaturate(low, high);

    [MethodImpl(Inline)]
    public static Vector256<short> NarrowToBytes(Vector256<short> first, Vector256<short> second) => Avx2.PackSignedSaturate(first, second).AsInt16();

    [MethodImpl(Inline)]
    public static Vector256<short> UpperHalves(Vector256<int> even, Vector256<int> odd) =>
        Avx2.Blend((even.AsUInt32() >> 16).AsInt16(), odd.AsInt16(), 0b10101010);

    [MethodImpl(Inline)]
    public static Vector256<short> Deal(Vector256<short> value) =>
        Avx2.Shuffle(value.AsByte(), Vector256.Create(Vector128.Create((byte)0, 1, 8, 9, 2, 3, 10, 11, 4, 5, 12, 13, 6, 7, 14, 15))).AsInt16();

    [MethodImpl(Inline)]
    public static Vector256<short> InterleaveLow(Vector256<short> a, Vector256<short> b) => Avx2.UnpackLow(a, b);

    [MethodImpl(Inline)]
    public static Vector256<short> InterleaveHigh(Vector256<short> a, Vector256<short> b) => Avx2.UnpackHigh(a, b);

    [MethodImpl(Inline)]
    public static Vector256<short> InterleavePairsLow(Vector256<short> a, Vector256<short> b) => Avx2.UnpackLow(a.AsInt32(), b.AsInt32()).AsInt16();

    [MethodImpl(Inline)]
    public static Vector256<short> InterleavePairsHigh(Vector256<short> a, Vector256<short> b) => Avx2.UnpackHigh(a.AsInt32(), b.AsInt32()).AsInt16();

    [MethodImpl(Inline)]
    public static Vector256<short> InterleaveQuadsLow(Vector256<short> a, Vector256<short> b) => Avx2.UnpackLow(a.AsInt64(), b.AsInt64()).AsInt16();

    [MethodImpl(Inline)]
    public static Vector256<short> InterleaveQuadsHigh(Vector256<short> a, Vector256<short> b) => Avx2.UnpackHigh(a.AsInt64(), b.AsInt64()).AsInt16();

    [MethodImpl(Inline)]
    private static Vector256<short> Spread(Vector256<byte> packed, Vector128<byte> order) => Avx2.Shuffle(packed, Vector256.Create(order)).AsInt16();

    [MethodImpl(Inline)]
    private static void LoadPair(sbyte* rows, out Vector256<short> even, out Vector256<short> odd)
    {
        var packed = Vector256.Create(Vector128.Load((byte*)rows), Vector128.Load((byte*)rows + 64));
        even = Spread(packed, LaneOrders.Frequencies(odd: false));
        odd = Spread(packed, LaneOrders.Frequencies(odd: true));
    }

    [MethodImpl(Inline)]
    private static void StorePair(sbyte* rows, Vector256<short> packed)
    {
        packed.GetLower().Store((short*)rows);
        packed.GetUpper().Store((short*)(rows + 64));
    }
}
