using System.Collections.Frozen;
using JpegActFpga.Codec.Simd;
using JpegActFpga.Core.Backends;
using JpegActFpga.Core.Frames;
using JpegActFpga.Core.Memory;
using JpegActFpga.Core.Profiles;
using JpegActFpga.Core.Tensors;

namespace JpegActFpga.Codec;

/// <summary>How <see cref="CpuBackend"/> works.</summary>
public sealed record CpuBackendOptions
{
    /// <summary>Gets the threads of a call at most, its caller's included; 1 or more.</summary>
    public int Threads { get; init; } = Environment.ProcessorCount;

    /// <summary>Gets the instruction set; null for what <see cref="CodecIsas.Choose"/> gives.</summary>
    public CodecIsa? Isa { get; init; }
}

/// <summary>The codec on the host's processor: the last fallback, and the decoder that every machine has.</summary>
/// <remarks>Thread-safe. Calls are done when they return: they work on their caller's thread, and on helper threads where the tensor is large.</remarks>
public sealed class CpuBackend : ICodecBackend
{
    private readonly SimdCodec _codec;

    /// <summary>Initializes a new instance of the <see cref="CpuBackend"/> class.</summary>
    /// <param name="options">How it works; null for the fastest way.</param>
    /// <exception cref="PlatformNotSupportedException">The machine lacks the instruction set asked for, by the options or by JPEGACT_ISA.</exception>
    /// <exception cref="ArgumentException">JPEGACT_ISA names no instruction set, or there are no threads.</exception>
    public CpuBackend(CpuBackendOptions? options = null)
        : this(new SimdCodec(options?.Isa ?? CodecIsas.Choose(), (options ?? new CpuBackendOptions()).Threads))
    {
    }

    /// <summary>Initializes a new instance of the <see cref="CpuBackend"/> class on a codec.</summary>
    /// <param name="codec">The codec.</param>
    internal CpuBackend(SimdCodec codec)
    {
        _codec = codec;
        Capabilities = new BackendCapabilities(
            "cpu",
            codec.Isa == CodecIsa.Scalar
                ? "CPU, scalar reference codec"
                : $"CPU, {codec.Isa.DisplayName()} codec, {codec.Threads} {(codec.Threads == 1 ? "thread" : "threads")}",
            Enum.GetValues<CodecMethod>().ToFrozenSet(),
            MemoryKind.Host | MemoryKind.PinnedHost,
            Environment.ProcessorCount)
        {
            UsesHostProcessor = true,
            ChecksTiles = codec.Isa != CodecIsa.Scalar,
        };
    }

    /// <inheritdoc/>
    public BackendCapabilities Capabilities { get; }

    /// <inheritdoc/>
    public ValueTask<CompressResult> CompressAsync(TensorView source, CodecProfile profile, NativeSpan<byte> destination, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(profile);
        Capabilities.Demand(profile.Method, source.Memory);
        return ValueTask.FromResult(_codec.Encode(source, profile, destination, cancellationToken));
    }

    /// <inheritdoc/>
    public ValueTask ExpandAsync(FrameReader frame, TensorView destination, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(frame);
        Capabilities.Demand(frame.Header.Method, destination.Memory);
        _codec.Decode(frame, destination, cancellationToken);
        return ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    public void Expect(long tensorBytes) => _codec.Expect(tensorBytes);

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
