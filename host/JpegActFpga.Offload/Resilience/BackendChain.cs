using JpegActFpga.Core.Backends;
using JpegActFpga.Core.Frames;
using JpegActFpga.Core.Memory;
using JpegActFpga.Core.Observability;
using JpegActFpga.Core.Profiles;
using JpegActFpga.Core.Tensors;
using JpegActFpga.Offload.Statistics;
using Microsoft.Extensions.Logging;

namespace JpegActFpga.Offload.Resilience;

/// <summary>Runs a call on the first backend that can, and on the next where one fails. Safe from any thread.</summary>
internal sealed class BackendChain
{
    private readonly IReadOnlyList<GuardedBackend> _backends;

    internal BackendChain(IReadOnlyList<ICodecBackend> backends, ResilienceOptions options, StatisticsCollector statistics, ILogger logger)
    {
        if (backends.Count == 0)
        {
            throw new ArgumentException("An engine needs at least one backend.", nameof(backends));
        }

        BackendCapabilities last = backends[^1].Capabilities;
        CodecMethod[] lacking = [.. Enum.GetValues<CodecMethod>().Except(last.Methods)];
        if (lacking.Length != 0)
        {
            throw new ArgumentException($"The last backend, {last.Name}, lacks {string.Join(", ", lacking.Select(m => m.DisplayName()))}; it must have every method, because nothing is behind it.", nameof(backends));
        }

        options.Validate();
        var guarded = new GuardedBackend[backends.Count];
        for (int i = backends.Count - 1; i >= 0; i--)
        {
            guarded[i] = new GuardedBackend(backends[i], i + 1 < backends.Count ? guarded[i + 1] : null, options, statistics, logger);
        }

        _backends = guarded;
    }

    internal (CompressResult Result, BackendCapabilities By) Compress(TensorView tensor, CodecProfile profile, NativeSpan<byte> destination, CancellationToken cancellationToken)
    {
        GuardedBackend first = First(profile.Method, tensor.Memory);
        return first.Run(new CompressCall(tensor, profile, destination), cancellationToken);
    }

    internal BackendCapabilities Expand(FrameReader frame, TensorView destination, CancellationToken cancellationToken) =>
        First(frame.Header.Method, destination.Memory).Run(new ExpandCall(frame, destination), cancellationToken).By;

    private GuardedBackend First(CodecMethod method, MemoryKind memory)
    {
        foreach (GuardedBackend backend in _backends)
        {
            if (backend.Can(method, memory))
            {
                return backend;
            }
        }

        throw new ArgumentException($"No backend compresses with {method.DisplayName()} from memory {memory}.", nameof(memory));
    }
}

/// <summary>A call that any backend can do.</summary>
internal abstract record BackendCall
{
    /// <summary>Gets the stage that the call is.</summary>
    internal abstract Stage Stage { get; }

    /// <summary>Does the call.</summary>
    /// <param name="backend">The backend.</param>
    /// <param name="verify">Whether to check what it made, which is of use only where another backend could take over.</param>
    /// <param name="cancellationToken">Ends it.</param>
    internal abstract ValueTask<CompressResult> RunOn(ICodecBackend backend, bool verify, CancellationToken cancellationToken);

    /// <summary>Tells a trace what the call moved.</summary>
    internal abstract void Describe(in StageScope stage, CompressResult result);
}

/// <summary>Compresses, and opens the frame that a device made before its source is let go.</summary>
internal sealed record CompressCall(TensorView Tensor, CodecProfile Profile, NativeSpan<byte> Destination) : BackendCall
{
    internal override Stage Stage => Stage.Encode;

    internal override void Describe(in StageScope stage, CompressResult result)
    {
        stage.Moved(Tensor.Bytes.Length, result.FrameBytes);
        stage.Note("jpegact.method", result.Method.DisplayName());
    }

    internal override async ValueTask<CompressResult> RunOn(ICodecBackend backend, bool verify, CancellationToken cancellationToken)
    {
        CompressResult result = await backend.CompressAsync(Tensor, Profile, Destination, cancellationToken).ConfigureAwait(false);
        if (!verify)
        {
            return result;
        }

        try
        {
            FrameReader.Open(Destination.Slice(0, result.FrameBytes));
        }
        catch (InvalidFrameException error)
        {
            throw new BackendException(BackendFailure.DeviceFault, $"Backend {backend.Capabilities.Name} made a frame that is refused: {error.Message}", error);
        }

        return result;
    }
}

/// <summary>Expands.</summary>
internal sealed record ExpandCall(FrameReader Frame, TensorView Destination) : BackendCall
{
    internal override Stage Stage => Stage.Decode;

    internal override void Describe(in StageScope stage, CompressResult result)
    {
        stage.Moved(Frame.Layout.ValuesOffset + Frame.Header.ValueBytes, Destination.Bytes.Length);
        stage.Note("jpegact.method", Frame.Header.Method.DisplayName());
    }

    internal override async ValueTask<CompressResult> RunOn(ICodecBackend backend, bool verify, CancellationToken cancellationToken)
    {
        await backend.ExpandAsync(Frame, Destination, cancellationToken).ConfigureAwait(false);
        return default;
    }
}
