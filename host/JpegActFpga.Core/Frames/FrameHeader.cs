using JpegActFpga.Core.Profiles;
using JpegActFpga.Core.Tensors;

namespace JpegActFpga.Core.Frames;

/// <summary>What the fixed header and the shape of a frame say (docs/format.md, section 5).</summary>
/// <param name="Spec">Element type and shape of the tensor.</param>
/// <param name="Method">How this frame holds it.</param>
/// <param name="Rounding">The encoder's rounding; the decoder does not need it.</param>
/// <param name="ScaleMode">What shares a scale.</param>
/// <param name="FullScale">Full scale S; 0 without scales.</param>
/// <param name="Shifts">The quantiser's shifts; zeros without one.</param>
/// <param name="NonNegative">No element of the tensor is below zero.</param>
/// <param name="NonFinite">Stored raw because of a NaN or an infinity.</param>
/// <param name="ValueBytes">Bytes of the value plane.</param>
public readonly record struct FrameHeader(
    TensorSpec Spec,
    CodecMethod Method,
    QuantiserRounding Rounding,
    ScaleMode ScaleMode,
    float FullScale,
    ShiftTable Shifts,
    bool NonNegative,
    bool NonFinite,
    long ValueBytes)
{
    /// <summary>The only version there is.</summary>
    public const int Version = 1;

    /// <summary>Bytes of the fixed header.</summary>
    public const int FixedBytes = 128;

    /// <summary>"JAC1" as a little-endian number.</summary>
    internal const uint Magic = 0x3143414A;

    internal const byte NonNegativeFlag = 1;

    internal const byte NonFiniteFlag = 2;

    /// <summary>Gets the blocks and tiles of the frame.</summary>
    public BlockGeometry Geometry => new(Spec.Shape, Method);
}
