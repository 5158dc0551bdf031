using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using JpegActFpga.Core.Profiles;

namespace JpegActFpga.Codec.Simd.Staging;

/// <summary>Walks the blocks of a tile in order and tells where each lies in the tensor; divides once, where it starts.</summary>
/// <typeparam name="TBits">What an element is in memory.</typeparam>
internal unsafe struct TensorWalk<TBits>
    where TBits : unmanaged
{
    /// <summary>Floats of work memory that a walk needs: a scale a row, and what the last vector stores behind them.</summary>
    internal const int RowScaleFloats = (BlockGeometry.TileBlocks * Side) + Side;

    private const int Side = BlockGeometry.BlockSide;

    private readonly long _width;
    private TBits* _row;
    private TBits* _at;
    private float* _rowScales;
    private long _columnsLeft;
    private long _rowsLeft;

    /// <summary>Initializes a new instance of the <see cref="TensorWalk{TBits}"/> struct.</summary>
    /// <param name="tensor">First element.</param>
    /// <param name="geometry">The tensor's geometry for jpeg-act.</param>
    /// <param name="scales">Scales of channels or planes.</param>
    /// <param name="scaleCount">Number of scales, 1 or more.</param>
    /// <param name="firstBlock">Block to start with.</param>
    /// <param name="blocks">Blocks to walk, 1 .. 64.</param>
    /// <param name="rowScales"><see cref="RowScaleFloats"/> floats of work memory.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal TensorWalk(TBits* tensor, in BlockGeometry geometry, float* scales, long scaleCount, long firstBlock, int blocks, float* rowScales)
    {
        _width = geometry.Width;
        (long rowBlock, long columnBlock) = Math.DivRem(firstBlock, geometry.BlocksPerRow);
        _row = tensor + (rowBlock * Side * _width);
        _rowsLeft = geometry.Rows - (rowBlock * Side);
        _at = _row + (columnBlock * Side);
        _columnsLeft = _width - (columnBlock * Side);
        _rowScales = rowScales;
        long rows = (columnBlock + blocks + geometry.BlocksPerRow - 1) / geometry.BlocksPerRow * Side;
        SpreadScales(scales, scaleCount, geometry.PlaneRows, rowBlock * Side, rows, rowScales);
    }

    /// <summary>Gets the first element of the current block.</summary>
    internal readonly TBits* At => _at;

    /// <summary>Gets the blocks from the current one to the end of its row of blocks.</summary>
    internal readonly long BlocksLeftInRow => (_columnsLeft + Side - 1) / Side;

    /// <summary>Gets a value indicating whether the current block is the first of its row of blocks.</summary>
    internal readonly bool AtRowStart => _columnsLeft == _width;

    /// <summary>Gets how many blocks from the current one on, in its row of blocks, lie wholly inside the tensor.</summary>
    internal readonly long WholeBlocks => _rowsLeft >= Side ? _columnsLeft / Side : 0;

    /// <summary>Describes the current block.</summary>
    /// <param name="part">Receives the description.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal readonly void Describe(out TensorPart<TBits> part)
    {
        part.Start = _at;
        part.RowScales = _rowScales;
        part.Stride = _width;
        part.Columns = _columnsLeft;
        part.Rows = _rowsLeft;
    }

    /// <summary>Describes the current block and goes to the next.</summary>
    /// <param name="part">Receives the description.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal void Next(out TensorPart<TBits> part)
    {
        Describe(out part);
        Skip(1);
    }

    /// <summary>Goes on, inside the current row of blocks or to the start of the next.</summary>
    /// <param name="blocks">Blocks, at most <see cref="BlocksLeftInRow"/>.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal void Skip(long blocks)
    {
        _at += blocks * Side;
        _columnsLeft -= blocks * Side;
        if (_columnsLeft <= 0)
        {
            _row += Side * _width;
            _at = _row;
            _columnsLeft = _width;
            _rowsLeft -= Side;
            _rowScales += Side;
        }
    }

    // A scale a row; rows below the image wrap to some scale, which nothing uses.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void SpreadScales(float* scales, long scaleCount, long planeRows, long firstRow, long rows, float* to)
    {
        (long plane, long inPlane) = Math.DivRem(firstRow, planeRows);
        long scale = plane % scaleCount;
        for (long row = 0; row < rows;)
        {
            long end = Math.Min(rows, row + planeRows - inPlane);
            Vector256<float> value = Vector256.Create(scales[scale]);
            for (; row < end; row += Side)
            {
                // Behind the plane's end the next plane's scale comes over it.
                value.Store(to + row);
            }

            row = end;
            inPlane = 0;
            scale = scale + 1 == scaleCount ? 0 : scale + 1;
        }
    }
}
