using JpegActFpga.Core.Profiles;
using JpegActFpga.Core.Tensors;

namespace JpegActFpga.Gpu.Staging;

/// <summary>What of a GPU's tensor crosses the links on its way to a card.</summary>
public enum StagingFormat
{
    /// <summary>The elements as they are: float32 takes 4 bytes each.</summary>
    Raw,

    /// <summary>Narrowed to bfloat16 on the GPU: 2 bytes. The frame is one of a bfloat16 tensor.</summary>
    BFloat16,

    /// <summary>Scaled and rounded to 8 bits on the GPU, the first stage of the pipeline: 1 byte, and the scales.</summary>
    ScaledInt8,
}

/// <summary>A tensor in page-locked memory, ready for a card.</summary>
/// <param name="Format">What was made of it.</param>
/// <param name="Spec">Element type and shape; for <see cref="StagingFormat.ScaledInt8"/> those of the tensor itself.</param>
/// <param name="ByteCount">Bytes of elements that crossed the link.</param>
/// <param name="ScaleCount">Decoder's scales behind them, from the next multiple of 64 bytes on; 0 but for <see cref="StagingFormat.ScaledInt8"/>.</param>
/// <param name="NonFinite">The tensor holds a NaN or an infinity: its 8-bit form means nothing.</param>
/// <param name="NonNegative">No element is below zero; known for <see cref="StagingFormat.ScaledInt8"/>.</param>
public readonly record struct StagedTensor(StagingFormat Format, TensorSpec Spec, long ByteCount, long ScaleCount, bool NonFinite, bool NonNegative)
{
    private const long ScaleAlignment = 64;

    /// <summary>Gets where the scales begin.</summary>
    public long ScalesOffset => AlignedBytes(ByteCount);

    /// <summary>Gives the room that staging needs.</summary>
    /// <param name="spec">The tensor.</param>
    /// <param name="format">The format.</param>
    /// <param name="scaleMode">What shares a scale.</param>
    public static long BytesNeeded(TensorSpec spec, StagingFormat format, ScaleMode scaleMode)
    {
        ArgumentNullException.ThrowIfNull(spec);
        return format switch
        {
            StagingFormat.Raw => spec.ByteCount,
            StagingFormat.BFloat16 => 2 * spec.Shape.ElementCount,
            _ => AlignedBytes(spec.Shape.ElementCount) + (sizeof(float) * BlockGeometry.ScaleCount(spec.Shape, scaleMode)),
        };
    }

    private static long AlignedBytes(long bytes) => (bytes + ScaleAlignment - 1) / ScaleAlignment * ScaleAlignment;
}
