using JpegActFpga.Codec.Simd.Transform;
using JpegActFpga.Core.Profiles;

namespace JpegActFpga.Codec.Simd.Kernels;

/// <summary>What the kernels need to know about a call; the same for all its tiles. Holds addresses, owns nothing.</summary>
internal unsafe struct TilePlan
{
    /// <summary>Method of the frame.</summary>
    internal CodecMethod Method;

    /// <summary>Rounding of the quantiser; only encoders look at it.</summary>
    internal QuantiserRounding Rounding;

    /// <summary>Lower clamp of decoded values: 0 or -128.</summary>
    internal sbyte Lowest;

    /// <summary>Blocks and tiles.</summary>
    internal BlockGeometry Geometry;

    /// <summary>Bytes of an element.</summary>
    internal int ElementBytes;

    /// <summary>First element.</summary>
    internal byte* Tensor;

    /// <summary>Scales: <c>sc</c> to encode, <c>inv</c> to decode.</summary>
    internal float* Scales;

    /// <summary>Number of scales.</summary>
    internal long ScaleCount;

    /// <summary>The transform's tables.</summary>
    internal TransformTables Tables;

    /// <summary>The frame's masks.</summary>
    internal ulong* Masks;

    /// <summary>The frame's values.</summary>
    internal byte* Values;

    /// <summary>Bytes of the value plane; for an encoder the room for it.</summary>
    internal long ValueRoom;

    /// <summary>The frame's tile offsets.</summary>
    internal ulong* TileOffsets;

    /// <summary>The frame's tile checksums; only encoders write them.</summary>
    internal uint* TileChecksums;
}
