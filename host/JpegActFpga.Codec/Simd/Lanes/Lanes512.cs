using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace JpegActFpga.Codec.Simd.Lanes;

/// <summary>Four blocks at a time, AVX-512 BW.</summary>
/// <remarks>
/// Operations that work inside 128-bit parts are the same on two halves: without AVX-512 they run there, which lets the
/// tests hold this path to the reference on processors that lack it. Nothing chooses it there.
/// </remarks>
internal readonly unsafe struct Lanes512 : ILanes<Vector512<short>, Vector512<int>>
{
    private const MethodImplOptions Inline = MethodImplOptions.AggressiveInlining;

    public static int Blocks => 4;

    [MethodImpl(Inline)]
    public static void LoadSpatialRows(sbyte* rows, out Vector512<short> even, out Vector512<short> odd)
    {
        Vector512<byte> packed = Vector512.Load((byte*)rows);
        even = Spread(packed, LaneOrders.Columns(odd: false));
        odd = Spread(packed, LaneOrders.Columns(odd: true));
    }

    [MethodImpl(Inline)]
    public static void StoreSpatialRows(Vector512<short> even, Vector512<short> odd, sbyte lowest, sbyte* rows) =>
        Vector512.Max(NarrowToBytes(even, odd).AsSByte(), Vector512.Create(lowest)).Store(rows);

    [MethodImpl(Inline)]
    public static void LoadCoefficientRows(
        sbyte* group,
        out Vector512<short> r0,
        out Vector512<short> r1,
        out Vector512<short> r2,
        out Vector512<short> r3,
        out Vector512<short> r4,
        out Vector512<short> r5,
        out Vector512<short> r6,
        out Vector512<short> r7)
    {
        Vector512<sbyte> a = Vector512.Load(group);
        Vector512<sbyte> b = Vector512.Load(group + 64);
        Vector512<sbyte> c = Vector512.Load(group + 128);
        Vector512<sbyte> d = Vector512.Load(group + 192);
        TransposeParts(ref a, ref b, ref c, ref d);
        (r0, r1) = (Spread(a.AsByte(), LaneOrders.Frequencies(odd: false)), Spread(a.AsByte(), LaneOrders.Frequencies(odd: true)));
        (r2, r3) = (Spread(b.AsByte(), LaneOrders.Frequencies(odd: false)), Spread(b.AsByte(), LaneOrders.Frequencies(odd: true)));
        (r4, r5) = (Spread(c.AsByte(), LaneOrders.Frequencies(odd: false)), Spread(c.AsByte(), LaneOrders.Frequencies(odd: true)));
        (r6, r7) = (Spread(d.AsByte(), LaneOrders.Frequencies(odd: false)), Spread(d.AsByte(), LaneOrders.Frequencies(odd: true)));
    }

    [MethodImpl(Inline)]
    public static void StoreCoefficientRows(sbyte* group, Vector512<short> r01, Vector512<short> r23, Vector512<short> r45, Vector512<short> r67)
    {
        (Vector512<sbyte> a, Vector512<sbyte> b, Vector512<sbyte> c, Vector512<sbyte> d) = (r01.AsSByte(), r23.AsSByte(), r45.AsSByte(), r67.AsSByte());
        TransposeParts(ref a, ref b, ref c, ref d);
        a.Store(group);
        b.Store(group + 64);
        c.Store(group + 128);
        d.Store(group + 192);
    }

    [MethodImpl(Inline)]
    public static Vector512<short> Load(short* from) => Vector512.Load(from);

    [MethodImpl(Inline)]
    public static Vector512<int> Load(int* from) => Vector512.Load(from);

    [MethodImpl(Inline)]
    public static Vector512<int> Broadcast(int value) => Vector512.Create(value);

    [MethodImpl(Inline)]
    public static Vector512<short> Add(Vector512<short> a, Vector512<short> b) => a + b;

    [MethodImpl(Inline)]
    public static Vector512<short> Subtract(Vector512<short> a, Vector512<short> b) => a - b;

    [MethodImpl(Inline)]
    public static Vector512<short> Xor(Vector512<short> a, Vector512<short> b) => a ^ b;

    [MethodImpl(Inline)]
    public static Vector512<short> ShiftRight(Vector512<short> value, int count) => value >> count;

    [MethodImpl(Inline)]
    public static Vector512<short> MultiplyHighRounded(Vector512<short> a, Vector512<short> b) =>
        Avx512BW.IsSupported ? Avx512BW.MultiplyHighRoundScale(a, b) : Vector512.Create(Lanes256.MultiplyHighRounded(a.GetLower(), b.GetLower()), Lanes256.MultiplyHighRounded(a.GetUpper(), b.GetUpper()));

    [MethodImpl(Inline)]
    public static Vector512<int> Add(Vector512<int> a, Vector512<int> b) => a + b;

    [MethodImpl(Inline)]
    public static Vector512<int> Subtract(Vector512<int> a, Vector512<int> b) => a - b;

    [MethodImpl(Inline)]
    public static Vector512<int> ShiftRight(Vector512<int> value, int count) => value >> count;

    [MethodImpl(Inline)]
    public static Vector512<int> Abs(Vector512<int> value) => Vector512.Abs(value);

    [MethodImpl(Inline)]
    public static Vector512<int> MultiplyAddPairs(Vector512<short> pairs, Vector512<int> constants) =>
        Avx512BW.IsSupported ? Avx512BW.MultiplyAddAdjacent(pairs, constants.AsInt16()) : Vector512.Create(Lanes256.MultiplyAddPairs(pairs.GetLower(), constants.GetLower()), Lanes256.MultiplyAddPairs(pairs.GetUpper(), constants.GetUpper()));

    [MethodImpl(Inline)]
    public static Vector512<short> Narrow(Vector512<int> low, Vector512<int> high) =>
        Avx512BW.IsSupported ? Avx512BW.PackSignedSaturate(low, high) : Vector512.Create(Lanes256.Narrow(low.GetLower(), high.GetLower()), Lanes256.Narrow(low.GetUpper(), high.GetUpper()));

    [MethodImpl(Inline)]
    public static Vector512<short> NarrowToBytes(Vector512<short> first, Vector512<short> second) => Avx512BW.IsSupported
        ? Avx512BW.PackSignedSaturate(first, second).AsInt16()
        : Vector512.Create(Lanes256.NarrowToBytes(first.GetLower(), second.GetLower()), Lanes256.NarrowToBytes(first.GetUpper(), second.GetUpper()));

    [MethodImpl(Inline)]
    public static Vector512<short> UpperHalves(Vector512<int> even, Vector512<int> odd) =>
        Vector512.ConditionalSelect(Vector512.Create(0xffff0000u), odd.AsUInt32(), even.AsUInt32() >> 16).AsInt16();

    [MethodImpl(Inline)]
    public static Vector512<short> Deal(Vector512<short> value) => Avx512BW.IsSupported
        ? Avx512BW.Shuffle(value.AsByte(), Vector512.Create(Vector256.Create(Vector128.Create((byte)0, 1, 8, 9, 2, 3, 10, 11, 4, 5, 12, 13, 6, 7, 14, 15)))).AsInt16()
        : Vector512.Create(Lanes256.Deal(value.GetLower()), Lanes256.Deal(value.GetUpper()));

    [MethodImpl(Inline)]
    public static Vector512<short> InterleaveLow(Vector512<short> a, Vector512<short> b) =>
        Avx512BW.IsSupported ? Avx512BW.UnpackLow(a, b) : Vector512.Create(Lanes256.InterleaveLow(a.GetLower(), b.GetLower()), Lanes256.InterleaveLow(a.GetUpper(), b.GetUpper()));

    [MethodImpl(Inline)]
    public static Vector512<short> InterleaveHigh(Vector512<short> a, Vector512<short> b) =>
        Avx512BW.IsSupported ? Avx512BW.UnpackHigh(a, b) : Vector512.Create(Lanes256.InterleaveHigh(a.GetLower(), b.GetLower()), Lanes256.InterleaveHigh(a.GetUpper(), b.GetUpper()));

    [MethodImpl(Inline)]
    public static Vector512<short> InterleavePairsLow(Vector512<short> a, Vector512<short> b) =>
        Avx512F.IsSupported ? Avx512F.UnpackLow(a.AsInt32(), b.AsInt32()).AsInt16() : Vector512.Create(Lanes256.InterleavePairsLow(a.GetLower(), b.GetLower()), Lanes256.InterleavePairsLow(a.GetUpper(), b.GetUpper()));

    [MethodImpl(Inline)]
    public static Vector512<short> InterleavePairsHigh(Vector512<short> a, Vector512<short> b) =>
        Avx512F.IsSupported ? Avx512F.UnpackHigh(a.AsInt32(), b.AsInt32()).AsInt16() : Vector512.Create(Lanes256.InterleavePairsHigh(a.GetLower(), b.GetLower()), Lanes256.InterleavePairsHigh(a.GetUpper(), b.GetUpper()));

    [MethodImpl(Inline)]
    public static Vector512<short> InterleaveQuadsLow(Vector512<short> a, Vector512<short> b) =>
        Avx512F.IsSupported ? Avx512F.UnpackLow(a.AsInt64(), b.AsInt64()).AsInt16() : Vector512.Create(Lanes256.InterleaveQuadsLow(a.GetLower(), b.GetLower()), Lanes256.InterleaveQuadsLow(a.GetUpper(), b.GetUpper()));

    [MethodImpl(Inline)]
    public static Vector512<short> InterleaveQuadsHigh(Vector512<short> a, Vector512<short> b) =>
        Avx512F.IsSupported ? Avx512F.UnpackHigh(a.AsInt64(), b.AsInt64()).AsInt16() : Vector512.Create(Lanes256.InterleaveQuadsHigh(a.GetLower(), b.GetLower()), Lanes256.InterleaveQuadsHigh(a.GetUpper(), b.GetUpper()));

    [MethodImpl(Inline)]
    private static Vector512<short> Spread(Vector512<byte> packed, Vector128<byte> order) => Avx512BW.IsSupported
        ? Avx512BW.Shuffle(packed, Vector512.Create(Vector256.Create(order))).AsInt16()
        : Vector512.Create(Avx2.Shuffle(packed.GetLower(), Vector256.Create(order)), Avx2.Shuffle(packed.GetUpper(), Vector256.Create(order))).AsInt16();

    // A 4x4 transpose whose elements are the vectors' 128-bit parts: block-major to row-major, and back.
    [MethodImpl(Inline)]
    private static void TransposeParts(ref Vector512<sbyte> a, ref Vector512<sbyte> b, ref Vector512<sbyte> c, ref Vector512<sbyte> d)
    {
        if (Avx512F.IsSupported)
        {
            Vector512<long> lowAb = Avx512F.Shuffle4x128(a.AsInt64(), b.AsInt64(), 0b01_00_01_00);
            Vector512<long> highAb = Avx512F.Shuffle4x128(a.AsInt64(), b.AsInt64(), 0b11_10_11_10);
            Vector512<long> lowCd = Avx512F.Shuffle4x128(c.AsInt64(), d.AsInt64(), 0b01_00_01_00);
            Vector512<long> highCd = Avx512F.Shuffle4x128(c.AsInt64(), d.AsInt64(), 0b11_10_11_10);
            a = Avx512F.Shuffle4x128(lowAb, lowCd, 0b10_00_10_00).AsSByte();
            b = Avx512F.Shuffle4x128(lowAb, lowCd, 0b11_01_11_01).AsSByte();
            c = Avx512F.Shuffle4x128(highAb, highCd, 0b10_00_10_00).AsSByte();
            d = Avx512F.Shuffle4x128(highAb, highCd, 0b11_01_11_01).AsSByte();
            return;
        }

        (Vector512<sbyte> a0, Vector512<sbyte> b0, Vector512<sbyte> c0, Vector512<sbyte> d0) = (a, b, c, d);
        a = Join(a0.GetLower().GetLower(), b0.GetLower().GetLower(), c0.GetLower().GetLower(), d0.GetLower().GetLower());
        b = Join(a0.GetLower().GetUpper(), b0.GetLower().GetUpper(), c0.GetLower().GetUpper(), d0.GetLower().GetUpper());
        c = Join(a0.GetUpper().GetLower(), b0.GetUpper().GetLower(), c0.GetUpper().GetLower(), d0.GetUpper().GetLower());
        d = Join(a0.GetUpper().GetUpper(), b0.GetUpper().GetUpper(), c0.GetUpper().GetUpper(), d0.GetUpper().GetUpper());
    }

    private static Vector512<sbyte> Join(Vector128<sbyte> p0, Vector128<sbyte> p1, Vector128<sbyte> p2, Vector128<sbyte> p3) =>
        Vector512.Create(Vector256.Create(p0, p1), Vector256.Create(p2, p3));
}
