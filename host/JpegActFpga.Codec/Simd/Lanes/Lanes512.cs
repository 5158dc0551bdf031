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
    public static Vector512<short> LoadSpatialRow(sbyte* row) =>
        Avx512BW.IsSupported ? Avx512BW.ConvertToVector512Int16(Vector256.Load(row)) : Vector512.Create(Lanes256.LoadSpatialRow(row), Lanes256.LoadSpatialRow(row + 16));

    [MethodImpl(Inline)]
    public static void StoreSpatialRows(Vector512<short> first, Vector512<short> second, sbyte lowest, sbyte* rows)
    {
        Vector512<sbyte> packed = Vector512.Max(NarrowToBytes(first, second), Vector512.Create(lowest));
        Vector512.Shuffle(packed.AsInt64(), Vector512.Create(0L, 2, 4, 6, 1, 3, 5, 7)).AsSByte().Store(rows);
    }

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
        Widen(a, out r0, out r1);
        Widen(b, out r2, out r3);
        Widen(c, out r4, out r5);
        Widen(d, out r6, out r7);
    }

    [MethodImpl(Inline)]
    public static void StoreCoefficientRows(
        sbyte* group,
        Vector512<short> r0,
        Vector512<short> r1,
        Vector512<short> r2,
        Vector512<short> r3,
        Vector512<short> r4,
        Vector512<short> r5,
        Vector512<short> r6,
        Vector512<short> r7)
    {
        Vector512<sbyte> a = NarrowToBytes(r0, r1);
        Vector512<sbyte> b = NarrowToBytes(r2, r3);
        Vector512<sbyte> c = NarrowToBytes(r4, r5);
        Vector512<sbyte> d = NarrowToBytes(r6, r7);
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
    public static Vector512<short> Multiply(Vector512<short> a, Vector512<short> b) => a * b;

    [MethodImpl(Inline)]
    public static Vector512<short> ShiftLeft(Vector512<short> value, int count) => value << count;

    [MethodImpl(Inline)]
    public static Vector512<int> Add(Vector512<int> a, Vector512<int> b) => a + b;

    [MethodImpl(Inline)]
    public static Vector512<int> Subtract(Vector512<int> a, Vector512<int> b) => a - b;

    [MethodImpl(Inline)]
    public static Vector512<int> And(Vector512<int> a, Vector512<int> b) => a & b;

    [MethodImpl(Inline)]
    public static Vector512<int> ShiftRight(Vector512<int> value, int count) => value >> count;

    [MethodImpl(Inline)]
    public static Vector512<int> ShiftRight(Vector512<int> value, Vector512<int> counts) =>
        Avx512F.IsSupported ? Avx512F.ShiftRightArithmeticVariable(value, counts.AsUInt32()) : Vector512.Create(Lanes256.ShiftRight(value.GetLower(), counts.GetLower()), Lanes256.ShiftRight(value.GetUpper(), counts.GetUpper()));

    [MethodImpl(Inline)]
    public static Vector512<int> MultiplyAddPairs(Vector512<short> pairs, Vector512<int> constants) =>
        Avx512BW.IsSupported ? Avx512BW.MultiplyAddAdjacent(pairs, constants.AsInt16()) : Vector512.Create(Lanes256.MultiplyAddPairs(pairs.GetLower(), constants.GetLower()), Lanes256.MultiplyAddPairs(pairs.GetUpper(), constants.GetUpper()));

    [MethodImpl(Inline)]
    public static Vector512<short> Narrow(Vector512<int> low, Vector512<int> high) =>
        Avx512BW.IsSupported ? Avx512BW.PackSignedSaturate(low, high) : Vector512.Create(Lanes256.Narrow(low.GetLower(), high.GetLower()), Lanes256.Narrow(low.GetUpper(), high.GetUpper()));

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
    private static Vector512<sbyte> NarrowToBytes(Vector512<short> first, Vector512<short> second) =>
        Avx512BW.IsSupported ? Avx512BW.PackSignedSaturate(first, second) : Vector512.Create(Avx2.PackSignedSaturate(first.GetLower(), second.GetLower()), Avx2.PackSignedSaturate(first.GetUpper(), second.GetUpper()));

    // Two rows of four blocks; the sign comes from shifting the byte down from the upper half of its lane.
    [MethodImpl(Inline)]
    private static void Widen(Vector512<sbyte> packed, out Vector512<short> even, out Vector512<short> odd)
    {
        even = (packed.AsInt16() << 8) >> 8;
        odd = packed.AsInt16() >> 8;
        Vector512<short> low = InterleaveLow(even, odd);
        Vector512<short> high = InterleaveHigh(even, odd);
        even = low;
        odd = high;
    }

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
