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
    public static Vector256<short> LoadSpatialRow(sbyte* row) => Avx2.ConvertToVector256Int16(Vector128.Load(row));

    [MethodImpl(Inline)]
    public static void StoreSpatialRows(Vector256<short> first, Vector256<short> second, sbyte lowest, sbyte* rows)
    {
        Vector256<sbyte> packed = Avx2.Max(Avx2.PackSignedSaturate(first, second), Vector256.Create(lowest));
        Avx2.Permute4x64(packed.AsInt64(), 0b11_01_10_00).AsSByte().Store(rows);
    }

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
    public static void StoreCoefficientRows(
        sbyte* group,
        Vector256<short> r0,
        Vector256<short> r1,
        Vector256<short> r2,
        Vector256<short> r3,
        Vector256<short> r4,
        Vector256<short> r5,
        Vector256<short> r6,
        Vector256<short> r7)
    {
        StorePair(group, Avx2.PackSignedSaturate(r0, r1));
        StorePair(group + 16, Avx2.PackSignedSaturate(r2, r3));
        StorePair(group + 32, Avx2.PackSignedSaturate(r4, r5));
        StorePair(group + 48, Avx2.PackSignedSaturate(r6, r7));
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
    public static Vector256<short> Multiply(Vector256<short> a, Vector256<short> b) => a * b;

    [MethodImpl(Inline)]
    public static Vector256<short> ShiftLeft(Vector256<short> value, int count) => value << count;

    [MethodImpl(Inline)]
    public static Vector256<int> Add(Vector256<int> a, Vector256<int> b) => a + b;

    [MethodImpl(Inline)]
    public static Vector256<int> Subtract(Vector256<int> a, Vector256<int> b) => a - b;

    [MethodImpl(Inline)]
    public static Vector256<int> And(Vector256<int> a, Vector256<int> b) => a & b;

    [MethodImpl(Inline)]
    public static Vector256<int> ShiftRight(Vector256<int> value, int count) => value >> count;

    [MethodImpl(Inline)]
    public static Vector256<int> ShiftRight(Vector256<int> value, Vector256<int> counts) => Avx2.ShiftRightArithmeticVariable(value, counts.AsUInt32());

    [MethodImpl(Inline)]
    public static Vector256<int> MultiplyAddPairs(Vector256<short> pairs, Vector256<int> constants) => Avx2.MultiplyAddAdjacent(pairs, constants.AsInt16());

    [MethodImpl(Inline)]
    public static Vector256<short> Narrow(Vector256<int> low, Vector256<int> high) => Avx2.PackSignedSaturate(low, high);

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

    // Interleaving with the sign widens two rows of both blocks in place, without crossing 128-bit parts.
    [MethodImpl(Inline)]
    private static void LoadPair(sbyte* rows, out Vector256<short> even, out Vector256<short> odd)
    {
        var packed = Vector256.Create(Vector128.Load(rows), Vector128.Load(rows + 64));
        Vector256<sbyte> sign = Avx2.CompareGreaterThan(Vector256<sbyte>.Zero, packed);
        even = Avx2.UnpackLow(packed, sign).AsInt16();
        odd = Avx2.UnpackHigh(packed, sign).AsInt16();
    }

    [MethodImpl(Inline)]
    private static void StorePair(sbyte* rows, Vector256<sbyte> packed)
    {
        packed.GetLower().Store(rows);
        packed.GetUpper().Store(rows + 64);
    }
}
