namespace JpegActFpga.Cuda;

/// <summary>A GPU's primary context: the one that torch uses too, so that memory and streams are shared with it.</summary>
/// <remarks>
/// Safe from any thread. Every object made in a context holds a reference on it: the context is released after the last of
/// them, whatever the order of disposal. After a sticky error every call fails with the first one's message.
/// </remarks>
public sealed unsafe class CudaContext : IDisposable
{
    private const int DeviceOrdinalAttribute = 9;

    private readonly SafeContextHandle _handle;
    private readonly nint _native;
    private volatile CudaException? _lost;
    private volatile bool _hangs;

    private CudaContext(CudaDevice device, SafeContextHandle handle, TimeSpan callLimit)
    {
        Device = device;
        _handle = handle;
        _native = handle.DangerousGetHandle();
        CallLimit = callLimit;
    }

    /// <summary>Gets the most that may be given as a limit.</summary>
    public static TimeSpan LongestCallLimit { get; } = TimeSpan.FromHours(1);

    /// <summary>Gets the limit of calls that wait by themselves, where none is given.</summary>
    public static TimeSpan DefaultCallLimit { get; } = TimeSpan.FromMinutes(2);

    /// <summary>Gets how many native objects were given up since the process started, because they were never disposed or a GPU that hangs may still use them.</summary>
    public static long LeakedObjects => SafeCudaHandle.LeakedCount;

    /// <summary>Gets or sets the limit of calls that wait by themselves. Set by tests alone, which want it short only once something hangs.</summary>
    internal TimeSpan CallLimit { get; set; }

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
    /// <param name="callLimit">
    /// The longest that the driver may keep a call that waits by itself (to allocate, to free, to load); null for
    /// <see cref="DefaultCallLimit"/>. A call that takes longer is left behind, and the context counts as lost.
    /// </param>
    /// <exception cref="CudaNotAvailableException">There is no driver or no GPU; the message says why and what to do.</exception>
    /// <exception cref="CudaException">The driver refused, or did not answer.</exception>
    public static CudaContext Open(int deviceIndex, TimeSpan? callLimit = null)
    {
        TimeSpan limit = callLimit ?? DefaultCallLimit;
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(limit, TimeSpan.Zero, nameof(callLimit));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(limit, LongestCallLimit, nameof(callLimit));
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
        CudaRuntime.Check(Interop.cuDeviceGet(&device, deviceIndex), "cuDeviceGet", $"GPU {deviceIndex}");
        string name = report.Devices[deviceIndex].Name;
        (int index, nint context) = (device, 0);
        bool answered = LimitedCall.TryRun(() => Retain(index, out context), limit, out int result);
        if (!answered)
        {
            throw CudaException.GivenUp("cuDevicePrimaryCtxRetain", DoesNotAnswer(name, "cuDevicePrimaryCtxRetain", limit));
        }

        CudaRuntime.Check(result, "cuDevicePrimaryCtxRetain", name);
        return new CudaContext(report.Devices[deviceIndex], new SafeContextHandle(device, context, limit), limit);
    }

    /// <summary>Gives the index of the GPU in whose memory an address lies.</summary>
    /// <param name="address">A device address.</param>
    /// <exception cref="CudaException">It is no GPU's.</exception>
    public int DeviceOf(ulong address)
    {
        using (Enter())
        {
            int device;
            Check(Interop.cuPointerGetAttribute(&device, DeviceOrdinalAttribute, address), "cuPointerGetAttribute", $"address 0x{address:x}");
            return device;
        }
    }

    /// <summary>Lets every later call in the context fail, because its GPU does not answer and may still write to memory.</summary>
    /// <param name="reason">Why, and what to do.</param>
    /// <returns>The first error of the context: this one, or one before it.</returns>
    public CudaException GiveUp(string reason)
    {
        ArgumentException.ThrowIfNullOrEmpty(reason);
        return GiveUp("cuEventQuery", reason);
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

    /// <summary>Makes a call that may wait by itself, on another thread with the context current.</summary>
    /// <param name="function">The driver's function.</param>
    /// <param name="call">Makes the call; must not use the caller's stack.</param>
    /// <param name="subject">What the call is about.</param>
    /// <exception cref="CudaException">The driver refused, the context is lost, or it is now because the call did not end.</exception>
    internal void CallWithinLimit(string function, Func<int> call, Func<string?>? subject = null)
    {
        using (Enter())
        {
            // Only to fail at once where the context is lost.
        }

        if (!LimitedCall.TryRun(() => WithContext(call), CallLimit, out int result))
        {
            throw GiveUp(function, DoesNotAnswer(Device.Name, function, CallLimit)).Again();
        }

        Check(result, function, subject?.Invoke());
    }

    /// <summary>Frees an object, unless the GPU hangs: the driver would wait for it.</summary>
    /// <param name="mayWait">The driver may wait for the GPU to free it.</param>
    /// <param name="free">Frees it.</param>
    /// <param name="result">What the driver said.</param>
    /// <returns>False where the object is given up.</returns>
    internal bool TryFree(bool mayWait, Func<int> free, out int result)
    {
        result = 0;
        if (!mayWait)
        {
            result = WithContext(free);
            return true;
        }

        if (_hangs)
        {
            return false;
        }

        if (LimitedCall.TryRun(() => WithContext(free), CallLimit, out result))
        {
            return true;
        }

        GiveUp("cuMemFree", DoesNotAnswer(Device.Name, "a call that frees memory", CallLimit));
        return false;
    }

    /// <summary>A wait for work in the context passed its limit: from now on nothing is freed whose freeing would wait for that work.</summary>
    internal void NoteHang() => _hangs = true;

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

    private static int Retain(int device, out nint context)
    {
        nint retained;
        int result = Interop.cuDevicePrimaryCtxRetain(&retained, device);
        context = retained;
        return result;
    }

    private static string DoesNotAnswer(string device, string function, TimeSpan limit) =>
        $"{device} does not answer: {function} did not return within {limit.TotalSeconds:g4} s, so it waits for work that does not end. End the process and look at dmesg for Xid messages.";

    private CudaException GiveUp(string function, string reason)
    {
        _hangs = true;
        return Interlocked.CompareExchange(ref _lost, CudaException.GivenUp(function, reason), null) ?? _lost;
    }

    private int WithContext(Func<int> call)
    {
        // A lost context gives its error for every call; what it held goes with the process.
        using (new Scope(Interop.cuCtxPushCurrent_v2(_native) == 0))
        {
            return call();
        }
    }

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
