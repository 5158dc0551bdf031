using System.Runtime.CompilerServices;
using JpegActFpga.Codec.Simd.Lanes;
using JpegActFpga.Codec.Transform;

namespace JpegActFpga.Codec.Simd.Transform;

/// <summary>Inverse of <see cref="ForwardTransform"/>, a group of blocks at a time.</summary>
/// <remarks>Sums of hostile coefficients may wrap on the way; the final ones fit 32 bits (docs/format.md, section 3), so wrapping cancels.</remarks>
internal static unsafe class InverseTransform
{
    private const MethodImplOptions Inline = MethodImplOptions.AggressiveInlining;

    /// <summary>Expands groups of blocks.</summary>
    /// <param name="coefficients">64 bytes a block, index 8u+v.</param>
    /// <param name="groups">Number of groups.</param>
    /// <param name="tables">Tables of this width.</param>
    /// <param name="lowest">Lower clamp: 0 or -128.</param>
    /// <param name="spatial">Receives groups of 8 rows, each row 8 bytes a block of the group.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal static void Run<TLanes, TShort, TInt>(sbyte* coefficients, int groups, TransformTables tables, sbyte lowest, sbyte* spatial)
        where TLanes : struct, ILanes<TShort, TInt>
        where TShort : unmanaged
        where TInt : unmanaged
    {
        short* factors = tables.Factors;
        int row = TLanes.Blocks * 8;
        for (int group = 0; group < groups; group++)
        {
            TLanes.LoadCoefficientRows(coefficients, out TShort r0, out TShort r1, out TShort r2, out TShort r3, out TShort r4, out TShort r5, out TShort r6, out TShort r7);
            r0 = TLanes.Multiply(r0, TLanes.Load(factors));
            r1 = TLanes.Multiply(r1, TLanes.Load(factors + row));
            r2 = TLanes.Multiply(r2, TLanes.Load(factors + (2 * row)));
            r3 = TLanes.Multiply(r3, TLanes.Load(factors + (3 * row)));
            r4 = TLanes.Multiply(r4, TLanes.Load(factors + (4 * row)));
            r5 = TLanes.Multiply(r5, TLanes.Load(factors + (5 * row)));
            r6 = TLanes.Multiply(r6, TLanes.Load(factors + (6 * row)));
            r7 = TLanes.Multiply(r7, TLanes.Load(factors + (7 * row)));
            Pass<TLanes, TShort, TInt>(ref r0, ref r1, ref r2, ref r3, ref r4, ref r5, ref r6, ref r7, TransformMatrix.FirstPassShift);
            TransformSteps.Transpose<TLanes, TShort, TInt>(ref r0, ref r1, ref r2, ref r3, ref r4, ref r5, ref r6, ref r7);
            Pass<TLanes, TShort, TInt>(ref r0, ref r1, ref r2, ref r3, ref r4, ref r5, ref r6, ref r7, TransformMatrix.SecondPassShift);
            TLanes.StoreSpatialRows(r0, r1, lowest, spatial);
            TLanes.StoreSpatialRows(r2, r3, lowest, spatial + (2 * row));
            TLanes.StoreSpatialRows(r4, r5, lowest, spatial + (4 * row));
            TLanes.StoreSpatialRows(r6, r7, lowest, spatial + (6 * row));
            coefficients += 8 * row;
            spatial += 8 * row;
        }
    }

    [MethodImpl(Inline)]
    private static void Pass<TLanes, TShort, TInt>(
        ref TShort r0,
        ref TShort r1,
        ref TShort r2,
        ref TShort r3,
        ref TShort r4,
        ref TShort r5,
        ref TShort r6,
        ref TShort r7,
        int shift)
        where TLanes : struct, ILanes<TShort, TInt>
        where TShort : unmanaged
        where TInt : unmanaged
    {
        TInt half = TLanes.Broadcast(1 << (shift - 1));
        TShort low = TLanes.InterleaveLow(r0, r4);
        TShort high = TLanes.InterleaveHigh(r0, r4);
        TInt c0 = TransformSteps.Pair<TLanes, TShort, TInt>(8192, 8192);
        TInt c4 = TransformSteps.Pair<TLanes, TShort, TInt>(8192, -8192);
        TInt sumLow = TLanes.Add(TLanes.MultiplyAddPairs(low, c0), half);
        TInt sumHigh = TLanes.Add(TLanes.MultiplyAddPairs(high, c0), half);
        TInt differenceLow = TLanes.Add(TLanes.MultiplyAddPairs(low, c4), half);
        TInt differenceHigh = TLanes.Add(TLanes.MultiplyAddPairs(high, c4), half);
        low = TLanes.InterleaveLow(r2, r6);
        high = TLanes.InterleaveHigh(r2, r6);
        TInt c2 = TransformSteps.Pair<TLanes, TShort, TInt>(10703, 4433);
        TInt c6 = TransformSteps.Pair<TLanes, TShort, TInt>(4433, -10704);
        TInt outerLow = TLanes.MultiplyAddPairs(low, c2);
        TInt outerHigh = TLanes.MultiplyAddPairs(high, c2);
        TInt innerLow = TLanes.MultiplyAddPairs(low, c6);
        TInt innerHigh = TLanes.MultiplyAddPairs(high, c6);
        TShort firstLow = TLanes.InterleaveLow(r1, r3);
        TShort firstHigh = TLanes.InterleaveHigh(r1, r3);
        TShort secondLow = TLanes.InterleaveLow(r5, r7);
        TShort secondHigh = TLanes.InterleaveHigh(r5, r7);
        Mirror<TLanes, TShort, TInt>(TLanes.Add(sumLow, outerLow), TLanes.Add(sumHigh, outerHigh), firstLow, firstHigh, secondLow, secondHigh, TransformSteps.Pair<TLanes, TShort, TInt>(11363, 9633), TransformSteps.Pair<TLanes, TShort, TInt>(6437, 2260), shift, out r0, out r7);
        Mirror<TLanes, TShort, TInt>(TLanes.Add(differenceLow, innerLow), TLanes.Add(differenceHigh, innerHigh), firstLow, firstHigh, secondLow, secondHigh, TransformSteps.Pair<TLanes, TShort, TInt>(9633, -2259), TransformSteps.Pair<TLanes, TShort, TInt>(-11362, -6436), shift, out r1, out r6);
        Mirror<TLanes, TShort, TInt>(TLanes.Subtract(differenceLow, innerLow), TLanes.Subtract(differenceHigh, innerHigh), firstLow, firstHigh, secondLow, secondHigh, TransformSteps.Pair<TLanes, TShort, TInt>(6437, -11362), TransformSteps.Pair<TLanes, TShort, TInt>(2261, 9633), shift, out r2, out r5);
        Mirror<TLanes, TShort, TInt>(TLanes.Subtract(sumLow, outerLow), TLanes.Subtract(sumHigh, outerHigh), firstLow, firstHigh, secondLow, secondHigh, TransformSteps.Pair<TLanes, TShort, TInt>(2260, -6436), TransformSteps.Pair<TLanes, TShort, TInt>(9633, -11363), shift, out r3, out r4);
    }

    // Outputs n and 7-n share their even part and differ in the sign of their odd part.
    [MethodImpl(Inline)]
    private static void Mirror<TLanes, TShort, TInt>(
        TInt evenLow,
        TInt evenHigh,
        TShort firstLow,
        TShort firstHigh,
        TShort secondLow,
        TShort secondHigh,
        TInt first,
        TInt second,
        int shift,
        out TShort near,
        out TShort far)
        where TLanes : struct, ILanes<TShort, TInt>
        where TShort : unmanaged
        where TInt : unmanaged
    {
        TInt oddLow = TLanes.Add(TLanes.MultiplyAddPairs(firstLow, first), TLanes.MultiplyAddPairs(secondLow, second));
        TInt oddHigh = TLanes.Add(TLanes.MultiplyAddPairs(firstHigh, first), TLanes.MultiplyAddPairs(secondHigh, second));
        near = TLanes.Narrow(TLanes.ShiftRight(TLanes.Add(evenLow, oddLow), shift), TLanes.ShiftRight(TLanes.Add(evenHigh, oddHigh), shift));
        far = TLanes.Narrow(TLanes.ShiftRight(TLanes.Subtract(evenLow, oddLow), shift), TLanes.ShiftRight(TLanes.Subtract(evenHigh, oddHigh), shift));
    }
}
