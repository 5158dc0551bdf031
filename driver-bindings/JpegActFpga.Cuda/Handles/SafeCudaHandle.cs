using Microsoft.Win32.SafeHandles;

namespace JpegActFpga.Cuda;

/// <summary>
/// A native object of the driver's. Holds a reference on the context, which so outlives it. Its owner disposes it: the
/// finaliser frees nothing, because the GPU may still be at work with it, and counts a leak instead.
/// </summary>
internal abstract class SafeCudaHandle : SafeHandleZeroOrMinusOneIsInvalid
{
    private readonly CudaContext? _context;
    private static long _leaked;
    private bool _attached;

    private protected SafeCudaHandle(CudaContext? context)
        : base(ownsHandle: true) => _context = context;

    /// <summary>Gets how many objects were given up since the process started.</summary>
    internal static long LeakedCount => Interlocked.Read(ref _leaked);

    /// <summary>Gives the object up: nothing frees it, the context stays as well.</summary>
    internal void Leak()
    {
        if (!IsInvalid && !IsClosed)
        {
            Interlocked.Increment(ref _leaked);
            SetHandleAsInvalid();
        }
    }

    /// <summary>Takes the native object over.</summary>
    /// <param name="native">The object.</param>
    private protected void Adopt(nint native)
    {
        SetHandle(native);
        _context?.AddChild(ref _attached);
    }

    /// <summary>Frees the native object; the context is current.</summary>
    /// <returns>The CUresult.</returns>
    private protected abstract int Free();

    /// <summary>Gets a value indicating whether the driver may wait for the GPU to free it.</summary>
    private protected virtual bool FreeingMayWait => true;

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (!disposing)
        {
            Leak();
        }

        base.Dispose(disposing);
    }

    /// <inheritdoc/>
    protected sealed override bool ReleaseHandle()
    {
        int result;
        if (_context is null)
        {
            result = Free();
        }
        else if (!_context.TryFree(FreeingMayWait, Free, out result))
        {
            // Its reference on the context stays as well.
            Interlocked.Increment(ref _leaked);
            return true;
        }

        if (_attached)
        {
            _context!.RemoveChild();
        }

        return result == 0 || CudaException.IsSticky(result);
    }
}
