using JpegActFpga.Core.Backends;
using JpegActFpga.Core.Frames;
using JpegActFpga.Core.Memory;
using JpegActFpga.Core.Profiles;
using JpegActFpga.Core.Tensors;

namespace JpegActFpga.Offload.Resilience;

/// <summary>Looks at what a device made while its source is still there. What it refuses counts as a failure of that device, and is done again elsewhere. Safe from any thread.</summary>
internal interface IOutputCheck
{
    /// <summary>Looks at a frame.</summary>
    /// <param name="by">Who made it.</param>
    /// <param name="source">Of what.</param>
    /// <param name="profile">How.</param>
    /// <param name="frame">The frame.</param>
    /// <exception cref="BackendException">It is refused: <see cref="BackendFailure.CorruptOutput"/>.</exception>
    void Compressed(BackendCapabilities by, TensorView source, CodecProfile profile, NativeSpan<byte> frame);

    /// <summary>Looks at an expanded tensor.</summary>
    /// <param name="by">Who made it.</param>
    /// <param name="frame">Of what.</param>
    /// <param name="destination">The tensor.</param>
    /// <exception cref="BackendException">It is refused: <see cref="BackendFailure.CorruptOutput"/>.</exception>
    void Expanded(BackendCapabilities by, FrameReader frame, TensorView destination);
}

/// <summary>Opens each frame: header, CRC, offsets and popcounts must agree.</summary>
internal sealed class FrameCheck : IOutputCheck
{
    /// <inheritdoc/>
    public void Compressed(BackendCapabilities by, TensorView source, CodecProfile profile, NativeSpan<byte> frame)
    {
        try
        {
            _ = FrameReader.Open(frame);
        }
        catch (InvalidFrameException error)
        {
            throw new BackendException(BackendFailure.CorruptOutput, $"Backend {by.Name} made a frame that is refused: {error.Message}", error);
        }
    }

    /// <summary>Does nothing: the frame was checked when it was opened, and a device checks what it expands.</summary>
    public void Expanded(BackendCapabilities by, FrameReader frame, TensorView destination)
    {
    }
}
