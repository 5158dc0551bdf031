using System.Runtime.CompilerServices;
using JpegActFpga.Codec.Simd.Kernels;
using JpegActFpga.Core.Frames;
using JpegActFpga.Core.Profiles;

namespace JpegActFpga.Codec.Simd.Parallel;

/// <summary>Encodes a tensor, a chunk of tiles a unit.</summary>
/// <remarks>
/// Where the size of a tile depends on its content, a chunk is encoded beside the frame, waits for the chunk before it to
/// say where it ends, passes its own end on, and only then is copied: the bytes are the same for any number of threads.
/// </remarks>
internal sealed unsafe class EncodeJob : ParallelJob
{
    /// <summary>Bytes for the values of a chunk, with the slack that the last block's store needs.</summary>
    internal const int ChunkRoom = (ChunkTiles * TileValues) + BlockGeometry.BlockValues;

    /// <summary>Tiles of a chunk: 64 KiB of float32, which stay in the second-level cache.</summary>
    internal const int ChunkTiles = Crc32C.Chains;

    /// <summary>Bytes of float32 in a chunk.</summary>
    internal const int ChunkBytes = ChunkTiles * TileValues * sizeof(float);

    private const int TileValues = BlockGeometry.TileBlocks * BlockGeometry.BlockValues;

    private TileKernels _kernels = null!;
    private TilePlan _plan;
    private bool _alone;
    private long _turn;
    private long _valueBytes;

    /// <summary>Prepares a run.</summary>
    /// <param name="kernels">Kernels of the element type.</param>
    /// <param name="plan">The call.</param>
    /// <param name="alone">One thread will do all units, in order.</param>
    /// <param name="cancellation">Looked at before each unit.</param>
    internal void Prepare(TileKernels kernels, in TilePlan plan, bool alone, CancellationToken cancellation)
    {
        _kernels = kernels;
        _plan = plan;
        _alone = alone;
        _turn = 0;
        _valueBytes = 0;
        plan.TileOffsets[plan.Geometry.Tiles] = 0;
        Reset((plan.Geometry.Tiles + ChunkTiles - 1) / ChunkTiles, cancellation);
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    protected override void RunUnit(long unit, CodecScratch scratch)
    {
        long first = unit * ChunkTiles;
        int tiles = (int)Math.Min(ChunkTiles, _plan.Geometry.Tiles - first);
        if (_plan.Method is CodecMethod.Raw or CodecMethod.Sfpr or CodecMethod.Brc)
        {
            EncodeFixed(first, tiles, scratch);
            return;
        }

        long room = (long)tiles * TileValues;
        byte* values = _alone && _valueBytes + room <= _plan.ValueRoom ? _plan.Values + _valueBytes : scratch.Chunk;
        int bytes = 0;
        TileScratch work = scratch.Tile;
        for (int i = 0; i < tiles; i++)
        {
            // Relative to the chunk until its turn comes.
            _plan.TileOffsets[first + i] = (ulong)bytes;
            bytes += _kernels.EncodeTile(in _plan, first + i, values + bytes, in work);
        }

        if (!WaitForTurn(unit))
        {
            return;
        }

        long start = _valueBytes;
        _valueBytes = start + bytes;
        Volatile.Write(ref _turn, unit + 1);
        for (int i = 0; i < tiles; i++)
        {
            _plan.TileOffsets[first + i] += (ulong)start;
        }

        if (first + tiles == _plan.Geometry.Tiles)
        {
            _plan.TileOffsets[_plan.Geometry.Tiles] = (ulong)(start + bytes);
        }

        if (values == scratch.Chunk)
        {
            Buffer.MemoryCopy(values, _plan.Values + start, _plan.ValueRoom - start, bytes);
        }

        TileChecksums.Compute(in _plan, first, tiles, start + bytes);
    }

    private void EncodeFixed(long first, int tiles, CodecScratch scratch)
    {
        TileScratch work = scratch.Tile;
        long end = 0;
        for (int i = 0; i < tiles; i++)
        {
            long tile = first + i;
            int bytes = 0;
            long start = 0;
            if (_plan.Method == CodecMethod.Raw)
            {
                start = tile * TileValues * _plan.ElementBytes;
                bytes = _plan.Geometry.ElementsOfTile(tile) * _plan.ElementBytes;
                Buffer.MemoryCopy(_plan.Tensor + start, _plan.Values + start, _plan.ValueRoom - start, bytes);
            }
            else
            {
                start = _plan.Method == CodecMethod.Sfpr ? tile * TileValues : 0;
                bytes = _kernels.EncodeTile(in _plan, tile, _plan.Values + start, in work);
            }

            _plan.TileOffsets[tile] = (ulong)start;
            end = start + bytes;
        }

        if (first + tiles == _plan.Geometry.Tiles)
        {
            _plan.TileOffsets[_plan.Geometry.Tiles] = (ulong)end;
        }

        TileChecksums.Compute(in _plan, first, tiles, end);
    }

    // Units are taken in order, so the one before is done or at work; it ends, or the job stops.
    private bool WaitForTurn(long unit)
    {
        var spinner = default(SpinWait);
        while (Volatile.Read(ref _turn) != unit)
        {
            if (Stopped)
            {
                return false;
            }

            spinner.SpinOnce(sleep1Threshold: -1);
        }

        return true;
    }
}
