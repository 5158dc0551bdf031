using System.Runtime.InteropServices;

namespace JpegActFpga.Xrt;

/// <summary>
/// A run, with a reference on each buffer that it is bound to: the card must find them for as long as it may use them.
/// Disposed of in flight, it stays open until the card is done with it.
/// </summary>
internal sealed class SafeXrtRunHandle : SafeXrtHandle
{
    private readonly Lock _gate = new();
    private SafeXrtBufferHandle?[] _buffers = new SafeXrtBufferHandle?[8];
    private volatile bool _isInFlight;

    /// <inheritdoc/>
    internal override XrtHandleKind Kind => XrtHandleKind.Run;

    /// <summary>Gets or sets a value indicating whether the card may be working on the run.</summary>
    internal bool IsInFlight
    {
        get => _isInFlight;
        set => _isInFlight = value;
    }

    /// <summary>Opens a run.</summary>
    /// <exception cref="XrtException">XRT refused.</exception>
    internal static SafeXrtRunHandle Open(SafeXrtKernelHandle kernel, string kernelName)
    {
        SafeXrtRunHandle run = new();
        run.AttachTo(kernel);
        try
        {
            using (CardTopology.Use("xrtRunOpen"))
            {
                nint native = Interop.Xrt.RunOpen(kernel);
                int errorNumber = Marshal.GetLastPInvokeError();
                if (native == 0)
                {
                    throw new XrtException("xrtRunOpen", errorNumber, $"kernel '{kernelName}'");
                }

                run.Adopt(native);
            }

            return run;
        }
        catch
        {
            run.Detach();
            throw;
        }
    }

    /// <summary>Gives the run to the card.</summary>
    /// <param name="errorNumber">errno where it failed.</param>
    /// <returns>False where the driver refused: the run is dead.</returns>
    /// <exception cref="ObjectDisposedException">The run is closed.</exception>
    internal bool TryStart(out int errorNumber)
    {
        bool referenced = false;
        bool isStarted = false;
        try
        {
            DangerousAddRef(ref referenced);

            // Before the call: from inside it the card may use the buffers.
            _isInFlight = true;
            if (!CardTopology.TryUse(out CardTopology.Scope scope))
            {
                errorNumber = CardTopology.TimedOut;
                return false;
            }

            using (scope)
            {
                isStarted = Interop.Xrt.RunStart(this) == 0;
                errorNumber = Marshal.GetLastPInvokeError();
            }

            return isStarted;
        }
        finally
        {
            if (referenced)
            {
                _isInFlight = isStarted;
                DangerousRelease();
            }
        }
    }

    /// <summary>Binds a buffer in place of the one bound to the argument before.</summary>
    /// <exception cref="ObjectDisposedException">The buffer is closed.</exception>
    internal void Bind(int argument, SafeXrtBufferHandle buffer)
    {
        bool referenced = false;
        SafeXrtBufferHandle? previous;
        lock (_gate)
        {
            if (argument >= _buffers.Length)
            {
                Array.Resize(ref _buffers, Math.Max(argument + 1, _buffers.Length * 2));
            }

            previous = _buffers[argument];
            if (ReferenceEquals(previous, buffer))
            {
                return;
            }

            buffer.DangerousAddRef(ref referenced);
            _buffers[argument] = buffer;
        }

        previous?.DangerousRelease();
    }

    /// <summary>Gives the run up together with its buffers, because the card may be using them for ever.</summary>
    internal void LeakWithBuffers()
    {
        lock (_gate)
        {
            foreach (SafeXrtBufferHandle? buffer in _buffers)
            {
                buffer?.Leak();
            }

            Leak();
        }
    }

    /// <summary>Tells whether a run that was given up still occupies its unit on a card.</summary>
    /// <param name="index">Index of the card.</param>
    internal bool HangsOn(int index) => Card == index && !((XrtRunState)Interop.Xrt.RunState(handle)).IsFinal();

    /// <summary>Gets the index of the card that the run is on; -1 where its opening failed.</summary>
    internal int Card => Parent?.Parent is SafeXrtDeviceHandle device ? device.Index : -1;

    /// <summary>Takes a run back that was given up, with its buffers, if the card has ended it since.</summary>
    /// <returns>True where it is the caller's to free, with <see cref="FreeTakenBack"/>.</returns>
    internal bool TryTakeBack()
    {
        // A run whose time-out the driver reported is over for XRT alone: its unit may go on writing.
        if (!IsLeftBehind || (XrtRunState)Interop.Xrt.RunState(handle) is not (XrtRunState.Completed or XrtRunState.Error or XrtRunState.Aborted))
        {
            return false;
        }

        _isInFlight = false;
        lock (_gate)
        {
            foreach (SafeXrtBufferHandle? buffer in _buffers)
            {
                buffer?.TakeBack();
            }
        }

        Reclaim();
        return true;
    }

    /// <summary>Frees a run that was taken back.</summary>
    internal void FreeTakenBack() => _ = CloseAndDetach();

    /// <summary>Frees an orphaned run if the card is done with it.</summary>
    /// <returns>True where it was freed or given up.</returns>
    internal bool TryCloseOrphan()
    {
        if (IsLeaked)
        {
            return true;
        }

        if (!((XrtRunState)Interop.Xrt.RunState(handle)).IsFinal())
        {
            return false;
        }

        _isInFlight = false;
        _ = CloseAndDetach();
        return true;
    }

    /// <inheritdoc/>
    private protected override bool TryDefer()
    {
        if (!_isInFlight || ((XrtRunState)Interop.Xrt.RunState(handle)).IsFinal())
        {
            return false;
        }

        CompletionPoller.AdoptOrphan(this);
        return true;
    }

    /// <inheritdoc/>
    private protected override bool CloseNative()
    {
        bool closed = Interop.Xrt.RunClose(handle) == 0;
        lock (_gate)
        {
            for (int i = 0; i < _buffers.Length; i++)
            {
                _buffers[i]?.DangerousRelease();
                _buffers[i] = null;
            }
        }

        return closed;
    }
}
