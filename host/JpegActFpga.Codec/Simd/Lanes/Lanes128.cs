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
    public static Vector128<short> LoadSpatialRow(sbyte* row) => Vector128.WidenLower(Vector128.CreateScalarUnsafe(*(long*)row).AsSByte());

    [MethodImpl(Inline)]
    public static void StoreSpatialRows(Vector128<short> first, Vector128<short> second, sbyte lowest, sbyte* rows) =>
        Vector128.Max(Vector128.NarrowWithSaturation(first, second), Vector128.Create(lowest)).Store(rows);

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
        (r0, r1) = Vector128.Widen(Vector128.Load(group));
        (r2, r3) = Vector128.Widen(Vector128.Load(group + 16));
        (r4, r5) = Vector128.Widen(Vector128.Load(group + 32));
        (r6, r7) = Vector128.Widen(Vector128.Load(group + 48));
    }

    [MethodImpl(Inline)]
    public static void StoreCoefficientRows(
        sbyte* group,
        Vector128<short> r0,
        Vector128<short> r1,
        Vector128<short> r2,
        Vector128<short> r3,
        Vector128<short> r4,
        Vector128<short> r5,
        Vector128<short> r6,
        Vector128<short> r7)
    {
        Vector128.NarrowWithSaturation(r0, r1).Store(group);
        Vector128.NarrowWithSaturation(r2, r3).Store(group + 16);
        Vector128.NarrowWithSaturation(r4, r5).Store(group + 32);
        Vector128.NarrowWithSaturation(r6, r7).Store(group + 48);
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
    public static Vector128<short> Multiply(Vector128<short> a, Vector128<short> b) => a * b;

    [MethodImpl(Inline)]
    public static Vector128<short> ShiftLeft(Vector128<short> value, int count) => value << count;

    [MethodImpl(Inline)]
    public static Vector128<int> Add(Vector128<int> a, Vector128<int> b) => a + b;

    [MethodImpl(Inline)]
    public static Vector128<int> Subtract(Vector128<int> a, Vector128<int> b) => a - b;

    [MethodImpl(Inline)]
    public static Vector128<int> And(Vector128<int> a, Vector128<int> b) => a & b;

    [MethodImpl(Inline)]
    public static Vector128<int> ShiftRight(Vector128<int> value, int count) => value >> count;

    [MethodImpl(Inline)]
    public static Vector128<int> ShiftRight(Vector128<int> value, Vector128<int> counts)
    {
        if (Avx2.IsSupported)
        {
            return Avx2.ShiftRightArithmeticVariable(value, counts.AsUInt32());
        }

        if (AdvSimd.IsSupported)
        {
            return AdvSimd.ShiftArithmetic(value, -counts);
        }

        // All counts are 18 or more: shift by 18, then by the bits of what is left.
        Vector128<int> left = counts - Vector128.Create(18);
        value >>= 18;
        value = Vector128.ConditionalSelect(Vector128.Equals(left & Vector128.Create(1), Vector128<int>.Zero), value, value >> 1);
        value = Vector128.ConditionalSelect(Vector128.Equals(left & Vector128.Create(2), Vector128<int>.Zero), value, value >> 2);
        return Vector128.ConditionalSelect(Vector128.Equals(left & Vector128.Create(4), Vector128<int>.Zero), value, value >> 4);
    }

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
}
