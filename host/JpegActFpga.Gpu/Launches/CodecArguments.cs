using System.Numerics;
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
    internal Divisor ByBlocksPerRow;
    internal Divisor ByPlaneRows;
    internal Divisor ByScaleCount;
    internal Divisor ByPlaneElements;

    /// <summary>Shifts of the eight vertical frequencies, a nibble a horizontal one.</summary>
    [InlineArray(8)]
    internal struct ShiftNibbles
    {
        private uint _first;
    }
}

/// <summary>Divides numbers below 2^31 in the kernels: <c>n * Multiplier &gt;&gt; Shift</c>, exactly.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct Divisor
{
    internal uint Multiplier;
    internal uint Shift;

    /// <summary>Makes the two numbers.</summary>
    /// <param name="divisor">1 .. 2^31 - 1; 0 where there is nothing to divide.</param>
    /// <remarks>
    /// With m = ceil(2^p / d), m * d exceeds 2^p by less than d, so n * m / 2^p exceeds n / d by less than n / 2^p: less than
    /// 1 / d where n is below 2^31 and p = 31 + ceil(log2 d). Such an m fits 32 bits.
    /// </remarks>
    internal static Divisor Of(long divisor)
    {
        if (divisor == 0)
        {
            return default;
        }

        int power = 31 + BitOperations.Log2((ulong)divisor) + (BitOperations.IsPow2(divisor) ? 0 : 1);
        return new Divisor { Multiplier = checked((uint)(((UInt128.One << power) + (ulong)divisor - 1) / (ulong)divisor)), Shift = (uint)power };
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
