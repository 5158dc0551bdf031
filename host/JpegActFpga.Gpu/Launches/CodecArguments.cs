using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace JpegActFpga.Gpu.Launches;

/// <summary>What a launch works on: the layout of Kernels/arguments.cuh, where the fields are explained.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct CodecArguments
{
    internal ulong Tensor;
    internal ulong Values;
    internal ulong Masks;
    internal ulong TileOffsets;
    internal ulong TileChecksums;
    internal ulong InverseScales;
    internal ulong Scales;
    internal ulong TileStates;
    internal ulong Status;
    internal ulong Elements;
    internal ulong PlaneElements;
    internal ulong ValueBytes;
    internal uint TileValueBytes;
    internal uint Rows;
    internal uint Width;
    internal uint PlaneRows;
    internal uint Planes;
    internal uint ScaleCount;
    internal uint BlocksPerRow;
    internal uint Blocks;
    internal uint Tiles;
    internal int Lowest;
    internal float FullScale;
    internal uint Reserved;
    internal ShiftNibbles Shifts;

    /// <summary>Shifts of the eight vertical frequencies, a nibble a horizontal one.</summary>
    [InlineArray(8)]
    internal struct ShiftNibbles
    {
        private uint _first;
    }
}

/// <summary>What the encoder leaves behind: CodecStatus of Kernels/arguments.cuh.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct CodecStatus
{
    internal ulong ValueBytes;
    internal uint NonFinite;
    internal uint AnyNegative;
    internal uint NextTile;
    internal uint Reserved;
}
