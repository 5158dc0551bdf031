using System.Runtime.CompilerServices;
using JpegActFpga.Codec.Simd.Lanes;
using JpegActFpga.Codec.Transform;

namespace JpegActFpga.Codec.Simd.Transform;

/// <summary>Inverse of <see cref="ForwardTransform"/>, a group of blocks at a time.</summary>
/// <remarks>
/// Sums of hostile coefficients may wrap on the way; the final ones fit 32 bits (docs/format.md, section 3), so wrapping
/// cancels. The first pass saturates, so it keeps 32-bit sums to the end; the second rounds like the forward passes.
/// </remarks>
internal static unsafe class InverseTransform
{
    private const MethodImplOptions Inline = MethodImplOptions.AggressiveInlining;

    /// <summary>Expands groups of blocks.</summary>
    /// <param name="coefficients">64 bytes a block, index 8u+v.</param>
    /// <param name="groups">Number of groups.</param>
    /// <param name="tables">Tables of this width.</param>
    /// <param name="lowest">Lower clamp: 0 or -128.</param>
    /// <param name="spatial">Receives groups of 4 pairs of rows; a pair has 16 bytes of each block of the group.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal static void Run<TLanes, TShort, TInt>(sbyte* coefficients, int groups, TransformTables tables, sbyte lowest, sbyte* spatial)
        where TLanes : struct, ILanes<TShort, TInt>
        where TShort : unmanaged
        where TInt : unmanaged
    {
        short* factors = tables.InverseFactors;
        PairTable pairs = tables.Pairs;
        int row = TLanes.Blocks * 8;
        for (int group = 0; group < groups; group++)
        {
            TLanes.LoadCoefficientRows(coefficients, out TShort r0, out TShort r1, out TShort r2, out TShort r3, out TShort r4, out TShort r5, out TShort r6, out TShort r7);
            r0 = TLanes.MultiplyHighRounded(r0, TLanes.Load(factors));
            r1 = TLanes.MultiplyHighRounded(r1, TLanes.Load(factors + row));
            r2 = TLanes.MultiplyHighRounded(r2, TLanes.Load(factors + (2 * row)));
            r3 = TLanes.MultiplyHighRounded(r3, TLanes.Load(factors + (3 * row)));
            r4 = TLanes.MultiplyHighRounded(r4, TLanes.Load(factors + (4 * row)));
            r5 = TLanes.MultiplyHighRounded(r5, TLanes.Load(factors + (5 * row)));
            r6 = TLanes.MultiplyHighRounded(r6, TLanes.Load(factors + (6 * row)));
            r7 = TLanes.MultiplyHighRounded(r7, TLanes.Load(factors + (7 * row)));
            Horizontal<TLanes, TShort, TInt>(ref r0, ref r1, ref r2, ref r3, ref r4, ref r5, ref r6, ref r7, pairs);
            TransformSteps.TransposePairs<TLanes, TShort, TInt>(ref r0, ref r2, ref r4, ref r6);
            TransformSteps.TransposePairs<TLanes, TShort, TInt>(ref r1, ref r3, ref r5, ref r7);
            Vertical<TLanes, TShort, TInt>(r0, r2, r4, r6, r1, r3, r5, r7, pairs, lowest, spatial);
            coefficients += 8 * row;
            spatial += 8 * row;
        }
    }

    // From rows u to rows x; lanes are v, in the order in which they were loaded.
    [MethodImpl(Inline)]
    private static void Horizontal<TLanes, TShort, TInt>(
        ref TShort r0,
        ref TShort r1,
        ref TShort r2,
        ref TShort r3,
        ref TShort r4,
        ref TShort r5,
        ref TShort r6,
        ref TShort r7,
        PairTable pairs)
        where TLanes : struct, ILanes<TShort, TInt>
        where TShort : unmanaged
        where TInt : unmanaged
    {
        TInt half = TLanes.Broadcast(1 << (TransformMatrix.FirstPassShift - 1));
        Evens<TLanes, TShort, TInt>(TLanes.InterleaveLow(r0, r4), TLanes.InterleaveLow(r2, r6), half, pairs, out TInt e0, out TInt e1, out TInt e2, out TInt e3);
        Evens<TLanes, TShort, TInt>(TLanes.InterleaveHigh(r0, r4), TLanes.InterleaveHigh(r2, r6), half, pairs, out TInt h0, out TInt h1, out TInt h2, out TInt h3);
        TShort firstLow = TLanes.InterleaveLow(r1, r3);
        TShort firstHigh = TLanes.InterleaveHigh(r1, r3);
        TShort secondLow = TLanes.InterleaveLow(r5, r7);
        TShort secondHigh = TLanes.InterleaveHigh(r5, r7);
        NarrowMirrored<TLanes, TShort, TInt>(e0, h0, firstLow, firstHigh, secondLow, secondHigh, pairs.Of<TLanes, TShort, TInt>(PairTable.P11363P9633), pairs.Of<TLanes, TShort, TInt>(PairTable.P6437P2260), out r0, out r7);
        NarrowMirrored<TLanes, TShort, TInt>(e1, h1, firstLow, firstHigh, secondLow, secondHigh, pairs.Of<TLanes, TShort, TInt>(PairTable.P9633M2259), pairs.Of<TLanes, TShort, TInt>(PairTable.M11362M6436), out r1, out r6);
        NarrowMirrored<TLanes, TShort, TInt>(e2, h2, firstLow, firstHigh, secondLow, secondHigh, pairs.Of<TLanes, TShort, TInt>(PairTable.P6437M11362), pairs.Of<TLanes, TShort, TInt>(PairTable.P2261P9633), out r2, out r5);
        NarrowMirrored<TLanes, TShort, TInt>(e3, h3, firstLow, firstHigh, secondLow, secondHigh, pairs.Of<TLanes, TShort, TInt>(PairTable.P2260M6436), pairs.Of<TLanes, TShort, TInt>(PairTable.P9633M11363), out r3, out r4);
    }

    // Each vector has pairs of vertical frequencies for four columns, even ones in the first four arguments.
    [MethodImpl(Inline)]
    private static void Vertical<TLanes, TShort, TInt>(
        TShort even04,
        TShort even26,
        TShort even13,
        TShort even57,
        TShort odd04,
        TShort odd26,
        TShort odd13,
        TShort odd57,
        PairTable pairs,
        sbyte lowest,
        sbyte* spatial)
        where TLanes : struct, ILanes<TShort, TInt>
        where TShort : unmanaged
        where TInt : unmanaged
    {
        int pair = TLanes.Blocks * 16;
        Evens<TLanes, TShort, TInt>(even04, even26, pairs, out TInt e0, out TInt e1, out TInt e2, out TInt e3);
        Evens<TLanes, TShort, TInt>(odd04, odd26, pairs, out TInt h0, out TInt h1, out TInt h2, out TInt h3);
        RoundMirrored<TLanes, TShort, TInt>(e0, h0, even13, odd13, even57, odd57, pairs.Of<TLanes, TShort, TInt>(PairTable.P11363P9633), pairs.Of<TLanes, TShort, TInt>(PairTable.P6437P2260), out TShort r0, out TShort r7);
        RoundMirrored<TLanes, TShort, TInt>(e1, h1, even13, odd13, even57, odd57, pairs.Of<TLanes, TShort, TInt>(PairTable.P9633M2259), pairs.Of<TLanes, TShort, TInt>(PairTable.M11362M6436), out TShort r1, out TShort r6);
        TLanes.StoreSpatialRows(r0, r1, lowest, spatial);
        TLanes.StoreSpatialRows(r6, r7, lowest, spatial + (3 * pair));
        RoundMirrored<TLanes, TShort, TInt>(e2, h2, even13, odd13, even57, odd57, pairs.Of<TLanes, TShort, TInt>(PairTable.P6437M11362), pairs.Of<TLanes, TShort, TInt>(PairTable.P2261P9633), out TShort r2, out TShort r5);
        RoundMirrored<TLanes, TShort, TInt>(e3, h3, even13, odd13, even57, odd57, pairs.Of<TLanes, TShort, TInt>(PairTable.P2260M6436), pairs.Of<TLanes, TShort, TInt>(PairTable.P9633M11363), out TShort r3, out TShort r4);
        TLanes.StoreSpatialRows(r2, r3, lowest, spatial + pair);
        TLanes.StoreSpatialRows(r4, r5, lowest, spatial + (2 * pair));
    }

    // What the even inputs give to outputs 0..3, and mirrored to 7..4.
    [MethodImpl(Inline)]
    private static void Evens<TLanes, TShort, TInt>(TShort pairs04, TShort pairs26, TInt half, PairTable pairs, out TInt e0, out TInt e1, out TInt e2, out TInt e3)
        where TLanes : struct, ILanes<TShort, TInt>
        where TShort : unmanaged
        where TInt : unmanaged
    {
        TInt sum = TLanes.Add(TLanes.MultiplyAddPairs(pairs04, pairs.Of<TLanes, TShort, TInt>(PairTable.P8192P8192)), half);
        TInt difference = TLanes.Add(TLanes.MultiplyAddPairs(pairs04, pairs.Of<TLanes, TShort, TInt>(PairTable.P8192M8192)), half);
        Combine<TLanes, TShort, TInt>(sum, difference, pairs26, pairs, out e0, out e1, out e2, out e3);
    }

    [MethodImpl(Inline)]
    private static void Evens<TLanes, TShort, TInt>(TShort pairs04, TShort pairs26, PairTable pairs, out TInt e0, out TInt e1, out TInt e2, out TInt e3)
        where TLanes : struct, ILanes<TShort, TInt>
        where TShort : unmanaged
        where TInt : unmanaged
    {
        TInt sum = TLanes.MultiplyAddPairs(pairs04, pairs.Of<TLanes, TShort, TInt>(PairTable.P8192P8192));
        TInt difference = TLanes.MultiplyAddPairs(pairs04, pairs.Of<TLanes, TShort, TInt>(PairTable.P8192M8192));
        Combine<TLanes, TShort, TInt>(sum, difference, pairs26, pairs, out e0, out e1, out e2, out e3);
    }

    [MethodImpl(Inline)]
    private static void Combine<TLanes, TShort, TInt>(TInt sum, TInt difference, TShort pairs26, PairTable pairs, out TInt e0, out TInt e1, out TInt e2, out TInt e3)
        where TLanes : struct, ILanes<TShort, TInt>
        where TShort : unmanaged
        where TInt : unmanaged
    {
        TInt outer = TLanes.MultiplyAddPairs(pairs26, pairs.Of<TLanes, TShort, TInt>(PairTable.P10703P4433));
        TInt inner = TLanes.MultiplyAddPairs(pairs26, pairs.Of<TLanes, TShort, TInt>(PairTable.P4433M10704));
        e0 = TLanes.Add(sum, outer);
        e1 = TLanes.Add(difference, inner);
        e2 = TLanes.Subtract(difference, inner);
        e3 = TLanes.Subtract(sum, outer);
    }

    // Outputs n and 7-n share their even part and differ in the sign of their odd part.
    [MethodImpl(Inline)]
    private static void NarrowMirrored<TLanes, TShort, TInt>(
        TInt evenLow,
        TInt evenHigh,
        TShort firstLow,
        TShort firstHigh,
        TShort secondLow,
        TShort secondHigh,
        TInt first,
        TInt second,
        out TShort near,
        out TShort far)
        where TLanes : struct, ILanes<TShort, TInt>
        where TShort : unmanaged
        where TInt : unmanaged
    {
        const int Shift = TransformMatrix.FirstPassShift;
        TInt oddLow = TLanes.Add(TLanes.MultiplyAddPairs(firstLow, first), TLanes.MultiplyAddPairs(secondLow, second));
        TInt oddHigh = TLanes.Add(TLanes.MultiplyAddPairs(firstHigh, first), TLanes.MultiplyAddPairs(secondHigh, second));
        near = TLanes.Narrow(TLanes.ShiftRight(TLanes.Add(evenLow, oddLow), Shift), TLanes.ShiftRight(TLanes.Add(evenHigh, oddHigh), Shift));
        far = TLanes.Narrow(TLanes.ShiftRight(TLanes.Subtract(evenLow, oddLow), Shift), TLanes.ShiftRight(TLanes.Subtract(evenHigh, oddHigh), Shift));
    }

    // 16 of the 18 bits, then two with the rounding.
    [MethodImpl(Inline)]
    private static void RoundMirrored<TLanes, TShort, TInt>(
        TInt even,
        TInt odd,
        TShort firstEven,
        TShort firstOdd,
        TShort secondEven,
        TShort secondOdd,
        TInt first,
        TInt second,
        out TShort near,
        out TShort far)
        where TLanes : struct, ILanes<TShort, TInt>
        where TShort : unmanaged
        where TInt : unmanaged
    {
        TShort quarter = TransformSteps.Factor<TLanes, TShort, TInt>(1 << 13);
        TInt ofEven = TLanes.Add(TLanes.MultiplyAddPairs(firstEven, first), TLanes.MultiplyAddPairs(secondEven, second));
        TInt ofOdd = TLanes.Add(TLanes.MultiplyAddPairs(firstOdd, first), TLanes.MultiplyAddPairs(secondOdd, second));
        near = TLanes.MultiplyHighRounded(TLanes.UpperHalves(TLanes.Add(even, ofEven), TLanes.Add(odd, ofOdd)), quarter);
        far = TLanes.MultiplyHighRounded(TLanes.UpperHalves(TLanes.Subtract(even, ofEven), TLanes.Subtract(odd, ofOdd)), quarter);
    }
}
