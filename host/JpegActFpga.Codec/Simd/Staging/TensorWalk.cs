using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using JpegActFpga.Core.Profiles;

namespace JpegActFpga.Codec.Simd.Staging;

/// <summary>Walks the blocks of a tensor in order and tells where each lies; divides once, where it starts.</summary>
/// <typeparam name="TBits">What an element is in memory.</typeparam>
internal unsafe struct TensorWalk<TBits>
    where TBits : unmanaged
{
    private const int Side = BlockGeometry.BlockSide;

    private readonly TBits* _tensor;
    private readonly float* _scales;
    private readonly long _scaleCount;
    private readonly long _width;
    private readonly long _rows;
    private readonly long _planeRows;
    private readonly long _blocksPerRow;
    private long _rowBlock;
    private long _columnBlock;
    private long _rowInPlane;
    private long _scale;
    private Vector256<float> _rowScales;
    private bool _oneScale;

    /// <summary>Initializes a new instance of the <see cref="TensorWalk{TBits}"/> struct.</summary>
    /// <param name="tensor">First element.</param>
    /// <param name="geometry">The tensor's geometry for jpeg-act.</param>
    /// <param name="scales">Scales of channels or planes.</param>
    /// <param name="scaleCount">Number of scales, 1 or more.</param>
    /// <param name="firstBlock">Block to start with.</param>
    internal TensorWalk(TBits* tensor, in BlockGeometry geometry, float* scales, long scaleCount, long firstBlock)
    {
        _tensor = tensor;
        _scales = scales;
        _scaleCount = scaleCount;
        _width = geometry.Width;
        _rows = geometry.Rows;
        _planeRows = geometry.PlaneRows;
        _blocksPerRow = geometry.BlocksPerRow;
        (_rowBlock, _columnBlock) = Math.DivRem(firstBlock, _blocksPerRow);
        (long plane, _rowInPlane) = Math.DivRem(_rowBlock * Side, _planeRows);
        _scale = plane % scaleCount;
        TakeRowScales();
    }

    /// <summary>Describes the current block and goes to the next.</summary>
    /// <param name="part">Receives the description.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal void Next(out TensorPart<TBits> part)
    {
        long row = _rowBlock * Side;
        long column = _columnBlock * Side;
        part.Start = _tensor + (row * _width) + column;
        part.Stride = _width;
        part.Scales = _rowScales;
        part.OneScale = _oneScale;
        part.Columns = (int)Math.Min(Side, _width - column);
        part.Rows = (int)Math.Min(Side, _rows - row);
        if (++_columnBlock == _blocksPerRow)
        {
            _columnBlock = 0;
            _rowBlock++;
            TakeRowScales();
        }
    }

    // Scales of eight rows; rows below the image wrap to some scale, which nothing uses.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void TakeRowScales()
    {
        if (_rowInPlane + Side <= _planeRows)
        {
            _oneScale = true;
            _rowScales = Vector256.Create(_scales[_scale]);
            _rowInPlane += Side;
            if (_rowInPlane == _planeRows)
            {
                NextPlane();
            }

            return;
        }

        float* rows = stackalloc float[Side];
        for (int r = 0; r < Side; r++)
        {
            rows[r] = _scales[_scale];
            if (++_rowInPlane == _planeRows)
            {
                NextPlane();
            }
        }

        _oneScale = false;
        _rowScales = Vector256.Load(rows);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void NextPlane()
    {
        _rowInPlane = 0;
        _scale = _scale + 1 == _scaleCount ? 0 : _scale + 1;
    }
}
