using Microsoft.Win32.SafeHandles;

namespace JpegActFpga.Xrt;

/// <summary>
/// A native object of XRT's. Holds a reference on its parent, so that the parent is closed after its last child whatever
/// the order of disposal. Safe from any thread, as every SafeHandle.
/// </summary>
internal abstract class SafeXrtHandle : SafeHandleZeroOrMinusOneIsInvalid
{
    private SafeXrtHandle? _parent;
    private long _ticket;
    private volatile bool _isLeaked;
    private volatile bool _isOwnerDone;

    private protected SafeXrtHandle()
        : base(ownsHandle: true)
    {
    }

    /// <summary>Gets the kind of the object.</summary>
    internal abstract XrtHandleKind Kind { get; }

    /// <summary>Gets a value indicating whether <see cref="Leak"/> was called.</summary>
    internal bool IsLeaked => _isLeaked;

    /// <summary>Gives the object up: it and its parents are never freed, neither by disposal nor by finalisation nor at exit.</summary>
    internal void Leak()
    {
        if (HandleRegistry.TryMoveToLeaked(this, _ticket))
        {
            _isLeaked = true;
        }
    }

    /// <summary>Gets what the object was opened on; null for a device.</summary>
    internal SafeXrtHandle? Parent => _parent;

    /// <summary>Gets a value indicating whether the object was given up and its owner has let go of it.</summary>
    private protected bool IsLeftBehind => _isLeaked && _isOwnerDone;

    /// <summary>Takes an object back that was given up: it is freed as any other.</summary>
    private protected void Reclaim()
    {
        if (HandleRegistry.TryTakeFromLeaked(this, out long ticket))
        {
            _ticket = ticket;
            _isLeaked = false;
        }
    }

    /// <summary>Takes the reference on the parent; call it before the native open.</summary>
    /// <exception cref="ObjectDisposedException">The parent is closed.</exception>
    private protected void AttachTo(SafeXrtHandle parent)
    {
        bool referenced = false;
        parent.DangerousAddRef(ref referenced);
        _parent = parent;
    }

    /// <summary>Gives the reference on the parent back; call it where the native open failed.</summary>
    private protected void Detach()
    {
        SafeXrtHandle? parent = _parent;
        _parent = null;
        parent?.DangerousRelease();
    }

    /// <summary>Takes the native object over.</summary>
    private protected void Adopt(nint native)
    {
        SetHandle(native);
        _ticket = HandleRegistry.Add(this);
    }

    /// <summary>Frees the native object.</summary>
    /// <returns>False where XRT refused.</returns>
    private protected abstract bool CloseNative();

    /// <summary>Hands the object to somebody who calls <see cref="CloseAndDetach"/> later.</summary>
    /// <returns>False where it can be freed now.</returns>
    private protected virtual bool TryDefer() => false;

    /// <summary>Frees the native object, then lets go of the parent.</summary>
    private protected bool CloseAndDetach()
    {
        bool closed = CloseNative();
        if (_isLeaked)
        {
            // It could not be closed, and is open still: so are its parents.
            return false;
        }

        HandleRegistry.Remove(_ticket);
        Detach();
        return closed;
    }

    /// <inheritdoc/>
    protected sealed override bool ReleaseHandle()
    {
        // Read first: whoever sees the owner done may take the object back and free it.
        bool isLeaked = _isLeaked;
        _isOwnerDone = true;
        return isLeaked || TryDefer() || CloseAndDetach();
    }
}
