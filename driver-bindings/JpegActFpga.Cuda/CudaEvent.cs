using System.Diagnostics;

namespace JpegActFpga.Cuda;

/// <summary>A mark on a stream that the host can wait for.</summary>
/// <remarks>Safe from any thread, as far as one thread records and the others wait.</remarks>
public sealed unsafe class CudaEvent : IDisposable
{
    private const uint DisableTiming = 2;

    // The first wait is for short kernels; a sleep shorter than a millisecond the system does not give.
    private static readonly TimeSpan SpinTime = TimeSpan.FromMilliseconds(0.1);
    private static readonly TimeSpan YieldTime = TimeSpan.FromMilliseconds(3);

    private readonly CudaContext _context;
    private readonly SafeEventHandle _handle;

    /// <summary>Initializes a new instance of the <see cref="CudaEvent"/> class.</summary>
    /// <param name="context">The GPU.</param>
    /// <param name="timing">Whether <see cref="ElapsedSince"/> can be asked; costs a little at each recording.</param>
    /// <exception cref="CudaException">The driver refused.</exception>
    public CudaEvent(CudaContext context, bool timing = false)
    {
        ArgumentNullException.ThrowIfNull(context);
        _context = context;
        using (context.Enter())
        {
            nint native;
            context.Check(Interop.cuEventCreate(&native, timing ? 0 : DisableTiming), "cuEventCreate");
            Native = native;
            _handle = new SafeEventHandle(context, native);
        }
    }

    /// <summary>Gets the native event.</summary>
    internal nint Native { get; }

    /// <summary>Marks the end of what is on a stream now.</summary>
    /// <param name="stream">The stream.</param>
    /// <exception cref="CudaException">The driver refused, or earlier work failed.</exception>
    public void Record(CudaStream stream)
    {
        ArgumentNullException.ThrowIfNull(stream);
        using (_context.Enter())
        {
            _context.Check(Interop.cuEventRecord(Native, stream.Native), "cuEventRecord");
        }
    }

    /// <summary>Tells whether the GPU has passed the mark.</summary>
    /// <exception cref="CudaException">Work before the mark failed.</exception>
    public bool IsComplete()
    {
        using (_context.Enter())
        {
            int result = Interop.cuEventQuery(Native);
            if (result == CudaException.NotReadyResult)
            {
                return false;
            }

            _context.Check(result, "cuEventQuery");
            return true;
        }
    }

    /// <summary>Waits until the GPU has passed the mark.</summary>
    /// <param name="limit">Longest wait.</param>
    /// <exception cref="CudaException">Work before the mark failed.</exception>
    /// <exception cref="TimeoutException">It did not within the limit: what it uses must not be freed or reused.</exception>
    public void Wait(TimeSpan limit)
    {
        long started = Stopwatch.GetTimestamp();
        while (true)
        {
            // The clock first: after a time in which this process was stopped, work that has ended meanwhile is not late.
            TimeSpan waited = Stopwatch.GetElapsedTime(started);
            if (IsComplete())
            {
                return;
            }

            if (waited > limit)
            {
                _context.NoteHang();
                throw new TimeoutException($"{_context.Device.Name} did not end its work within {limit.TotalSeconds:g4} s.");
            }

            if (waited < SpinTime)
            {
                Thread.SpinWait(30);
            }
            else if (waited < YieldTime)
            {
                Thread.Yield();
            }
            else
            {
                Thread.Sleep(1);
            }
        }
    }

    /// <summary>Gives the GPU's time between two marks; both events were made with timing and are complete.</summary>
    /// <param name="start">The earlier mark.</param>
    /// <exception cref="CudaException">An event is not complete or has no timing.</exception>
    public TimeSpan ElapsedSince(CudaEvent start)
    {
        ArgumentNullException.ThrowIfNull(start);
        using (_context.Enter())
        {
            float milliseconds;
            _context.Check(Interop.cuEventElapsedTime(&milliseconds, start.Native, Native), "cuEventElapsedTime");
            return TimeSpan.FromMilliseconds(milliseconds);
        }
    }

    /// <summary>Gives the event up, because a GPU that hangs has yet to pass it.</summary>
    public void Leak() => _handle.Leak();

    /// <inheritdoc/>
    public void Dispose() => _handle.Dispose();
}
