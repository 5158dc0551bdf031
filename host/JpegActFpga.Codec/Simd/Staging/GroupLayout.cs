using System.Runtime.CompilerServices;
using JpegActFpga.Core.Profiles;

namespace JpegActFpga.Codec.Simd.Staging;

/// <summary>
/// Where the bytes of a block lie while the transform works on them: a group has 4 pairs of rows one behind the other, a
/// pair 16 bytes of each block, the even row's 8, then the odd row's 8. So vectors of every width hold whole rows of
/// blocks in 128 bits.
/// </summary>
/// <param name="blocksPerGroup">1, 2 or 4.</param>
internal readonly unsafe struct GroupLayout(int blocksPerGroup)
{
    private const int Side = BlockGeometry.BlockSide;

    /// <summary>Gets the blocks of a group.</summary>
    internal int Blocks => blocksPerGroup;

    /// <summary>Gets the bytes from one pair of rows to the next.</summary>
    internal int Pair => blocksPerGroup * 2 * Side;

    /// <summary>Gives the first byte of a block of a tile.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal sbyte* BlockAt(sbyte* tile, int block)
    {
        int inGroup = block & (blocksPerGroup - 1);
        return tile + ((block - inGroup) * BlockGeometry.BlockValues) + (inGroup * 2 * Side);
    }

    /// <summary>Gives the first byte of a row of a block.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal sbyte* RowOf(sbyte* block, int row) => block + ((row >> 1) * Pair) + ((row & 1) * Side);
}
