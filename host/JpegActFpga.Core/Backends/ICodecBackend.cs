using JpegActFpga.Core.Frames;
using JpegActFpga.Core.Memory;
using JpegActFpga.Core.Profiles;
using JpegActFpga.Core.Tensors;

namespace JpegActFpga.Core.Backends;

/// <summary>Compresses tensors into frames and expands frames, on one kind of hardware.</summary>
/// <remarks>
/// A frame is a function of the tensor and the profile alone: every backend that lists a method writes the same bytes, and
/// expands any other backend's frames to the same elements. Methods may be called from any thread; calls beyond
/// <see cref="BackendCapabilities.MaxInFlight"/> wait.
/// </remarks>
public interface ICodecBackend : IAsyncDisposable
{
    /// <summary>Gets what this backend can do; constant for its lifetime.</summary>
    BackendCapabilities Capabilities { get; }

    /// <summary>Tells that a call is about to come, so that what it needs may wake up meanwhile. Costs next to nothing; nothing is owed.</summary>
    /// <param name="tensorBytes">Bytes of its tensor.</param>
    void Expect(long tensorBytes)
    {
    }

    /// <summary>Compresses one tensor.</summary>
    /// <param name="source">The tensor, in memory that <see cref="BackendCapabilities.Memory"/> lists. Read until the call ends.</param>
    /// <param name="profile">A profile whose method the backend lists.</param>
    /// <param name="destination">At least <see cref="FrameLayout.MaxFrameBytes"/> bytes of host memory, 8-byte aligned, so that compression cannot fail for want of room; bytes past the returned count are undefined.</param>
    /// <param name="cancellationToken">Honoured until work is given to a device; from then on the call runs to its end, because the device owns the memory.</param>
    /// <returns>The frame's size and what was stored.</returns>
    /// <exception cref="ArgumentException">An argument does not fit: memory kind, room, alignment, method.</exception>
    /// <exception cref="BackendException">The hardware failed; nothing in <paramref name="destination"/> may be used.</exception>
    ValueTask<CompressResult> CompressAsync(TensorView source, CodecProfile profile, NativeSpan<byte> destination, CancellationToken cancellationToken = default);

    /// <summary>Expands one frame.</summary>
    /// <param name="frame">A whole frame of any backend. Tiles that were not checked on opening are checked by the call.</param>
    /// <param name="destination">A tensor of the frame's element type and shape.</param>
    /// <param name="cancellationToken">As in <see cref="CompressAsync"/>.</param>
    /// <exception cref="ArgumentException">The destination is not of the frame's type and shape.</exception>
    /// <exception cref="InvalidFrameException">A tile that was not checked on opening is damaged; likewise.</exception>
    /// <exception cref="BackendException">The hardware failed; nothing in <paramref name="destination"/> may be used.</exception>
    ValueTask ExpandAsync(FrameReader frame, TensorView destination, CancellationToken cancellationToken = default);
}

/// <summary>What compressing gave.</summary>
/// <param name="FrameBytes">Bytes of the frame.</param>
/// <param name="Method">The method of the frame: raw where the tensor holds a NaN or an infinity.</param>
public readonly record struct CompressResult(long FrameBytes, CodecMethod Method);
