using System.Runtime.CompilerServices;
using JpegActFpga.Codec.Simd.Lanes;

namespace JpegActFpga.Codec.Simd.Transform;

/// <summary>Steps that both directions share.</summary>
internal static class TransformSteps
{
    /// <summary>A factor in every 16-bit lane.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static TShort Factor<TLanes, TShort, TInt>(int factor)
        where TLanes : struct, ILanes<TShort, TInt>
        where TShort : unmanaged
        where TInt : unmanaged => Unsafe.BitCast<TInt, TShort>(TLanes.Broadcast((factor << 16) | factor));

    /// <summary>Transposes 4x4 pairs of lanes of each block: what was pair i of four rows becomes vector i.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static void TransposePairs<TLanes, TShort, TInt>(ref TShort r0, ref TShort r1, ref TShort r2, ref TShort r3)
        where TLanes : struct, ILanes<TShort, TInt>
        where TShort : unmanaged
        where TInt : unmanaged
    {
        TShort low01 = TLanes.InterleavePairsLow(r0, r1);
        TShort high01 = TLanes.InterleavePairsHigh(r0, r1);
        TShort low23 = TLanes.InterleavePairsLow(r2, r3);
        TShort high23 = TLanes.InterleavePairsHigh(r2, r3);
        r0 = TLanes.InterleaveQuadsLow(low01, low23);
        r1 = TLanes.InterleaveQuadsHigh(low01, low23);
        r2 = TLanes.InterleaveQuadsLow(high01, high23);
        r3 = TLanes.InterleaveQuadsHigh(high01, high23);
    }
}
