using JpegActFpga.Core.Backends;
using JpegActFpga.Core.Frames;
using JpegActFpga.Core.Memory;
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
    /// <param name="check">Looks at what it made; null to believe it.</param>
    /// <param name="cancellationToken">Ends the wait for the device.</param>
    /// <returns>What was stored; nothing for an expansion.</returns>
    /// <exception cref="BackendException">The device failed, or what it made was refused.</exception>
    internal CompressResult RunOn(ICodecBackend backend, IOutputCheck? check, CancellationToken cancellationToken)
    {
        if (_profile is { } profile)
        {
            CompressResult result = BlockingWait.For(backend.CompressAsync(_tensor, profile, _room, cancellationToken));
            if (check is not null)
            {
                if (result.FrameBytes < 0 || result.FrameBytes > _room.Length)
                {
                    throw new BackendException(BackendFailure.CorruptOutput, $"Backend {backend.Capabilities.Name} says that it made a frame of {result.FrameBytes} bytes in a room of {_room.Length}.");
                }

                check.Compressed(backend.Capabilities, _tensor, profile, _room.Slice(0, result.FrameBytes));
            }

            return result;
        }

        BlockingWait.For(backend.ExpandAsync(_frame!, _tensor, cancellationToken));
        check?.Expanded(backend.Capabilities, _frame!, _tensor);
        return default;
    }
}
