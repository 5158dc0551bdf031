namespace JpegActFpga.Cuda;

/// <summary>Memory of a GPU, for its owner alone to dispose, when no work that uses it is under way.</summary>
public sealed unsafe class CudaDeviceMemory : IDisposable
{
    private readonly SafeDeviceMemoryHandle _handle;

    /// <summary>Initializes a new instance of the <see cref="CudaDeviceMemory"/> class. The memory is not cleared; it begins at a multiple of 256.</summary>
    /// <param name="context">The GPU.</param>
    /// <param name="byteCount">Bytes, 1 or more.</param>
    /// <exception cref="CudaException">The GPU has no such amount free, or is lost.</exception>
    public CudaDeviceMemory(CudaContext context, long byteCount)
    {
        ArgumentNullException.ThrowIfNull(context);
        ArgumentOutOfRangeException.ThrowIfLessThan(byteCount, 1);
        ulong address = 0;
        context.CallWithinLimit("cuMemAlloc", () => Allocate(byteCount, out address), () => $"{byteCount} bytes");
        Address = address;
        ByteLength = byteCount;
        _handle = new SafeDeviceMemoryHandle(context, address);
    }

    /// <summary>Gets the device address.</summary>
    public ulong Address { get; }

    /// <summary>Gets the bytes.</summary>
    public long ByteLength { get; }

    /// <summary>Gives the memory up, because a GPU that hangs may still use it.</summary>
    public void Leak() => _handle.Leak();

    /// <inheritdoc/>
    public void Dispose() => _handle.Dispose();

    private static int Allocate(long byteCount, out ulong address)
    {
        ulong allocated = 0;
        int result = Interop.cuMemAlloc_v2(&allocated, (nuint)byteCount);
        address = allocated;
        return result;
    }
}

/// <summary>Page-locked host memory that GPUs reach by DMA, for its owner alone to dispose.</summary>
public sealed unsafe class CudaHostMemory : IDisposable
{
    private const uint Portable = 1;

    private readonly SafeCudaHandle _handle;

    /// <summary>Initializes a new instance of the <see cref="CudaHostMemory"/> class with memory of the driver's, page-aligned and not cleared.</summary>
    /// <param name="context">The GPU.</param>
    /// <param name="byteCount">Bytes, 1 or more.</param>
    /// <exception cref="CudaException">The system has no such amount to lock.</exception>
    public CudaHostMemory(CudaContext context, long byteCount)
    {
        ArgumentNullException.ThrowIfNull(context);
        ArgumentOutOfRangeException.ThrowIfLessThan(byteCount, 1);
        nint address = 0;
        context.CallWithinLimit("cuMemHostAlloc", () => Allocate(byteCount, out address), () => $"{byteCount} bytes");
        Address = address;
        ByteLength = byteCount;
        _handle = new SafeHostMemoryHandle(context, address);
    }

    private CudaHostMemory(CudaContext context, nint address, long byteCount)
    {
        context.CallWithinLimit("cuMemHostRegister", () => Interop.cuMemHostRegister_v2((void*)address, (nuint)byteCount, Portable), () => $"{byteCount} bytes at 0x{address:x}");
        Address = address;
        ByteLength = byteCount;
        _handle = new SafeHostRegistrationHandle(context, address);
    }

    /// <summary>Gets the address.</summary>
    public nint Address { get; }

    /// <summary>Gets the bytes.</summary>
    public long ByteLength { get; }

    /// <summary>Locks pages of the caller's memory, such as an FPGA card's host buffer; the caller frees the memory after disposing this.</summary>
    /// <param name="context">The GPU.</param>
    /// <param name="address">First byte.</param>
    /// <param name="byteCount">Bytes, 1 or more.</param>
    /// <exception cref="CudaException">The memory cannot be locked, or is already.</exception>
    public static CudaHostMemory Register(CudaContext context, nint address, long byteCount)
    {
        ArgumentNullException.ThrowIfNull(context);
        ArgumentOutOfRangeException.ThrowIfLessThan(byteCount, 1);
        return new CudaHostMemory(context, address, byteCount);
    }

    /// <summary>Gives the memory up, because a GPU that hangs may still use it.</summary>
    public void Leak() => _handle.Leak();

    /// <inheritdoc/>
    public void Dispose() => _handle.Dispose();

    private static int Allocate(long byteCount, out nint address)
    {
        void* allocated = null;
        int result = Interop.cuMemHostAlloc(&allocated, (nuint)byteCount, Portable);
        address = (nint)allocated;
        return result;
    }
}
