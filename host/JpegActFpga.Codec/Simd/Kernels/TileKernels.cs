using JpegActFpga.Core.Tensors;

namespace JpegActFpga.Codec.Simd.Kernels;

/// <summary>The work on one tile, for one instruction set and element type. Thread-safe: no state.</summary>
internal abstract unsafe class TileKernels
{
    /// <summary>Gets the blocks that go through the transform together.</summary>
    internal abstract int GroupBlocks { get; }

    /// <summary>Gives the kernels.</summary>
    /// <param name="isa">An instruction set with vectors.</param>
    /// <param name="type">The element type.</param>
    internal static TileKernels Of(CodecIsa isa, ElementType type) => KernelTable.Kernels[(int)isa, (int)type];

    /// <summary>Raises the largest magnitudes to those of a run of elements.</summary>
    /// <param name="tensor">The tensor.</param>
    /// <param name="first">First element.</param>
    /// <param name="count">Number of elements.</param>
    /// <param name="planeElements">Elements of a plane.</param>
    /// <param name="maxBits">One entry a scale, float32 bits; other threads may raise them at the same time.</param>
    /// <param name="scaleCount">Number of scales.</param>
    /// <returns>True if an element is below zero.</returns>
    internal abstract bool Scan(byte* tensor, long first, long count, long planeElements, uint* maxBits, long scaleCount);

    /// <summary>Encodes a tile of any method but raw.</summary>
    /// <param name="plan">The call.</param>
    /// <param name="tile">0 .. tiles - 1; its masks are written where they belong.</param>
    /// <param name="values">Receives the values; room for 64 bytes a block, all of which may be written. With sfpr: a byte an element, and no more.</param>
    /// <param name="scratch">Work memory.</param>
    /// <returns>Number of values.</returns>
    internal abstract int EncodeTile(in TilePlan plan, long tile, byte* values, in TileScratch scratch);

    /// <summary>Decodes a tile of any method but raw.</summary>
    /// <param name="plan">The call.</param>
    /// <param name="tile">0 .. tiles - 1.</param>
    /// <param name="scratch">Work memory.</param>
    internal abstract void DecodeTile(in TilePlan plan, long tile, in TileScratch scratch);
}
