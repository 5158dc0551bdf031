using JpegActFpga.Core.Backends;
using JpegActFpga.Core.Frames;
using JpegActFpga.Core.Memory;
using JpegActFpga.Core.Profiles;
using JpegActFpga.Core.Tensors;
using JpegActFpga.Cuda;

namespace JpegActFpga.Gpu;

/// <summary>
/// Lets a backend that reaches host memory alone work on tensors of a GPU, by a copy of the whole tensor over the link: what
/// remains where the GPU's own codec fails, or where a card is wanted.
/// </summary>
/// <remarks>Safe from any thread. Owns the backend behind it, not the context.</remarks>
public sealed class HostCopyBackend : ICodecBackend
{
    private readonly ICodecBackend _inner;
    private readonly CudaContext _context;
    private readonly GpuOptions _options;
    private readonly Lock _lock = new();
    private CudaStream? _stream;

    /// <summary>Initializes a new instance of the <see cref="HostCopyBackend"/> class.</summary>
    /// <param name="inner">Does the work, on host memory. Disposed with this.</param>
    /// <param name="context">The GPU whose tensors are copied.</param>
    /// <param name="options">The caller's stream and the limit of waits.</param>
    public HostCopyBackend(ICodecBackend inner, CudaContext context, GpuOptions options)
    {
        ArgumentNullException.ThrowIfNull(inner);
        ArgumentNullException.ThrowIfNull(context);
        ArgumentNullException.ThrowIfNull(options);
        _inner = inner;
        _context = context;
        _options = options;
    }

    /// <inheritdoc/>
    public BackendCapabilities Capabilities => _inner.Capabilities with { Memory = _inner.Capabilities.Memory | MemoryKind.Gpu };

    /// <inheritdoc/>
    public async ValueTask<CompressResult> CompressAsync(TensorView source, CodecProfile profile, NativeSpan<byte> destination, CancellationToken cancellationToken = default)
    {
        if (source.Memory != MemoryKind.Gpu || source.Spec.Shape.ElementCount == 0)
        {
            return await _inner.CompressAsync(OnHost(source), profile, destination, cancellationToken).ConfigureAwait(false);
        }

        cancellationToken.ThrowIfCancellationRequested();
        using var copy = new NativeBuffer(source.Bytes.Length);
        Copy(CallerStream(), stream => stream.CopyToHost((ulong)source.Bytes.Address, copy.Bytes.Address, source.Bytes.Length));
        return await _inner.CompressAsync(new TensorView(source.Spec, copy.Bytes), profile, destination, cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async ValueTask ExpandAsync(FrameReader frame, TensorView destination, CancellationToken cancellationToken = default)
    {
        if (destination.Memory != MemoryKind.Gpu || destination.Spec.Shape.ElementCount == 0)
        {
            await _inner.ExpandAsync(frame, OnHost(destination), cancellationToken).ConfigureAwait(false);
            return;
        }

        cancellationToken.ThrowIfCancellationRequested();
        using var copy = new NativeBuffer(destination.Bytes.Length);
        nint caller = CallerStream(); // this thread's: another may go on after the await
        await _inner.ExpandAsync(frame, new TensorView(destination.Spec, copy.Bytes), cancellationToken).ConfigureAwait(false);
        Copy(caller, stream => stream.CopyToDevice(copy.Bytes.Address, (ulong)destination.Bytes.Address, destination.Bytes.Length));
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        lock (_lock)
        {
            _stream?.Dispose();
            _stream = null;
        }

        return _inner.DisposeAsync();
    }

    // Without elements it does not matter where they lie.
    private static TensorView OnHost(TensorView tensor) => tensor.Memory == MemoryKind.Gpu ? new TensorView(tensor.Spec, default) : tensor;

    private CudaStream Stream()
    {
        lock (_lock)
        {
            return _stream ??= new CudaStream(_context);
        }
    }

    private nint CallerStream() => _options.CallerStream?.Invoke() ?? 0;

    // The host memory is pageable: the driver stages the copy, and waits without a limit for what is before it on its stream. So
    // the caller's work is waited for first, with a limit, and the copy goes on a stream of its own.
    private void Copy(nint caller, Action<CudaStream> copy)
    {
        try
        {
            using var done = new CudaEvent(_context);
            done.Record(CudaStream.Borrow(_context, caller));
            done.Wait(_options.EffectiveWaitLimit);
            CudaStream stream = Stream();
            copy(stream);
            done.Record(stream);
            done.Wait(_options.EffectiveWaitLimit);
        }
        catch (CudaException error) when (error.DeviceLost)
        {
            throw new BackendException(BackendFailure.DeviceLost, $"The tensor lies in the memory of {_context.Device.Name}, which is lost: {error.Message}", error);
        }
        catch (CudaException error)
        {
            throw new BackendException(error.OutOfMemory ? BackendFailure.Transient : BackendFailure.DeviceFault, error.Message, error);
        }
        catch (TimeoutException error)
        {
            throw new BackendException(BackendFailure.DeviceLost, $"{error.Message} The tensor in its memory is out of reach.", error);
        }
    }
}
