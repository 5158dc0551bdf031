namespace JpegActFpga.Cuda;

/// <summary>A GPU's primary context: the one that torch uses too, so that memory and streams are shared with it.</summary>
/// <remarks>
/// Safe from any thread. Every object made in a context holds a reference on it: the context is released after the last of
/// them, whatever the order of disposal. After a sticky error every call fails with the first one's message.
/// </remarks>
public sealed unsafe class CudaContext : IDisposable
{
    private readonly SafeContextHandle _handle;
    private readonly nint _native;
    private volatile CudaException? _lost;

    private CudaContext(CudaDevice device, SafeContextHandle handle)
    {
        Device = device;
        _handle = handle;
        _native = handle.DangerousGetHandle();
    }

    /// <summary>Gets how many native objects were given up since the process started, because they were never disposed or a GPU that hangs may still use them.</summary>
    public static long LeakedObjects => SafeCudaHandle.LeakedCount;

    /// <summary>Gets the GPU.</summary>
    public CudaDevice Device { get; }

    /// <summary>Gets a value indicating whether a sticky error made the context useless.</summary>
    public bool IsLost => _lost is not null;

    /// <summary>Gets the free and the total bytes of the GPU's memory.</summary>
    public (long Free, long Total) Memory
    {
        get
        {
            using (Enter())
            {
                nuint free;
                nuint total;
                Check(Interop.cuMemGetInfo_v2(&free, &total), "cuMemGetInfo");
                return ((long)free, (long)total);
            }
        }
    }

    /// <summary>Opens a GPU.</summary>
    /// <param name="deviceIndex">Its index, as CUDA counts.</param>
    /// <exception cref="CudaNotAvailableException">There is no driver or no GPU; the message says why and what to do.</exception>
    /// <exception cref="CudaException">The driver refused.</exception>
    public static CudaContext Open(int deviceIndex)
    {
        CudaRuntimeReport report = CudaRuntime.Inspect();
        if (report.Problem is not null)
        {
            throw new CudaNotAvailableException(report.Problem, report.Remedy);
        }

        if (deviceIndex < 0 || deviceIndex >= report.Devices.Count)
        {
            throw new CudaNotAvailableException($"There is no GPU {deviceIndex}; this machine has {report.Devices.Count}.", "Check nvidia-smi and CUDA_VISIBLE_DEVICES.");
        }

        int device;
        nint context;
        CudaRuntime.Check(Interop.cuDeviceGet(&device, deviceIndex), "cuDeviceGet", $"GPU {deviceIndex}");
        CudaRuntime.Check(Interop.cuDevicePrimaryCtxRetain(&context, device), "cuDevicePrimaryCtxRetain", report.Devices[deviceIndex].Name);
        return new CudaContext(report.Devices[deviceIndex], new SafeContextHandle(device, context));
    }

    /// <summary>Lets every later call in the context fail, because its GPU does not answer and may still write to memory.</summary>
    /// <param name="reason">Why, and what to do.</param>
    /// <returns>The first error of the context: this one, or one before it.</returns>
    public CudaException GiveUp(string reason)
    {
        ArgumentException.ThrowIfNullOrEmpty(reason);
        return Interlocked.CompareExchange(ref _lost, CudaException.GivenUp(reason), null) ?? _lost;
    }

    /// <inheritdoc/>
    public void Dispose() => _handle.Dispose();

    /// <summary>Makes the context the calling thread's until the scope is disposed, on the same thread.</summary>
    /// <exception cref="CudaException">The context is lost.</exception>
    internal Scope Enter()
    {
        ObjectDisposedException.ThrowIf(_handle.IsClosed, this);
        if (_lost is { } lost)
        {
            throw lost.Again();
        }

        Check(Interop.cuCtxPushCurrent_v2(_native), "cuCtxPushCurrent");
        return new Scope(pushed: true);
    }

    /// <summary>As <see cref="Enter"/>, for freeing: does not throw.</summary>
    internal Scope EnterForRelease() => new(Interop.cuCtxPushCurrent_v2(_native) == 0);

    /// <summary>Throws unless a result is success, and remembers a sticky error.</summary>
    /// <param name="result">The result.</param>
    /// <param name="function">The driver's function.</param>
    /// <param name="subject">What the call was about.</param>
    internal void Check(int result, string function, string? subject = null)
    {
        if (result != 0)
        {
            var error = new CudaException(function, result, subject);
            if (error.DeviceLost)
            {
                _lost ??= error;
            }

            throw error;
        }
    }

    /// <summary>An object was made in the context.</summary>
    /// <param name="attached">Set when the reference is taken.</param>
    internal void AddChild(ref bool attached) => _handle.DangerousAddRef(ref attached);

    /// <summary>It was freed.</summary>
    internal void RemoveChild() => _handle.DangerousRelease();

    /// <summary>Ends what <see cref="Enter"/> began.</summary>
    internal readonly ref struct Scope(bool pushed)
    {
        /// <summary>Gives the thread the context back that it had.</summary>
        public void Dispose()
        {
            if (pushed)
            {
                nint popped;
                _ = Interop.cuCtxPopCurrent_v2(&popped);
            }
        }
    }
}

/// <summary>This machine has no CUDA driver or no GPU. Immutable.</summary>
public sealed class CudaNotAvailableException : Exception
{
    internal CudaNotAvailableException(string problem, string? remedy)
        : base(remedy is null ? problem : $"{problem} {remedy}")
    {
    }
}
