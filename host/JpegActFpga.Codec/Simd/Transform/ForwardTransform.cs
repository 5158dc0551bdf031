using System.Runtime.CompilerServices;
using JpegActFpga.Codec.Simd.Lanes;

namespace JpegActFpga.Codec.Simd.Transform;

/// <summary>Transform and shift quantiser, a group of blocks at a time.</summary>
internal static unsafe class ForwardTransform
{
    private const MethodImplOptions Inline = MethodImplOptions.AggressiveInlining;

    /// <summary>Transforms and quantises groups of blocks.</summary>
    /// <param name="spatial">Groups of 8 rows, each row 8 bytes a block of the group.</param>
    /// <param name="groups">Number of groups.</param>
    /// <param name="tables">Tables of this width and rounding.</param>
    /// <param name="coefficients">Receives 64 bytes a block, index 8u+v.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal static void Run<TLanes, TShort, TInt, TRounding>(sbyte* spatial, int groups, TransformTables tables, sbyte* coefficients)
        where TLanes : struct, ILanes<TShort, TInt>
        where TShort : unmanaged
        where TInt : unmanaged
        where TRounding : struct, IRounding
    {
        int* biases = tables.Biases;
        int* shifts = tables.Shifts;
        int row = TLanes.Blocks * 8;
        for (int group = 0; group < groups; group++)
        {
            TShort r0 = TLanes.LoadSpatialRow(spatial);
            TShort r1 = TLanes.LoadSpatialRow(spatial + row);
            TShort r2 = TLanes.LoadSpatialRow(spatial + (2 * row));
            TShort r3 = TLanes.LoadSpatialRow(spatial + (3 * row));
            TShort r4 = TLanes.LoadSpatialRow(spatial + (4 * row));
            TShort r5 = TLanes.LoadSpatialRow(spatial + (5 * row));
            TShort r6 = TLanes.LoadSpatialRow(spatial + (6 * row));
            TShort r7 = TLanes.LoadSpatialRow(spatial + (7 * row));
            Vertical<TLanes, TShort, TInt>(ref r0, ref r1, ref r2, ref r3, ref r4, ref r5, ref r6, ref r7);
            TransformSteps.Transpose<TLanes, TShort, TInt>(ref r0, ref r1, ref r2, ref r3, ref r4, ref r5, ref r6, ref r7);
            Horizontal<TLanes, TShort, TInt, TRounding>(ref r0, ref r1, ref r2, ref r3, ref r4, ref r5, ref r6, ref r7, biases, shifts);
            TLanes.StoreCoefficientRows(coefficients, r0, r1, r2, r3, r4, r5, r6, r7);
            spatial += 8 * row;
            coefficients += 8 * row;
        }
    }

    // Inputs are 8-bit, so sums of four pairs stay in 16 bits and rows 0 and 4 need no multiplication: 8192 >> 11 is 4.
    [MethodImpl(Inline)]
    private static void Vertical<TLanes, TShort, TInt>(
        ref TShort r0,
        ref TShort r1,
        ref TShort r2,
        ref TShort r3,
        ref TShort r4,
        ref TShort r5,
        ref TShort r6,
        ref TShort r7)
        where TLanes : struct, ILanes<TShort, TInt>
        where TShort : unmanaged
        where TInt : unmanaged
    {
        Fold<TLanes, TShort, TInt>(r0, r1, r2, r3, r4, r5, r6, r7, out TShort e0, out TShort e1, out TShort e2, out TShort e3, out TShort o0, out TShort o1, out TShort o2, out TShort o3);
        r0 = TLanes.ShiftLeft(TLanes.Add(e0, e1), 2);
        r4 = TLanes.ShiftLeft(TLanes.Subtract(e0, e1), 2);
        TShort low = TLanes.InterleaveLow(e3, e2);
        TShort high = TLanes.InterleaveHigh(e3, e2);
        TInt c2 = TransformSteps.Pair<TLanes, TShort, TInt>(10703, 4433);
        r2 = TransformSteps.FirstPass<TLanes, TShort, TInt>(TLanes.MultiplyAddPairs(low, c2), TLanes.MultiplyAddPairs(high, c2));
        TInt c6 = TransformSteps.Pair<TLanes, TShort, TInt>(4433, -10704);
        r6 = TransformSteps.FirstPass<TLanes, TShort, TInt>(TLanes.MultiplyAddPairs(low, c6), TLanes.MultiplyAddPairs(high, c6));
        TShort firstLow = TLanes.InterleaveLow(o0, o1);
        TShort firstHigh = TLanes.InterleaveHigh(o0, o1);
        TShort secondLow = TLanes.InterleaveLow(o2, o3);
        TShort secondHigh = TLanes.InterleaveHigh(o2, o3);
        r1 = OddFirst<TLanes, TShort, TInt>(firstLow, firstHigh, secondLow, secondHigh, TransformSteps.Pair<TLanes, TShort, TInt>(11363, 9633), TransformSteps.Pair<TLanes, TShort, TInt>(6437, 2260));
        r3 = OddFirst<TLanes, TShort, TInt>(firstLow, firstHigh, secondLow, secondHigh, TransformSteps.Pair<TLanes, TShort, TInt>(9633, -2259), TransformSteps.Pair<TLanes, TShort, TInt>(-11362, -6436));
        r5 = OddFirst<TLanes, TShort, TInt>(firstLow, firstHigh, secondLow, secondHigh, TransformSteps.Pair<TLanes, TShort, TInt>(6437, -11362), TransformSteps.Pair<TLanes, TShort, TInt>(2261, 9633));
        r7 = OddFirst<TLanes, TShort, TInt>(firstLow, firstHigh, secondLow, secondHigh, TransformSteps.Pair<TLanes, TShort, TInt>(2260, -6436), TransformSteps.Pair<TLanes, TShort, TInt>(9633, -11363));
    }

    [MethodImpl(Inline)]
    private static void Horizontal<TLanes, TShort, TInt, TRounding>(
        ref TShort r0,
        ref TShort r1,
        ref TShort r2,
        ref TShort r3,
        ref TShort r4,
        ref TShort r5,
        ref TShort r6,
        ref TShort r7,
        int* biases,
        int* shifts)
        where TLanes : struct, ILanes<TShort, TInt>
        where TShort : unmanaged
        where TInt : unmanaged
        where TRounding : struct, IRounding
    {
        Fold<TLanes, TShort, TInt>(r0, r1, r2, r3, r4, r5, r6, r7, out TShort e0, out TShort e1, out TShort e2, out TShort e3, out TShort o0, out TShort o1, out TShort o2, out TShort o3);
        TShort low = TLanes.InterleaveLow(e0, e1);
        TShort high = TLanes.InterleaveHigh(e0, e1);
        TInt c0 = TransformSteps.Pair<TLanes, TShort, TInt>(8192, 8192);
        r0 = Quantise<TLanes, TShort, TInt, TRounding>(TLanes.MultiplyAddPairs(low, c0), TLanes.MultiplyAddPairs(high, c0), 0, biases, shifts);
        TInt c4 = TransformSteps.Pair<TLanes, TShort, TInt>(8192, -8192);
        r4 = Quantise<TLanes, TShort, TInt, TRounding>(TLanes.MultiplyAddPairs(low, c4), TLanes.MultiplyAddPairs(high, c4), 4, biases, shifts);
        low = TLanes.InterleaveLow(e3, e2);
        high = TLanes.InterleaveHigh(e3, e2);
        TInt c2 = TransformSteps.Pair<TLanes, TShort, TInt>(10703, 4433);
        r2 = Quantise<TLanes, TShort, TInt, TRounding>(TLanes.MultiplyAddPairs(low, c2), TLanes.MultiplyAddPairs(high, c2), 2, biases, shifts);
        TInt c6 = TransformSteps.Pair<TLanes, TShort, TInt>(4433, -10704);
        r6 = Quantise<TLanes, TShort, TInt, TRounding>(TLanes.MultiplyAddPairs(low, c6), TLanes.MultiplyAddPairs(high, c6), 6, biases, shifts);
        TShort firstLow = TLanes.InterleaveLow(o0, o1);
        TShort firstHigh = TLanes.InterleaveHigh(o0, o1);
        TShort secondLow = TLanes.InterleaveLow(o2, o3);
        TShort secondHigh = TLanes.InterleaveHigh(o2, o3);
        r1 = OddSecond<TLanes, TShort, TInt, TRounding>(firstLow, firstHigh, secondLow, secondHigh, TransformSteps.Pair<TLanes, TShort, TInt>(11363, 9633), TransformSteps.Pair<TLanes, TShort, TInt>(6437, 2260), 1, biases, shifts);
        r3 = OddSecond<TLanes, TShort, TInt, TRounding>(firstLow, firstHigh, secondLow, secondHigh, TransformSteps.Pair<TLanes, TShort, TInt>(9633, -2259), TransformSteps.Pair<TLanes, TShort, TInt>(-11362, -6436), 3, biases, shifts);
        r5 = OddSecond<TLanes, TShort, TInt, TRounding>(firstLow, firstHigh, secondLow, secondHigh, TransformSteps.Pair<TLanes, TShort, TInt>(6437, -11362), TransformSteps.Pair<TLanes, TShort, TInt>(2261, 9633), 5, biases, shifts);
        r7 = OddSecond<TLanes, TShort, TInt, TRounding>(firstLow, firstHigh, secondLow, secondHigh, TransformSteps.Pair<TLanes, TShort, TInt>(2260, -6436), TransformSteps.Pair<TLanes, TShort, TInt>(9633, -11363), 7, biases, shifts);
    }

    // Symmetry of the matrix: even rows see sums of mirrored inputs, odd rows differences.
    [MethodImpl(Inline)]
    private static void Fold<TLanes, TShort, TInt>(
        TShort r0,
        TShort r1,
        TShort r2,
        TShort r3,
        TShort r4,
        TShort r5,
        TShort r6,
        TShort r7,
        out TShort e0,
        out TShort e1,
        out TShort e2,
        out TShort e3,
        out TShort o0,
        out TShort o1,
        out TShort o2,
        out TShort o3)
        where TLanes : struct, ILanes<TShort, TInt>
        where TShort : unmanaged
        where TInt : unmanaged
    {
        TShort s0 = TLanes.Add(r0, r7);
        TShort s1 = TLanes.Add(r1, r6);
        TShort s2 = TLanes.Add(r2, r5);
        TShort s3 = TLanes.Add(r3, r4);
        o0 = TLanes.Subtract(r0, r7);
        o1 = TLanes.Subtract(r1, r6);
        o2 = TLanes.Subtract(r2, r5);
        o3 = TLanes.Subtract(r3, r4);
        e0 = TLanes.Add(s0, s3);
        e3 = TLanes.Subtract(s0, s3);
        e1 = TLanes.Add(s1, s2);
        e2 = TLanes.Subtract(s1, s2);
    }

    [MethodImpl(Inline)]
    private static TShort OddFirst<TLanes, TShort, TInt>(TShort firstLow, TShort firstHigh, TShort secondLow, TShort secondHigh, TInt first, TInt second)
        where TLanes : struct, ILanes<TShort, TInt>
        where TShort : unmanaged
        where TInt : unmanaged =>
        TransformSteps.FirstPass<TLanes, TShort, TInt>(
            TLanes.Add(TLanes.MultiplyAddPairs(firstLow, first), TLanes.MultiplyAddPairs(secondLow, second)),
            TLanes.Add(TLanes.MultiplyAddPairs(firstHigh, first), TLanes.MultiplyAddPairs(secondHigh, second)));

    [MethodImpl(Inline)]
    private static TShort OddSecond<TLanes, TShort, TInt, TRounding>(TShort firstLow, TShort firstHigh, TShort secondLow, TShort secondHigh, TInt first, TInt second, int row, int* biases, int* shifts)
        where TLanes : struct, ILanes<TShort, TInt>
        where TShort : unmanaged
        where TInt : unmanaged
        where TRounding : struct, IRounding =>
        Quantise<TLanes, TShort, TInt, TRounding>(
            TLanes.Add(TLanes.MultiplyAddPairs(firstLow, first), TLanes.MultiplyAddPairs(secondLow, second)),
            TLanes.Add(TLanes.MultiplyAddPairs(firstHigh, first), TLanes.MultiplyAddPairs(secondHigh, second)),
            row,
            biases,
            shifts);

    [MethodImpl(Inline)]
    private static TShort Quantise<TLanes, TShort, TInt, TRounding>(TInt low, TInt high, int row, int* biases, int* shifts)
        where TLanes : struct, ILanes<TShort, TInt>
        where TShort : unmanaged
        where TInt : unmanaged
        where TRounding : struct, IRounding
    {
        int vector = TLanes.Blocks * 4;
        int at = 2 * row * vector;
        return TLanes.Narrow(
            Shift<TLanes, TShort, TInt, TRounding>(low, biases + at, shifts + at),
            Shift<TLanes, TShort, TInt, TRounding>(high, biases + at + vector, shifts + at + vector));
    }

    [MethodImpl(Inline)]
    private static TInt Shift<TLanes, TShort, TInt, TRounding>(TInt sum, int* bias, int* shift)
        where TLanes : struct, ILanes<TShort, TInt>
        where TShort : unmanaged
        where TInt : unmanaged
        where TRounding : struct, IRounding
    {
        TInt added = TLanes.Load(bias);
        if (TRounding.TowardZero)
        {
            added = TLanes.And(added, TLanes.ShiftRight(sum, 31));
        }

        return TLanes.ShiftRight(TLanes.Add(sum, added), TLanes.Load(shift));
    }
}
