using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace JpegActFpga.Codec.Simd.Lanes;

/// <summary>In what order rows are loaded: so that what a later pass multiplies and adds in pairs becomes neighbours by itself.</summary>
/// <remarks>
/// Loading spreads bytes over the upper halves of 16-bit lanes by a byte shuffle, so any order costs nothing. A shuffle
/// index above 127 gives 0 on every processor.
/// </remarks>
internal static class LaneOrders
{
    private const byte Zero = 0xff;
    private const MethodImplOptions Inline = MethodImplOptions.AggressiveInlining;

    /// <summary>
    /// Columns 0 1 7 6 | 4 5 3 2. The vertical pass deals the halves: (0 4) (1 5) (7 3) (6 2), and the horizontal one folds
    /// (0 4) with (7 3) and (1 5) with (6 2).
    /// </summary>
    /// <param name="odd">For the second of two rows.</param>
    [MethodImpl(Inline)]
    internal static Vector128<byte> Columns(bool odd) => odd
        ? Vector128.Create(Zero, 8, Zero, 9, Zero, 15, Zero, 14, Zero, 12, Zero, 13, Zero, 11, Zero, 10)
        : Vector128.Create(Zero, 0, Zero, 1, Zero, 7, Zero, 6, Zero, 4, Zero, 5, Zero, 3, Zero, 2);

    /// <summary>Vertical frequencies (0 4) (2 6) (1 3) (5 7): the pairs that the second inverse pass multiplies.</summary>
    /// <param name="odd">For the second of two rows.</param>
    [MethodImpl(Inline)]
    internal static Vector128<byte> Frequencies(bool odd) => odd
        ? Vector128.Create(Zero, 8, Zero, 12, Zero, 10, Zero, 14, Zero, 9, Zero, 11, Zero, 13, Zero, 15)
        : Vector128.Create(Zero, 0, Zero, 4, Zero, 2, Zero, 6, Zero, 1, Zero, 3, Zero, 5, Zero, 7);

    /// <summary>Gets the order of <see cref="Frequencies"/>.</summary>
    internal static ReadOnlySpan<byte> FrequencyOfLane => [0, 4, 2, 6, 1, 3, 5, 7];
}
