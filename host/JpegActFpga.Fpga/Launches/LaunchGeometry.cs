using JpegActFpga.Core.Backends;
using JpegActFpga.Core.Memory;
using JpegActFpga.Core.Profiles;

namespace JpegActFpga.Fpga.Launches;

/// <summary>The part of a tensor that one kernel launch works on, as the kernels' arguments describe it (docs/kernels.md).</summary>
/// <param name="FirstBlock">First block within the tensor; the first of a tile.</param>
/// <param name="BlockCount">Consecutive blocks.</param>
/// <param name="BlocksPerRow">Blocks of a row of blocks.</param>
/// <param name="RowsPerScale">Rows that share a scale.</param>
/// <param name="FirstColumn">Block column of the first block.</param>
/// <param name="FirstRow">Row within its plane of the first block's first row.</param>
/// <param name="FirstPlane">Plane of that row, within the tensor.</param>
/// <param name="PlaneCount">Planes that the launch's rows touch, padding rows included.</param>
internal readonly record struct LaunchGeometry(
    long FirstBlock,
    uint BlockCount,
    uint BlocksPerRow,
    uint RowsPerScale,
    uint FirstColumn,
    uint FirstRow,
    long FirstPlane,
    long PlaneCount)
{
    private const int Side = BlockGeometry.BlockSide;

    /// <summary>Gets the tiles of the launch.</summary>
    internal int TileCount => (int)((BlockCount + BlockGeometry.TileBlocks - 1) / BlockGeometry.TileBlocks);

    /// <summary>Gets the first tile within the tensor.</summary>
    internal long FirstTile => FirstBlock / BlockGeometry.TileBlocks;

    /// <summary>Splits a tensor into launches.</summary>
    /// <param name="geometry">The tensor's geometry for jpeg-act.</param>
    /// <param name="launchBlocks">Most blocks of a launch; a multiple of a tile's.</param>
    /// <exception cref="BackendException">The tensor's sides do not fit the kernels' 32-bit arguments.</exception>
    internal static LaunchGeometry[] Split(BlockGeometry geometry, int launchBlocks)
    {
        if (geometry.BlocksPerRow > uint.MaxValue || geometry.PlaneRows > uint.MaxValue)
        {
            throw new BackendException(BackendFailure.Unsupported, $"A tensor of {geometry.PlaneRows} rows a plane and {geometry.BlocksPerRow} blocks a row is beyond the kernels' 32-bit arguments.");
        }

        var launches = new LaunchGeometry[checked((int)((geometry.Blocks + launchBlocks - 1) / launchBlocks))];
        for (int i = 0; i < launches.Length; i++)
        {
            long first = (long)i * launchBlocks;
            uint count = (uint)Math.Min(launchBlocks, geometry.Blocks - first);
            long firstRow = first / geometry.BlocksPerRow * Side;
            long lastRow = ((first + count - 1) / geometry.BlocksPerRow * Side) + Side - 1;
            long firstPlane = firstRow / geometry.PlaneRows;
            launches[i] = new LaunchGeometry(
                first,
                count,
                (uint)geometry.BlocksPerRow,
                (uint)geometry.PlaneRows,
                (uint)(first % geometry.BlocksPerRow),
                (uint)(firstRow % geometry.PlaneRows),
                firstPlane,
                (lastRow / geometry.PlaneRows) - firstPlane + 1);
        }

        return launches;
    }

    /// <summary>Gives the most scales that a launch can need.</summary>
    /// <param name="launchBlocks">Most blocks of a launch.</param>
    internal static int MaxScales(int launchBlocks) => checked((launchBlocks * Side) + 1);

    /// <summary>Copies the scales that the launch needs: the whole table where it is short, else the window of its planes.</summary>
    /// <param name="table">The tensor's scales.</param>
    /// <param name="destination">Room for <see cref="MaxScales"/> entries.</param>
    /// <returns>The kernel's arguments scale_count and first_scale.</returns>
    internal (uint ScaleCount, uint FirstScale) CopyScales(NativeSpan<float> table, NativeSpan<float> destination)
    {
        if (table.Length <= PlaneCount)
        {
            table.CopyTo(destination);
            return ((uint)table.Length, (uint)(FirstPlane % table.Length));
        }

        long scale = FirstPlane % table.Length;
        for (long i = 0; i < PlaneCount; i++)
        {
            destination[i] = table[scale];
            scale = scale + 1 == table.Length ? 0 : scale + 1;
        }

        return ((uint)PlaneCount, 0);
    }
}
