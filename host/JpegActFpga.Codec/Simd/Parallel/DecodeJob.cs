using System.Runtime.CompilerServices;
using JpegActFpga.Codec.Simd.Kernels;
using JpegActFpga.Core.Frames;
using JpegActFpga.Core.Profiles;

namespace JpegActFpga.Codec.Simd.Parallel;

/// <summary>Decodes a frame, a chunk of tiles a unit; tiles do not depend on each other.</summary>
internal sealed unsafe class DecodeJob : ParallelJob
{
    private const int ChunkTiles = EncodeJob.ChunkTiles;

    private TileKernels _kernels = null!;
    private TilePlan _plan;
    private FrameReader? _unchecked;

    /// <summary>Prepares a run.</summary>
    /// <param name="kernels">Kernels of the element type.</param>
    /// <param name="plan">The call.</param>
    /// <param name="frame">The frame: its tiles are checked on the way where nobody did before.</param>
    /// <param name="cancellation">Looked at before each unit.</param>
    internal void Prepare(TileKernels kernels, in TilePlan plan, FrameReader frame, CancellationToken cancellation)
    {
        _kernels = kernels;
        _plan = plan;
        _unchecked = frame.TilesChecked ? null : frame;
        Reset((plan.Geometry.Tiles + ChunkTiles - 1) / ChunkTiles, cancellation);
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    protected override void RunUnit(long unit, CodecScratch scratch)
    {
        long first = unit * ChunkTiles;
        long end = Math.Min(first + ChunkTiles, _plan.Geometry.Tiles);

        // Here each thread checks its own tiles, and finds them in its cache when it expands them.
        _unchecked?.CheckTiles(first, end);
        if (_plan.Method == CodecMethod.Raw)
        {
            byte* from = _plan.Values + _plan.TileOffsets[first];
            long bytes = (long)(_plan.TileOffsets[end] - _plan.TileOffsets[first]);
            long at = first * BlockGeometry.TileBlocks * BlockGeometry.BlockValues * _plan.ElementBytes;
            Buffer.MemoryCopy(from, _plan.Tensor + at, bytes, bytes);
            return;
        }

        TileScratch work = scratch.Tile;
        for (long tile = first; tile < end; tile++)
        {
            _kernels.DecodeTile(in _plan, tile, in work);
        }
    }
}
