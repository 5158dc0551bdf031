using System.Collections.Frozen;
using JpegActFpga.Codec.Reference;
using JpegActFpga.Core.Backends;
using JpegActFpga.Core.Frames;
using JpegActFpga.Core.Memory;
using JpegActFpga.Core.Profiles;
using JpegActFpga.Core.Tensors;
using JpegActFpga.Cuda;
using JpegActFpga.Gpu.Lanes;
using JpegActFpga.Gpu.Launches;

namespace JpegActFpga.Gpu;

/// <summary>The codec on a GPU, in torch's own context: device tensors are compressed where they lie, and only frames cross the link.</summary>
/// <remarks>
/// Safe from any thread. A call works on its caller's thread and is done when it returns: the tensor may be freed or changed
/// then. Calls beyond <see cref="GpuOptions.Lanes"/> wait. Device memory in use is what the largest tensor of each lane
/// needed. After <see cref="DisposeAsync"/> no call may be in flight.
/// </remarks>
public sealed class GpuBackend : ICodecBackend
{
    private readonly CudaContext _context;
    private readonly GpuKernels _kernels;
    private readonly LanePool _lanes;
    private readonly Func<nint>? _callerStream;
    private int _disposed;

    private GpuBackend(CudaContext context, GpuKernels kernels, LanePool lanes, GpuOptions options)
    {
        _context = context;
        _kernels = kernels;
        _lanes = lanes;
        _callerStream = options.CallerStream;
        IsEmulated = CudaLibrary.IsEmulated;
        Capabilities = new BackendCapabilities(
            "gpu",
            $"GPU {options.DeviceIndex}: {context.Device.Name}",
            Enum.GetValues<CodecMethod>().ToFrozenSet(),
            MemoryKind.Host | MemoryKind.PinnedHost | MemoryKind.Gpu,
            options.Lanes)
        {
            UsesHostProcessor = IsEmulated,
        };
    }

    /// <inheritdoc/>
    public BackendCapabilities Capabilities { get; }

    /// <summary>Gets a value indicating whether this is the emulated GPU: its times are no GPU's.</summary>
    public bool IsEmulated { get; }

    /// <summary>Gets the GPU's context, for whoever allocates on it.</summary>
    public CudaContext Context => _context;

    /// <summary>Gets the lanes, for parts of this project that move tensors on.</summary>
    internal LanePool Lanes => _lanes;

    /// <summary>Opens a GPU and loads the kernels.</summary>
    /// <param name="options">Which GPU, and how; null for the first one.</param>
    /// <exception cref="CudaNotAvailableException">There is no driver or no such GPU; the message says why and what to do.</exception>
    /// <exception cref="CudaException">The driver refused the context, the kernels or memory.</exception>
    /// <exception cref="ArgumentOutOfRangeException">An option is outside its range.</exception>
    public static GpuBackend Open(GpuOptions? options = null)
    {
        options ??= new GpuOptions();
        options.Validate();
        CudaContext context = CudaContext.Open(options.DeviceIndex, options.DriverLimit);
        GpuKernels? kernels = null;
        var lanes = new List<GpuLane>();
        try
        {
            kernels = new GpuKernels(context);
            for (int i = 0; i < options.Lanes; i++)
            {
                lanes.Add(new GpuLane(context, kernels, options));
            }

            return new GpuBackend(context, kernels, new LanePool(lanes, context.Device.Name), options);
        }
        catch
        {
            lanes.ForEach(lane => lane.Dispose());
            kernels?.Dispose();
            context.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public ValueTask<CompressResult> CompressAsync(TensorView source, CodecProfile profile, NativeSpan<byte> destination, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(profile);
        Capabilities.Demand(profile.Method, source.Memory);
        FrameLayout.DemandRoom(source.Spec, profile, destination);
        cancellationToken.ThrowIfCancellationRequested();
        nint caller = CallerStreamOf(source);

        // A frame without elements is a header: no work for a GPU.
        return source.Spec.Shape.ElementCount == 0
            ? ValueTask.FromResult(ReferenceCodec.Encode(new TensorView(source.Spec, default), profile, destination, cancellationToken))
            : _lanes.UseAsync(lane => lane.Compress(source, profile, destination, caller), cancellationToken);
    }

    /// <inheritdoc/>
    public async ValueTask ExpandAsync(FrameReader frame, TensorView destination, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(frame);
        Capabilities.Demand(frame.Header.Method, destination.Memory);
        ReferenceCodec.DemandSameTensor(frame, destination);
        frame.CheckTiles();
        cancellationToken.ThrowIfCancellationRequested();
        if (destination.Spec.Shape.ElementCount == 0)
        {
            return;
        }

        nint caller = CallerStreamOf(destination);
        await _lanes.UseAsync(
            lane =>
            {
                lane.Expand(frame, destination, caller);
                return true;
            },
            cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Gives the stream that the calling thread works with, before the call can go on on another thread.</summary>
    /// <param name="tensor">What it works on; the stream matters for device tensors alone.</param>
    internal nint CallerStreamOf(TensorView tensor) => tensor.Memory == MemoryKind.Gpu ? _callerStream?.Invoke() ?? 0 : 0;

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) == 0)
        {
            _lanes.Dispose();
            _kernels.Dispose();
            _context.Dispose();
        }

        return ValueTask.CompletedTask;
    }
}
