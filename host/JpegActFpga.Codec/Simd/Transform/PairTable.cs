using System.Runtime.CompilerServices;
using JpegActFpga.Codec.Simd.Lanes;

namespace JpegActFpga.Codec.Simd.Transform;

/// <summary>The matrix' entries (docs/format.md, section 3) as pairs for a multiply-add, whole vectors of each in memory.</summary>
/// <remarks>
/// From memory a vector is part of the multiplication that needs it; as a constant the JIT makes it a broadcast, an
/// instruction more, and on AMD one for the ports that shuffles and shifts wait for.
/// </remarks>
internal readonly unsafe struct PairTable
{
    /// <summary>Bytes that the widest vectors need.</summary>
    internal const int Bytes = 23 * WidestVector;

    internal const int P8192P8192 = 0;
    internal const int P8192M8192 = 1;
    internal const int P10703P4433 = 2;
    internal const int P4433M10704 = 3;
    internal const int P11363P9633 = 4;
    internal const int P6437P2260 = 5;
    internal const int P9633M2259 = 6;
    internal const int M11362M6436 = 7;
    internal const int P6437M11362 = 8;
    internal const int P2261P9633 = 9;
    internal const int P2260M6436 = 10;
    internal const int P9633M11363 = 11;
    internal const int P11363M2260 = 12;
    internal const int P9633M6437 = 13;
    internal const int P10703M10703 = 14;
    internal const int P4433M4433 = 15;
    internal const int P9633P6436 = 16;
    internal const int M2259P11362 = 17;
    internal const int P6437M9633 = 18;
    internal const int M11362M2261 = 19;
    internal const int M10704P10704 = 20;
    internal const int P2260P11363 = 21;
    internal const int M6436M9633 = 22;

    private const int WidestVector = 64;

    private readonly int* _vectors;

    /// <summary>Initializes a new instance of the <see cref="PairTable"/> struct.</summary>
    /// <param name="memory"><see cref="Bytes"/> bytes.</param>
    internal PairTable(byte* memory) => _vectors = (int*)memory;

    private static ReadOnlySpan<short> Pairs =>
    [
        8192, 8192,
        8192, -8192,
        10703, 4433,
        4433, -10704,
        11363, 9633,
        6437, 2260,
        9633, -2259,
        -11362, -6436,
        6437, -11362,
        2261, 9633,
        2260, -6436,
        9633, -11363,
        11363, -2260,
        9633, -6437,
        10703, -10703,
        4433, -4433,
        9633, 6436,
        -2259, 11362,
        6437, -9633,
        -11362, -2261,
        -10704, 10704,
        2260, 11363,
        -6436, -9633,
    ];

    /// <summary>Gives a vector of one pair.</summary>
    /// <param name="pair">One of the constants: P and M are the signs of the entries.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal TInt Of<TLanes, TShort, TInt>(int pair)
        where TLanes : struct, ILanes<TShort, TInt>
        where TShort : unmanaged
        where TInt : unmanaged => TLanes.Load(_vectors + (pair * TLanes.Blocks * 4));

    /// <summary>Fills the table.</summary>
    /// <param name="blocks">Blocks of a vector.</param>
    internal void Fill(int blocks)
    {
        for (int pair = 0; pair < Pairs.Length / 2; pair++)
        {
            int value = (Pairs[(2 * pair) + 1] << 16) | (ushort)Pairs[2 * pair];
            new Span<int>(_vectors + (pair * blocks * 4), blocks * 4).Fill(value);
        }
    }
}
