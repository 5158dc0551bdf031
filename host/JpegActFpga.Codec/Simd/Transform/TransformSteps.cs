using System.Runtime.CompilerServices;
using JpegActFpga.Codec.Simd.Lanes;
using JpegActFpga.Codec.Transform;

namespace JpegActFpga.Codec.Simd.Transform;

/// <summary>The matrix' entries (docs/format.md, section 3) as pairs for a multiply-add, and steps that both directions share.</summary>
internal static class TransformSteps
{

    /// <summary>Two 16-bit factors in every 32-bit lane.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static TInt Pair<TLanes, TShort, TInt>(int low, int high)
        where TLanes : struct, ILanes<TShort, TInt>
        where TShort : unmanaged
        where TInt : unmanaged => TLanes.Broadcast((high << 16) | (low & 0xffff));

    /// <summary>Rounds and narrows after the first pass.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static TShort FirstPass<TLanes, TShort, TInt>(TInt low, TInt high)
        where TLanes : struct, ILanes<TShort, TInt>
        where TShort : unmanaged
        where TInt : unmanaged
    {
        TInt half = TLanes.Broadcast(1 << (TransformMatrix.FirstPassShift - 1));
        return TLanes.Narrow(
            TLanes.ShiftRight(TLanes.Add(low, half), TransformMatrix.FirstPassShift),
            TLanes.ShiftRight(TLanes.Add(high, half), TransformMatrix.FirstPassShift));
    }

    /// <summary>Transposes the 8x8 lanes of each block.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static void Transpose<TLanes, TShort, TInt>(
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
        TShort a0 = TLanes.InterleaveLow(r0, r1);
        TShort a1 = TLanes.InterleaveHigh(r0, r1);
        TShort a2 = TLanes.InterleaveLow(r2, r3);
        TShort a3 = TLanes.InterleaveHigh(r2, r3);
        TShort a4 = TLanes.InterleaveLow(r4, r5);
        TShort a5 = TLanes.InterleaveHigh(r4, r5);
        TShort a6 = TLanes.InterleaveLow(r6, r7);
        TShort a7 = TLanes.InterleaveHigh(r6, r7);
        TShort b0 = TLanes.InterleavePairsLow(a0, a2);
        TShort b1 = TLanes.InterleavePairsHigh(a0, a2);
        TShort b2 = TLanes.InterleavePairsLow(a1, a3);
        TShort b3 = TLanes.InterleavePairsHigh(a1, a3);
        TShort b4 = TLanes.InterleavePairsLow(a4, a6);
        TShort b5 = TLanes.InterleavePairsHigh(a4, a6);
        TShort b6 = TLanes.InterleavePairsLow(a5, a7);
        TShort b7 = TLanes.InterleavePairsHigh(a5, a7);
        r0 = TLanes.InterleaveQuadsLow(b0, b4);
        r1 = TLanes.InterleaveQuadsHigh(b0, b4);
        r2 = TLanes.InterleaveQuadsLow(b1, b5);
        r3 = TLanes.InterleaveQuadsHigh(b1, b5);
        r4 = TLanes.InterleaveQuadsLow(b2, b6);
        r5 = TLanes.InterleaveQuadsHigh(b2, b6);
        r6 = TLanes.InterleaveQuadsLow(b3, b7);
        r7 = TLanes.InterleaveQuadsHigh(b3, b7);
    }
}
