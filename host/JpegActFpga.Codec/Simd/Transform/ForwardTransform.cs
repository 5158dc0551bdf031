using System.Runtime.CompilerServices;
using JpegActFpga.Codec.Simd.Lanes;

namespace JpegActFpga.Codec.Simd.Transform;

/// <summary>Transform and shift quantiser, a group of blocks at a time.</summary>
/// <remarks>
/// Both passes round by (S + 2^(n-1)) >> n. Because floors nest, S may lose its low half first, floor(S / 2^16), as long as
/// n is above 16; what is left fits 16 bits, and one rounding multiply does the rest on twice as many lanes. The second pass
/// has n of 18 and more; the first gets there by inputs that are 64 times as large (docs/format.md, section 3, has n = 11).
/// </remarks>
internal static unsafe class ForwardTransform
{
    private const MethodImplOptions Inline = MethodImplOptions.AggressiveInlining;

    // Loaded bytes are multiples of 256; 64 times the byte is the most that sums of four bytes can have in 16 bits.
    private const int LoadedTo64 = 2;

    // 64 * 8192 / 2^17: rows 0 and 4 of the first pass are sums times 4.
    private const int RowsWithoutProduct = 4;

    /// <summary>Transforms and quantises groups of blocks.</summary>
    /// <param name="spatial">Groups of 4 pairs of rows; a pair has 16 bytes of each block of the group.</param>
    /// <param name="groups">Number of groups.</param>
    /// <param name="tables">Tables of this width.</param>
    /// <param name="coefficients">Receives 64 bytes a block, index 8u+v.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal static void Run<TLanes, TShort, TInt, TRounding>(sbyte* spatial, int groups, TransformTables tables, sbyte* coefficients)
        where TLanes : struct, ILanes<TShort, TInt>
        where TShort : unmanaged
        where TInt : unmanaged
        where TRounding : struct, IRounding
    {
        short* factors = tables.ForwardFactors;
        PairTable pairs = tables.Pairs;
        int pair = TLanes.Blocks * 16;
        for (int group = 0; group < groups; group++)
        {
            TLanes.LoadSpatialRows(spatial, out TShort r0, out TShort r1);
            TLanes.LoadSpatialRows(spatial + pair, out TShort r2, out TShort r3);
            TLanes.LoadSpatialRows(spatial + (2 * pair), out TShort r4, out TShort r5);
            TLanes.LoadSpatialRows(spatial + (3 * pair), out TShort r6, out TShort r7);
            Vertical<TLanes, TShort, TInt>(ref r0, ref r1, ref r2, ref r3, ref r4, ref r5, ref r6, ref r7, pairs);
            TransformSteps.TransposePairs<TLanes, TShort, TInt>(ref r0, ref r2, ref r4, ref r6);
            TransformSteps.TransposePairs<TLanes, TShort, TInt>(ref r1, ref r3, ref r5, ref r7);
            Horizontal<TLanes, TShort, TInt, TRounding>(r0, r2, r4, r6, r1, r3, r5, r7, factors, pairs, coefficients);
            spatial += 4 * pair;
            coefficients += 4 * pair;
        }
    }

    // Lanes are columns, in the order in which they were loaded, then dealt.
    [MethodImpl(Inline)]
    private static void Vertical<TLanes, TShort, TInt>(
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
        r0 = TLanes.ShiftRight(r0, LoadedTo64);
        r7 = TLanes.ShiftRight(r7, LoadedTo64);
        TShort s0 = TLanes.Add(r0, r7);
        TShort o0 = TLanes.Subtract(r0, r7);
        r3 = TLanes.ShiftRight(r3, LoadedTo64);
        r4 = TLanes.ShiftRight(r4, LoadedTo64);
        TShort s3 = TLanes.Add(r3, r4);
        TShort o3 = TLanes.Subtract(r3, r4);
        TShort e0 = TLanes.Add(s0, s3);
        TShort e3 = TLanes.Subtract(s0, s3);
        r1 = TLanes.ShiftRight(r1, LoadedTo64);
        r6 = TLanes.ShiftRight(r6, LoadedTo64);
        TShort s1 = TLanes.Add(r1, r6);
        TShort o1 = TLanes.Subtract(r1, r6);
        r2 = TLanes.ShiftRight(r2, LoadedTo64);
        r5 = TLanes.ShiftRight(r5, LoadedTo64);
        TShort s2 = TLanes.Add(r2, r5);
        TShort o2 = TLanes.Subtract(r2, r5);
        TShort e1 = TLanes.Add(s1, s2);
        TShort e2 = TLanes.Subtract(s1, s2);

        e0 = TLanes.ShiftRight(e0, RowsWithoutProduct);
        e1 = TLanes.ShiftRight(e1, RowsWithoutProduct);
        r0 = TLanes.Deal(TLanes.Add(e0, e1));
        r4 = TLanes.Deal(TLanes.Subtract(e0, e1));

        TShort low = TLanes.InterleaveLow(e3, e2);
        TShort high = TLanes.InterleaveHigh(e3, e2);
        TInt c2 = pairs.Of<TLanes, TShort, TInt>(PairTable.P10703P4433);
        r2 = RoundFirst<TLanes, TShort, TInt>(TLanes.MultiplyAddPairs(low, c2), TLanes.MultiplyAddPairs(high, c2));
        TInt c6 = pairs.Of<TLanes, TShort, TInt>(PairTable.P4433M10704);
        r6 = RoundFirst<TLanes, TShort, TInt>(TLanes.MultiplyAddPairs(low, c6), TLanes.MultiplyAddPairs(high, c6));

        TShort firstLow = TLanes.InterleaveLow(o0, o1);
        TShort firstHigh = TLanes.InterleaveHigh(o0, o1);
        TShort secondLow = TLanes.InterleaveLow(o2, o3);
        TShort secondHigh = TLanes.InterleaveHigh(o2, o3);
        r1 = OddFirst<TLanes, TShort, TInt>(firstLow, firstHigh, secondLow, secondHigh, pairs.Of<TLanes, TShort, TInt>(PairTable.P11363P9633), pairs.Of<TLanes, TShort, TInt>(PairTable.P6437P2260));
        r3 = OddFirst<TLanes, TShort, TInt>(firstLow, firstHigh, secondLow, secondHigh, pairs.Of<TLanes, TShort, TInt>(PairTable.P9633M2259), pairs.Of<TLanes, TShort, TInt>(PairTable.M11362M6436));
        r5 = OddFirst<TLanes, TShort, TInt>(firstLow, firstHigh, secondLow, secondHigh, pairs.Of<TLanes, TShort, TInt>(PairTable.P6437M11362), pairs.Of<TLanes, TShort, TInt>(PairTable.P2261P9633));
        r7 = OddFirst<TLanes, TShort, TInt>(firstLow, firstHigh, secondLow, secondHigh, pairs.Of<TLanes, TShort, TInt>(PairTable.P2260M6436), pairs.Of<TLanes, TShort, TInt>(PairTable.P9633M11363));
    }

    [MethodImpl(Inline)]
    private static TShort OddFirst<TLanes, TShort, TInt>(TShort firstLow, TShort firstHigh, TShort secondLow, TShort secondHigh, TInt first, TInt second)
        where TLanes : struct, ILanes<TShort, TInt>
        where TShort : unmanaged
        where TInt : unmanaged =>
        RoundFirst<TLanes, TShort, TInt>(
            TLanes.Add(TLanes.MultiplyAddPairs(firstLow, first), TLanes.MultiplyAddPairs(secondLow, second)),
            TLanes.Add(TLanes.MultiplyAddPairs(firstHigh, first), TLanes.MultiplyAddPairs(secondHigh, second)));

    // 16 of the 17 bits, then the last one with the rounding.
    [MethodImpl(Inline)]
    private static TShort RoundFirst<TLanes, TShort, TInt>(TInt low, TInt high)
        where TLanes : struct, ILanes<TShort, TInt>
        where TShort : unmanaged
        where TInt : unmanaged =>
        TLanes.MultiplyHighRounded(TLanes.UpperHalves(low, high), TransformSteps.Factor<TLanes, TShort, TInt>(1 << 14));

    // Each vector has pairs of columns for four v, even ones in the first four arguments. Sums of both give the even u,
    // differences the odd ones; (4 - 3) and (5 - 2) come with the other sign, and so do their factors.
    [MethodImpl(Inline)]
    private static void Horizontal<TLanes, TShort, TInt, TRounding>(
        TShort even04,
        TShort even15,
        TShort even73,
        TShort even62,
        TShort odd04,
        TShort odd15,
        TShort odd73,
        TShort odd62,
        short* factors,
        PairTable pairs,
        sbyte* coefficients)
        where TLanes : struct, ILanes<TShort, TInt>
        where TShort : unmanaged
        where TInt : unmanaged
        where TRounding : struct, IRounding
    {
        TShort se03 = TLanes.Add(even04, even73);
        TShort de03 = TLanes.Subtract(even04, even73);
        TShort se12 = TLanes.Add(even15, even62);
        TShort de12 = TLanes.Subtract(even15, even62);
        TShort so03 = TLanes.Add(odd04, odd73);
        TShort do03 = TLanes.Subtract(odd04, odd73);
        TShort so12 = TLanes.Add(odd15, odd62);
        TShort do12 = TLanes.Subtract(odd15, odd62);
        TInt both = pairs.Of<TLanes, TShort, TInt>(PairTable.P8192P8192);
        TShort r0 = Quantise<TLanes, TShort, TInt, TRounding>(TLanes.MultiplyAddPairs(TLanes.Add(se03, se12), both), TLanes.MultiplyAddPairs(TLanes.Add(so03, so12), both), 0, factors);
        TShort r1 = Sum<TLanes, TShort, TInt, TRounding>(de03, de12, do03, do12, pairs.Of<TLanes, TShort, TInt>(PairTable.P11363M2260), pairs.Of<TLanes, TShort, TInt>(PairTable.P9633M6437), 1, factors);
        TShort r01 = TLanes.NarrowToBytes(r0, r1);
        TShort r2 = Sum<TLanes, TShort, TInt, TRounding>(se03, se12, so03, so12, pairs.Of<TLanes, TShort, TInt>(PairTable.P10703M10703), pairs.Of<TLanes, TShort, TInt>(PairTable.P4433M4433), 2, factors);
        TShort r3 = Sum<TLanes, TShort, TInt, TRounding>(de03, de12, do03, do12, pairs.Of<TLanes, TShort, TInt>(PairTable.P9633P6436), pairs.Of<TLanes, TShort, TInt>(PairTable.M2259P11362), 3, factors);
        TShort r23 = TLanes.NarrowToBytes(r2, r3);
        TShort r4 = Quantise<TLanes, TShort, TInt, TRounding>(TLanes.MultiplyAddPairs(TLanes.Subtract(se03, se12), both), TLanes.MultiplyAddPairs(TLanes.Subtract(so03, so12), both), 4, factors);
        TShort r5 = Sum<TLanes, TShort, TInt, TRounding>(de03, de12, do03, do12, pairs.Of<TLanes, TShort, TInt>(PairTable.P6437M9633), pairs.Of<TLanes, TShort, TInt>(PairTable.M11362M2261), 5, factors);
        TShort r45 = TLanes.NarrowToBytes(r4, r5);
        TShort r6 = Sum<TLanes, TShort, TInt, TRounding>(se03, se12, so03, so12, pairs.Of<TLanes, TShort, TInt>(PairTable.P4433M4433), pairs.Of<TLanes, TShort, TInt>(PairTable.M10704P10704), 6, factors);
        TShort r7 = Sum<TLanes, TShort, TInt, TRounding>(de03, de12, do03, do12, pairs.Of<TLanes, TShort, TInt>(PairTable.P2260P11363), pairs.Of<TLanes, TShort, TInt>(PairTable.M6436M9633), 7, factors);
        TLanes.StoreCoefficientRows(coefficients, r01, r23, r45, TLanes.NarrowToBytes(r6, r7));
    }

    [MethodImpl(Inline)]
    private static TShort Sum<TLanes, TShort, TInt, TRounding>(TShort even03, TShort even12, TShort odd03, TShort odd12, TInt outer, TInt inner, int row, short* factors)
        where TLanes : struct, ILanes<TShort, TInt>
        where TShort : unmanaged
        where TInt : unmanaged
        where TRounding : struct, IRounding =>
        Quantise<TLanes, TShort, TInt, TRounding>(
            TLanes.Add(TLanes.MultiplyAddPairs(even03, outer), TLanes.MultiplyAddPairs(even12, inner)),
            TLanes.Add(TLanes.MultiplyAddPairs(odd03, outer), TLanes.MultiplyAddPairs(odd12, inner)),
            row,
            factors);

    [MethodImpl(Inline)]
    private static TShort Quantise<TLanes, TShort, TInt, TRounding>(TInt even, TInt odd, int row, short* factors)
        where TLanes : struct, ILanes<TShort, TInt>
        where TShort : unmanaged
        where TInt : unmanaged
        where TRounding : struct, IRounding
    {
        int vector = TLanes.Blocks * 8;
        TShort factor = TLanes.Load(factors + (row * vector));
        if (!TRounding.TowardZero)
        {
            return TLanes.MultiplyHighRounded(TLanes.UpperHalves(even, odd), factor);
        }

        // Of magnitudes, which floors round toward zero; half a step less makes the rounding multiply a floor.
        TShort sign = TLanes.ShiftRight(TLanes.UpperHalves(even, odd), 15);
        TShort magnitude = TLanes.UpperHalves(TLanes.Abs(even), TLanes.Abs(odd));
        TShort half = TLanes.Load(factors + ((row + TransformTables.Rows) * vector));
        TShort rounded = TLanes.MultiplyHighRounded(TLanes.Subtract(magnitude, half), factor);
        return TLanes.Subtract(TLanes.Xor(rounded, sign), sign);
    }
}
