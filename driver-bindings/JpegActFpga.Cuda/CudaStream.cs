namespace JpegActFpga.Cuda;

/// <summary>A queue of work on a GPU: in order within a stream, in no order between streams.</summary>
/// <remarks>Safe from any thread. Memory that work uses stays its owner's to keep alive until an event after it is complete.</remarks>
[System.Diagnostics.CodeAnalysis.SuppressMessage("Naming", "CA1711", Justification = "CUDA calls it a stream.")]
public sealed unsafe class CudaStream : IDisposable
{
    private const uint NonBlocking = 1;

    private readonly CudaContext _context;
    private readonly SafeStreamHandle? _owned;

    /// <summary>Initializes a new instance of the <see cref="CudaStream"/> class that does not wait for the default stream.</summary>
    /// <param name="context">The GPU.</param>
    /// <exception cref="CudaException">The driver refused.</exception>
    public CudaStream(CudaContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        _context = context;
        using (context.Enter())
        {
            nint stream;
            context.Check(Interop.cuStreamCreate(&stream, NonBlocking), "cuStreamCreate");
            Native = stream;
            _owned = new SafeStreamHandle(context, stream);
        }
    }

    private CudaStream(CudaContext context, nint native) => (_context, Native) = (context, native);

    /// <summary>Gets the native stream.</summary>
    public nint Native { get; }

    /// <summary>Wraps a stream of someone else's, such as torch's current one.</summary>
    /// <param name="context">The GPU.</param>
    /// <param name="native">A CUstream; 0 for the default stream.</param>
    public static CudaStream Borrow(CudaContext context, nint native)
    {
        ArgumentNullException.ThrowIfNull(context);
        return new CudaStream(context, native);
    }

    /// <summary>Puts a copy to the GPU on the stream. Done when the call returns, unless the host memory is page-locked.</summary>
    /// <param name="from">Host memory.</param>
    /// <param name="to">Device address.</param>
    /// <param name="byteCount">Bytes.</param>
    /// <exception cref="CudaException">The driver refused, or earlier work failed.</exception>
    public void CopyToDevice(nint from, ulong to, long byteCount)
    {
        using (_context.Enter())
        {
            _context.Check(Interop.cuMemcpyHtoDAsync_v2(to, (void*)from, (nuint)byteCount, Native), "cuMemcpyHtoDAsync", $"{byteCount} bytes");
        }
    }

    /// <summary>Puts a copy from the GPU on the stream. Done when the call returns, unless the host memory is page-locked.</summary>
    /// <param name="from">Device address.</param>
    /// <param name="to">Host memory.</param>
    /// <param name="byteCount">Bytes.</param>
    /// <exception cref="CudaException">The driver refused, or earlier work failed.</exception>
    public void CopyToHost(ulong from, nint to, long byteCount)
    {
        using (_context.Enter())
        {
            _context.Check(Interop.cuMemcpyDtoHAsync_v2((void*)to, from, (nuint)byteCount, Native), "cuMemcpyDtoHAsync", $"{byteCount} bytes");
        }
    }

    /// <summary>Puts a copy within the GPU on the stream.</summary>
    /// <param name="from">Device address.</param>
    /// <param name="to">Device address.</param>
    /// <param name="byteCount">Bytes.</param>
    /// <exception cref="CudaException">The driver refused, or earlier work failed.</exception>
    public void CopyOnDevice(ulong from, ulong to, long byteCount)
    {
        using (_context.Enter())
        {
            _context.Check(Interop.cuMemcpyDtoDAsync_v2(to, from, (nuint)byteCount, Native), "cuMemcpyDtoDAsync", $"{byteCount} bytes");
        }
    }

    /// <summary>Puts setting bytes to zero on the stream.</summary>
    /// <param name="address">Device address.</param>
    /// <param name="byteCount">Bytes.</param>
    /// <exception cref="CudaException">The driver refused, or earlier work failed.</exception>
    public void Clear(ulong address, long byteCount)
    {
        using (_context.Enter())
        {
            _context.Check(Interop.cuMemsetD8Async(address, 0, (nuint)byteCount, Native), "cuMemsetD8Async", $"{byteCount} bytes");
        }
    }

    /// <summary>Makes later work on the stream wait for an event, without keeping the host.</summary>
    /// <param name="recorded">A recorded event.</param>
    /// <exception cref="CudaException">The driver refused, or earlier work failed.</exception>
    public void WaitFor(CudaEvent recorded)
    {
        ArgumentNullException.ThrowIfNull(recorded);
        using (_context.Enter())
        {
            _context.Check(Interop.cuStreamWaitEvent(Native, recorded.Native, 0), "cuStreamWaitEvent");
        }
    }

    /// <summary>Gives the stream up, because a GPU that hangs still works on it.</summary>
    public void Leak() => _owned?.Leak();

    /// <inheritdoc/>
    public void Dispose() => _owned?.Dispose();
}
