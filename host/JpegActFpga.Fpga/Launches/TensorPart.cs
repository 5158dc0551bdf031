using JpegActFpga.Core.Backends;
using JpegActFpga.Core.Memory;
using JpegActFpga.Core.Profiles;

namespace JpegActFpga.Fpga.Launches;

/// <summary>The part of a tensor that one descriptor describes (docs/kernels.md): consecutive blocks from a tile on.</summary>
/// <param name="FirstBlock">First block within the tensor; the first of a tile.</param>
/// <param name="BlockCount">Blocks.</param>
/// <param name="BlocksPerRow">Blocks of a row of blocks; of meaning for jpeg-act.</param>
/// <param name="FirstColumn">Block column of the first block; of meaning for jpeg-act.</param>
/// <param name="PositionsPerScale">Positions of a plane: rows for jpeg-act, elements for other methods.</param>
/// <param name="FirstPosition">Position of the part's first row or element within its plane.</param>
/// <param name="Positions">Rows or elements that the part touches, padding included.</param>
/// <param name="FirstPlane">Plane of the first position, within the tensor.</param>
internal readonly record struct TensorPart(
    long FirstBlock,
    int BlockCount,
    uint BlocksPerRow,
    uint FirstColumn,
    long PositionsPerScale,
    long FirstPosition,
    long Positions,
    long FirstPlane)
{
    private const int Side = BlockGeometry.BlockSide;

    /// <summary>Gets the tiles of the part.</summary>
    internal int TileCount => (BlockCount + BlockGeometry.TileBlocks - 1) / BlockGeometry.TileBlocks;

    /// <summary>Gets the first tile within the tensor.</summary>
    internal long FirstTile => FirstBlock / BlockGeometry.TileBlocks;

    /// <summary>Gets the planes that the part touches.</summary>
    internal long PlaneCount => ((FirstPosition + Positions - 1) / PositionsPerScale) + 1;

    /// <summary>Gives a part of a tensor.</summary>
    /// <param name="method">The method.</param>
    /// <param name="geometry">The tensor's geometry for that method.</param>
    /// <param name="firstBlock">First block.</param>
    /// <param name="blockCount">Blocks.</param>
    internal static TensorPart Of(CodecMethod method, BlockGeometry geometry, long firstBlock, int blockCount)
    {
        if (method != CodecMethod.JpegAct)
        {
            long plane = geometry.PlaneRows * geometry.Width;
            long element = firstBlock * BlockGeometry.BlockValues;
            return new TensorPart(firstBlock, blockCount, 1, 0, plane, element % plane, (long)blockCount * BlockGeometry.BlockValues, element / plane);
        }

        long firstRow = firstBlock / geometry.BlocksPerRow * Side;
        long lastRow = ((firstBlock + blockCount - 1) / geometry.BlocksPerRow * Side) + Side - 1;
        return new TensorPart(
            firstBlock,
            blockCount,
            (uint)geometry.BlocksPerRow,
            (uint)(firstBlock % geometry.BlocksPerRow),
            geometry.PlaneRows,
            firstRow % geometry.PlaneRows,
            lastRow - firstRow + 1,
            firstRow / geometry.PlaneRows);
    }

    /// <summary>Checks that the kernels' arguments have room for a tensor's sides.</summary>
    /// <param name="method">The method.</param>
    /// <param name="geometry">The tensor's geometry.</param>
    /// <exception cref="BackendException">They have not.</exception>
    internal static void DemandFits(CodecMethod method, BlockGeometry geometry)
    {
        if (method == CodecMethod.JpegAct && geometry.BlocksPerRow > uint.MaxValue)
        {
            throw new BackendException(BackendFailure.Unsupported, $"A tensor of {geometry.BlocksPerRow} blocks a row is beyond the kernels' 32-bit field.");
        }
    }

    /// <summary>Tells how many scales the card needs for the part: the whole table, or the window of the part's planes where that is shorter.</summary>
    /// <param name="tableLength">Scales of the tensor.</param>
    internal long ScaleCount(long tableLength) => Math.Min(tableLength, PlaneCount);

    /// <summary>Tells the place in the part's scales of its first position's scale.</summary>
    /// <param name="tableLength">Scales of the tensor.</param>
    internal long FirstScale(long tableLength) => tableLength <= PlaneCount ? FirstPlane % tableLength : 0;

    /// <summary>Copies the scales that the card needs.</summary>
    /// <param name="table">The tensor's scales.</param>
    /// <param name="destination">Receives <see cref="ScaleCount"/> of them.</param>
    internal void CopyScales(NativeSpan<float> table, NativeSpan<float> destination)
    {
        if (table.Length <= PlaneCount)
        {
            table.CopyTo(destination);
            return;
        }

        long scale = FirstPlane % table.Length;
        for (long i = 0; i < PlaneCount; i++)
        {
            destination[i] = table[scale];
            scale = scale + 1 == table.Length ? 0 : scale + 1;
        }
    }

    /// <summary>Sums up the scales that the card reads for the part, as its result word does.</summary>
    /// <param name="method">The method.</param>
    /// <param name="scales">The part's scales, as <see cref="CopyScales"/> gave them.</param>
    /// <param name="firstScale">As <see cref="FirstScale"/> gave it.</param>
    internal ulong SumScales(CodecMethod method, NativeSpan<float> scales, long firstScale)
    {
        NativeSpan<uint> bits = scales.Cast<uint>();
        ulong sum = 0;
        long scale = firstScale;
        long left = Positions;
        for (long here = Math.Min(left, PositionsPerScale - FirstPosition); left > 0; here = Math.Min(left, PositionsPerScale))
        {
            // jpeg-act: once for each row; other methods: once for each run of elements.
            sum += method == CodecMethod.JpegAct ? (ulong)here * bits[scale] : bits[scale];
            scale = scale + 1 == bits.Length ? 0 : scale + 1;
            left -= here;
        }

        return sum;
    }
}
