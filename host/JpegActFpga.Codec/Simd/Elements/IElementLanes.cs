using System.Runtime.Intrinsics;

namespace JpegActFpga.Codec.Simd.Elements;

/// <summary>How eight elements of one type are read and written; a struct type argument.</summary>
/// <typeparam name="TBits">What an element is in memory.</typeparam>
internal unsafe interface IElementLanes<TBits>
    where TBits : unmanaged
{
    /// <summary>Reads and widens eight finite elements exactly.</summary>
    static abstract Vector256<float> Load8(TBits* from);

    /// <summary>Narrows eight values, round half to even, and stores them.</summary>
    static abstract void Store8(Vector256<float> values, TBits* to);

    /// <summary>As <see cref="Store8"/>, but only the first 1 .. 7 values; nothing behind them is touched.</summary>
    static abstract void StorePart(Vector256<float> values, TBits* to, int count);

    /// <summary>Finds the largest magnitude.</summary>
    /// <param name="from">Elements, of any bit pattern.</param>
    /// <param name="count">Number of elements.</param>
    /// <param name="wide">Use 512-bit vectors; a constant where this is inlined.</param>
    /// <param name="seen">Largest raw patterns, raised; see <see cref="AnyNegative"/>.</param>
    /// <returns>The largest magnitude, as float32 bits.</returns>
    static abstract uint LargestMagnitude(TBits* from, long count, bool wide, ref Vector256<uint> seen);

    /// <summary>Tells whether an element was below zero; -0.0 is not.</summary>
    /// <param name="seen">What scans of this type raised, from zeros on.</param>
    static abstract bool AnyNegative(Vector256<uint> seen);

    /// <summary>Gives the mask of method brc for 64 elements of any bit pattern: bit k says that element k is not at most zero.</summary>
    static abstract ulong PositiveMask64(TBits* from);

    /// <summary>Gets the bit pattern of 1.</summary>
    static abstract TBits One { get; }

    /// <summary>Stores 1 where a bit is set and 0 where not, for eight elements.</summary>
    static abstract void StoreOnes8(byte bits, TBits* to);
}
