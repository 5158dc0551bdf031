using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using JpegActFpga.Core.Profiles;

namespace JpegActFpga.Codec.Simd.Staging;

/// <summary>Walks the blocks of a tensor in order and tells where each lies; divides once, where it starts.</summary>
/// <typeparam name="TBits">What an element is in memory.</typeparam>
internal unsafe struct TensorWalk<TBits>
    where TBits : unmanaged
{
    /// <summary>Floats of work memory that a walk needs, 32-byte aligned.</summary>
    internal const int RowScaleFloats = RingRows * Side;

    private const int Side = BlockGeometry.BlockSide;

    // Rows of blocks whose scales are kept: a pair of blocks may straddle two, and the walk is one ahead.
    private const int RingRows = 4;

    private readonly float* _scales;
    private readonly float* _ring;
    private readonly long _scaleCount;
    private readonly long _width;
    private readonly long _planeRows;
    private TBits* _row;
    private TBits* _at;
    private float* _rowScales;
    private long _columnsLeft;
    private long _rowsLeft;
    private long _rowInPlane;
    private long _scale;
    private bool _oneScale;

    /// <summary>Initializes a new instance of the <see cref="TensorWalk{TBits}"/> struct.</summary>
    /// <param name="tensor">First element.</param>
    /// <param name="geometry">The tensor's geometry for jpeg-act.</param>
    /// <param name="scales">Scales of channels or planes.</param>
    /// <param name="scaleCount">Number of scales, 1 or more.</param>
    /// <param name="firstBlock">Block to start with.</param>
    /// <param name="rowScales"><see cref="RowScaleFloats"/> floats of work memory.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal TensorWalk(TBits* tensor, in BlockGeometry geometry, float* scales, long scaleCount, long firstBlock, float* rowScales)
    {
        _scales = scales;
        _ring = rowScales;
        _scaleCount = scaleCount;
        _width = geometry.Width;
        _planeRows = geometry.PlaneRows;
        (long rowBlock, long columnBlock) = Math.DivRem(firstBlock, geometry.BlocksPerRow);
        (long plane, _rowInPlane) = Math.DivRem(rowBlock * Side, _planeRows);
        _scale = plane % scaleCount;
        _row = tensor + (rowBlock * Side * _width);
        _rowsLeft = geometry.Rows - (rowBlock * Side);
        _at = _row + (columnBlock * Side);
        _columnsLeft = _width - (columnBlock * Side);
        _rowScales = rowScales;
        TakeRowScales();
    }

    /// <summary>Gets the first element of the current block.</summary>
    internal readonly TBits* At => _at;

    /// <summary>Describes the current block and goes to the next.</summary>
    /// <param name="part">Receives the description.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal void Next(out TensorPart<TBits> part)
    {
        part.Start = _at;
        part.RowScales = _rowScales;
        part.Stride = _width;
        part.Columns = _columnsLeft;
        part.Rows = _rowsLeft;
        part.OneScale = _oneScale;
        _at += Side;
        _columnsLeft -= Side;
        if (_columnsLeft <= 0)
        {
            NextRowBlock();
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void NextRowBlock()
    {
        _row += Side * _width;
        _at = _row;
        _columnsLeft = _width;
        _rowsLeft -= Side;
        _rowScales += Side;
        if (_rowScales == _ring + RowScaleFloats)
        {
            _rowScales = _ring;
        }

        TakeRowScales();
    }

    // Scales of eight rows; rows below the image wrap to some scale, which nothing uses.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void TakeRowScales()
    {
        Vector256<float> scales = Vector256.Create(_scales[_scale]);
        long next = _planeRows - _rowInPlane;
        _oneScale = next >= Side;
        if (!_oneScale)
        {
            Vector256<int> rows = Vector256.Create(0, 1, 2, 3, 4, 5, 6, 7);
            for (; next < Side; next += _planeRows)
            {
                NextPlane();
                Vector256<float> later = Vector256.GreaterThanOrEqual(rows, Vector256.Create((int)next)).AsSingle();
                scales = Vector256.ConditionalSelect(later, Vector256.Create(_scales[_scale]), scales);
            }
        }

        scales.Store(_rowScales);
        _rowInPlane = _planeRows - (next - Side);
        if (next == Side)
        {
            _rowInPlane = 0;
            NextPlane();
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void NextPlane() => _scale = _scale + 1 == _scaleCount ? 0 : _scale + 1;
}
