namespace JpegActFpga.Cuda;

/// <summary>A reference on a GPU's primary context.</summary>
internal sealed class SafeContextHandle : SafeCudaHandle
{
    private readonly int _device;
    private readonly TimeSpan _limit;

    internal SafeContextHandle(int device, nint context, TimeSpan limit)
        : base(null)
    {
        (_device, _limit) = (device, limit);
        Adopt(context);
    }

    // The last reference destroys the context, which waits for its work. Where that does not end, the process's end does it.
    private protected override int Free() =>
        LimitedCall.TryRun(() => Interop.cuDevicePrimaryCtxRelease_v2(_device), _limit, out int result) ? result : 0;
}

/// <summary>Device memory.</summary>
internal sealed class SafeDeviceMemoryHandle : SafeCudaHandle
{
    internal SafeDeviceMemoryHandle(CudaContext context, ulong address)
        : base(context) => Adopt((nint)address);

    private protected override int Free() => Interop.cuMemFree_v2((ulong)handle);
}

/// <summary>Page-locked host memory of the driver's.</summary>
internal sealed unsafe class SafeHostMemoryHandle : SafeCudaHandle
{
    internal SafeHostMemoryHandle(CudaContext context, nint address)
        : base(context) => Adopt(address);

    private protected override int Free() => Interop.cuMemFreeHost((void*)handle);
}

/// <summary>Page lock on host memory of the caller's.</summary>
internal sealed unsafe class SafeHostRegistrationHandle : SafeCudaHandle
{
    internal SafeHostRegistrationHandle(CudaContext context, nint address)
        : base(context) => Adopt(address);

    private protected override int Free() => Interop.cuMemHostUnregister((void*)handle);
}

/// <summary>A stream.</summary>
internal sealed class SafeStreamHandle : SafeCudaHandle
{
    internal SafeStreamHandle(CudaContext context, nint stream)
        : base(context) => Adopt(stream);

    private protected override int Free() => Interop.cuStreamDestroy_v2(handle);
}

/// <summary>An event.</summary>
internal sealed class SafeEventHandle : SafeCudaHandle
{
    internal SafeEventHandle(CudaContext context, nint @event)
        : base(context) => Adopt(@event);

    private protected override bool FreeingMayWait => false; // cuda.h: an event that is yet to come is destroyed when it has

    private protected override int Free() => Interop.cuEventDestroy_v2(handle);
}

/// <summary>A module.</summary>
internal sealed class SafeModuleHandle : SafeCudaHandle
{
    internal SafeModuleHandle(CudaContext context, nint module)
        : base(context) => Adopt(module);

    private protected override int Free() => Interop.cuModuleUnload(handle);
}
