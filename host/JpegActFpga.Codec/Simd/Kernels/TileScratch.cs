using JpegActFpga.Codec.Simd.Staging;
using JpegActFpga.Core.Profiles;

namespace JpegActFpga.Codec.Simd.Kernels;

/// <summary>Work memory of one thread, as addresses into it.</summary>
internal readonly unsafe struct TileScratch
{
    /// <summary>Bytes that it takes.</summary>
    internal const int Bytes = (3 * TileBytes) + Slack + RowScaleBytes;

    private const int TileBytes = BlockGeometry.TileBlocks * BlockGeometry.BlockValues;

    // Vectors read a block's worth behind the last value.
    private const int Slack = BlockGeometry.BlockValues;

    private const int RowScaleBytes = TensorWalk<float>.RowScaleFloats * sizeof(float);

    private readonly byte* _memory;

    /// <summary>Initializes a new instance of the <see cref="TileScratch"/> struct.</summary>
    /// <param name="memory"><see cref="Bytes"/> bytes, 64-byte aligned.</param>
    internal TileScratch(byte* memory) => _memory = memory;

    /// <summary>Gets a byte for each value of a tile.</summary>
    internal sbyte* Spatial => (sbyte*)_memory;

    /// <summary>Gets a byte for each coefficient of a tile.</summary>
    internal sbyte* Coefficients => (sbyte*)(_memory + TileBytes);

    /// <summary>Gets room for the values of a tile and what vectors read behind them.</summary>
    internal byte* Values => _memory + (2 * TileBytes);

    /// <summary>Gets the work memory of a walk over the tensor.</summary>
    internal float* RowScales => (float*)(_memory + (3 * TileBytes) + Slack);
}
