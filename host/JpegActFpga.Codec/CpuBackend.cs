using System.Collections.Frozen;
using JpegActFpga.Codec.Reference;
using JpegActFpga.Core.Backends;
using JpegActFpga.Core.Frames;
using JpegActFpga.Core.Memory;
using JpegActFpga.Core.Profiles;
using JpegActFpga.Core.Tensors;

namespace JpegActFpga.Codec;

/// <summary>The codec on the host's processor: the last fallback, and the reference that other backends are held to.</summary>
/// <remarks>Thread-safe; each call works on its caller's thread and never fails for want of hardware.</remarks>
public sealed class CpuBackend : ICodecBackend
{
    /// <inheritdoc/>
    public BackendCapabilities Capabilities { get; } = new(
        "cpu",
        "CPU, scalar reference codec",
        Enum.GetValues<CodecMethod>().ToFrozenSet(),
        MemoryKind.Host | MemoryKind.PinnedHost,
        Environment.ProcessorCount);

    /// <inheritdoc/>
    public ValueTask<CompressResult> CompressAsync(TensorView source, CodecProfile profile, NativeSpan<byte> destination, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(profile);
        Capabilities.Demand(profile.Method, source.Memory);
        return ValueTask.FromResult(ReferenceCodec.Encode(source, profile, destination, cancellationToken));
    }

    /// <inheritdoc/>
    public ValueTask ExpandAsync(FrameReader frame, TensorView destination, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(frame);
        Capabilities.Demand(frame.Header.Method, destination.Memory);
        ReferenceCodec.Decode(frame, destination, cancellationToken);
        return ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
