using JpegActFpga.Core.Backends;
using JpegActFpga.Core.Frames;
using JpegActFpga.Core.Memory;
using JpegActFpga.Core.Observability;
using JpegActFpga.Core.Profiles;
using JpegActFpga.Core.Tensors;

namespace JpegActFpga.Offload.Resilience;

/// <summary>A call that any backend can do: it reads only what stays untouched, so it may be done again elsewhere.</summary>
internal readonly struct BackendCall
{
    private readonly TensorView _tensor;
    private readonly CodecProfile? _profile;
    private readonly NativeSpan<byte> _room;
    private readonly FrameReader? _frame;

    /// <summary>Initializes a new instance of the <see cref="BackendCall"/> struct that compresses.</summary>
    internal BackendCall(TensorView tensor, CodecProfile profile, NativeSpan<byte> room)
    {
        _tensor = tensor;
        _profile = profile;
        _room = room;
        Method = profile.Method;
    }

    /// <summary>Initializes a new instance of the <see cref="BackendCall"/> struct that expands.</summary>
    internal BackendCall(FrameReader frame, TensorView destination)
    {
        _tensor = destination;
        _frame = frame;
        Method = frame.Header.Method;
    }

    /// <summary>Gets the method that a backend needs to have.</summary>
    internal CodecMethod Method { get; }

    /// <summary>Gets the kind of memory that a backend needs to reach.</summary>
    internal MemoryKind Memory => _tensor.Memory;

    /// <summary>Does the call, on the calling thread.</summary>
    /// <param name="backend">The backend.</param>
    /// <param name="lanes">Its rows in a trace.</param>
    /// <param name="check">Looks at what it made; null to believe it.</param>
    /// <param name="limit">The longest wait for the backend to end the call.</param>
    /// <param name="cancellationToken">Ends the wait for the device.</param>
    /// <returns>What was stored; nothing for an expansion.</returns>
    /// <exception cref="BackendStuckException">The limit passed: the backend may use the call's memory for ever.</exception>
    /// <exception cref="BackendException">The device failed, or what it made was refused.</exception>
    internal CompressResult RunOn(ICodecBackend backend, StageLanes lanes, IOutputCheck? check, TimeSpan limit, CancellationToken cancellationToken)
    {
        using StageScope stage = StageTelemetry.Start(_profile is null ? Stage.Decode : Stage.Encode, backend.Capabilities.Name, _profile is null ? lanes.Expand : lanes.Compress);
        try
        {
            CompressResult result = _profile is null ? Expand(backend, check, limit, cancellationToken) : Compress(backend, check, limit, cancellationToken);
            if (_frame is { } frame)
            {
                stage.Moved(frame.Layout.ValuesOffset + frame.Header.ValueBytes, _tensor.Bytes.Length);
                stage.Note("jpegact.method", frame.Header.Method.DisplayName());
            }
            else
            {
                stage.Moved(_tensor.Bytes.Length, result.FrameBytes);
                stage.Note("jpegact.method", result.Method.DisplayName());
            }

            return result;
        }
        catch (BackendException error)
        {
            stage.Failed(error.Failure.ToString());
            throw;
        }
        catch (TimeoutException)
        {
            stage.Failed(nameof(BackendStuckException));
            throw new BackendStuckException($"Backend {backend.Capabilities.Name} ({backend.Capabilities.Device}) did not end a call within {limit.TotalSeconds:0.###} s. It may still use the call's memory, which is therefore never freed.");
        }
    }

    private CompressResult Compress(ICodecBackend backend, IOutputCheck? check, TimeSpan limit, CancellationToken cancellationToken)
    {
        CompressResult result = BlockingWait.For(backend.CompressAsync(_tensor, _profile!, _room, cancellationToken), limit);
        if (check is not null)
        {
            if (result.FrameBytes < 0 || result.FrameBytes > _room.Length)
            {
                throw new BackendException(BackendFailure.CorruptOutput, $"Backend {backend.Capabilities.Name} says that it made a frame of {result.FrameBytes} bytes in a room of {_room.Length}.");
            }

            check.Compressed(backend.Capabilities, _tensor, _profile!, _room.Slice(0, result.FrameBytes));
        }

        return result;
    }

    private CompressResult Expand(ICodecBackend backend, IOutputCheck? check, TimeSpan limit, CancellationToken cancellationToken)
    {
        BlockingWait.For(backend.ExpandAsync(_frame!, _tensor, cancellationToken), limit);
        check?.Expanded(backend.Capabilities, _frame!, _tensor);
        return default;
    }
}

/// <summary>The rows of a trace in which a backend's calls are drawn.</summary>
/// <param name="label">The backend's label.</param>
internal sealed class StageLanes(string label)
{
    /// <summary>Gets the row of compressions.</summary>
    internal string Compress { get; } = $"compress {label}";

    /// <summary>Gets the row of expansions.</summary>
    internal string Expand { get; } = $"expand {label}";
}
