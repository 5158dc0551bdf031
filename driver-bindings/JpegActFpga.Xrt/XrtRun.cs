using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;

namespace JpegActFpga.Xrt;

/// <summary>
/// One launch of a kernel, used again and again: set arguments, start, wait. One thread at a time per run; different runs
/// are independent, and as many as wanted may be in flight on one kernel: the driver queues them for its compute units.
/// Starting and waiting allocate nothing.
/// </summary>
/// <remarks>
/// A run that was disposed of or dropped in flight stays open, with its buffers, until the card is done with it. A run
/// whose start failed is dead: XRT holds it for started for ever, so open a new one. A run that hangs cannot be stopped:
/// <see cref="Abandon"/> it.
/// </remarks>
public sealed class XrtRun : IDisposable
{
    /// <summary>The longest wait that is accepted.</summary>
    public static readonly TimeSpan LongestWait = TimeSpan.FromDays(1);

    private readonly XrtKernel _kernel;
    private readonly SafeXrtRunHandle _handle;
    private readonly RunWaiter _waiter;
    private long _startedAt;
    private volatile int _finalState;
    private bool _isDead;
    private bool _isAbandoned;

    private XrtRun(XrtKernel kernel, SafeXrtRunHandle handle)
    {
        _kernel = kernel;
        _handle = handle;
        _waiter = new RunWaiter(this);
        _finalState = (int)XrtRunState.New;
    }

    /// <summary>Gets the state of the last start, as the driver has it now; <see cref="XrtRunState.New"/> before the first.</summary>
    /// <exception cref="ObjectDisposedException">The run is closed.</exception>
    public XrtRunState State => Observe();

    /// <summary>Gets a value indicating whether a start failed: the run is of no more use.</summary>
    public bool IsDead => _isDead;

    /// <summary>Gets a value indicating whether <see cref="Abandon"/> was called.</summary>
    public bool IsAbandoned => _isAbandoned;

    /// <summary>Opens a run.</summary>
    /// <param name="kernel">An open kernel.</param>
    /// <returns>The run, to be disposed of.</returns>
    /// <exception cref="XrtException">XRT refused.</exception>
    /// <exception cref="ObjectDisposedException">The kernel is closed.</exception>
    public static XrtRun Open(XrtKernel kernel)
    {
        ArgumentNullException.ThrowIfNull(kernel);
        return new XrtRun(kernel, SafeXrtRunHandle.Open(kernel.Handle, kernel.Name));
    }

    /// <summary>Sets a 32-bit scalar argument.</summary>
    /// <param name="argument">Index of the argument.</param>
    /// <param name="value">Value; a float goes as its bits (<see cref="BitConverter.SingleToUInt32Bits"/>) into an argument declared as an integer.</param>
    /// <exception cref="InvalidOperationException">The run is in flight or abandoned.</exception>
    /// <exception cref="XrtException">There is no such argument.</exception>
    /// <exception cref="ObjectDisposedException">The run is closed.</exception>
    public void SetArgument(int argument, uint value)
    {
        CheckSettable(argument);
        if (Interop.Xrt.RunSetArgument(_handle, argument, value) != 0)
        {
            throw SetFailure(argument, value);
        }
    }

    /// <summary>Sets a 64-bit scalar argument.</summary>
    /// <param name="argument">Index of the argument.</param>
    /// <param name="value">Value.</param>
    /// <exception cref="InvalidOperationException">The run is in flight or abandoned.</exception>
    /// <exception cref="XrtException">There is no such argument.</exception>
    /// <exception cref="ObjectDisposedException">The run is closed.</exception>
    public void SetArgument(int argument, ulong value)
    {
        CheckSettable(argument);
        if (Interop.Xrt.RunSetArgument(_handle, argument, value) != 0)
        {
            throw SetFailure(argument, value);
        }
    }

    /// <summary>Sets a buffer argument, and keeps the buffer open until the argument is set again or the run is closed.</summary>
    /// <param name="argument">Index of the argument.</param>
    /// <param name="buffer">A buffer on the same card, in the bank that the argument is wired to: XRT's C API does not check that, and the kernel would read other memory.</param>
    /// <exception cref="ArgumentException">The buffer lies in another bank.</exception>
    /// <exception cref="InvalidOperationException">The run is in flight or abandoned.</exception>
    /// <exception cref="XrtException">There is no such argument.</exception>
    /// <exception cref="ObjectDisposedException">The run or the buffer is closed.</exception>
    public void SetArgument(int argument, XrtBuffer buffer)
    {
        ArgumentNullException.ThrowIfNull(buffer);
        CheckSettable(argument);
        int bank = _kernel.GetBank(argument);
        if (bank != buffer.Bank)
        {
            throw new ArgumentException(string.Create(CultureInfo.InvariantCulture, $"The buffer lies in memory bank {buffer.Bank}, argument {argument} of '{_kernel.Name}' is wired to bank {bank}."), nameof(buffer));
        }

        _handle.Bind(argument, buffer.Handle);
        if (Interop.Xrt.RunSetArgument(_handle, argument, buffer.Handle) != 0)
        {
            throw SetFailure(argument, 0);
        }
    }

    /// <summary>Gives the run to the card. Returns at once.</summary>
    /// <exception cref="InvalidOperationException">The run is in flight, dead or abandoned.</exception>
    /// <exception cref="XrtException">The driver refused; the run is dead, see <see cref="XrtException.IsTransient"/> for whether a new one may do.</exception>
    /// <exception cref="ObjectDisposedException">The run is closed.</exception>
    public void Start()
    {
        CheckIdle();
        if (_isDead)
        {
            throw new InvalidOperationException($"This run of '{_kernel.Name}' is dead since its last start failed; open a new one.");
        }

        _startedAt = Stopwatch.GetTimestamp();
        if (!_handle.TryStart(out int errorNumber))
        {
            _isDead = true;
            throw new XrtException("xrtRunStart", errorNumber, $"kernel '{_kernel.Name}'");
        }
    }

    /// <summary>Waits for the end of the run.</summary>
    /// <param name="timeout">How long, 0 to <see cref="LongestWait"/>.</param>
    /// <returns>The final state; or, where the time was up first, the state so far, for which <see cref="XrtRunStateExtensions.IsFinal"/> is false. Anything but <see cref="XrtRunState.Completed"/> is a failure.</returns>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="timeout"/> is out of range; a wait without end is not offered, because cards hang.</exception>
    /// <exception cref="InvalidOperationException">The run was never started, or its last start failed.</exception>
    /// <exception cref="ObjectDisposedException">The run is closed.</exception>
    public XrtRunState Wait(TimeSpan timeout)
    {
        CheckWaitable(timeout);
        long deadline = PollingPace.DeadlineAfter(timeout);
        while (true)
        {
            // The clock first: after a time in which this process was stopped, a run that has ended meanwhile is not late.
            bool isLast = Stopwatch.GetTimestamp() >= deadline;
            XrtRunState state = Observe();
            if (state.IsFinal() || isLast)
            {
                return state;
            }

            PollingPace.PauseFor(_startedAt, deadline);
        }
    }

    /// <summary>Waits for the end of the run and throws unless it is good.</summary>
    /// <param name="timeout">How long, 0 to <see cref="LongestWait"/>.</param>
    /// <exception cref="XrtRunException">The run ended in another state than <see cref="XrtRunState.Completed"/>, or not in time.</exception>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="timeout"/> is out of range.</exception>
    /// <exception cref="InvalidOperationException">The run was never started, or its last start failed.</exception>
    /// <exception cref="ObjectDisposedException">The run is closed.</exception>
    public void WaitCompleted(TimeSpan timeout)
    {
        XrtRunState state = Wait(timeout);
        if (state != XrtRunState.Completed)
        {
            throw new XrtRunException(_kernel.Name, state);
        }
    }

    /// <summary>Waits for the end of the run without holding a thread. One wait at a time; await it once.</summary>
    /// <param name="timeout">How long, 0 to <see cref="LongestWait"/>.</param>
    /// <param name="cancellationToken">Ends the wait, not the run: the card goes on.</param>
    /// <returns>As <see cref="Wait"/>.</returns>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="timeout"/> is out of range.</exception>
    /// <exception cref="InvalidOperationException">The run was never started, or is already awaited.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled before the run ended.</exception>
    /// <exception cref="ObjectDisposedException">The run is closed, or was closed during the wait.</exception>
    public ValueTask<XrtRunState> WaitAsync(TimeSpan timeout, CancellationToken cancellationToken = default)
    {
        CheckWaitable(timeout);
        XrtRunState state = Observe();
        return state.IsFinal()
            ? new ValueTask<XrtRunState>(state)
            : _waiter.Begin(_startedAt, PollingPace.DeadlineAfter(timeout), cancellationToken);
    }

    /// <summary>Starts the run and waits for its end without holding a thread.</summary>
    /// <param name="timeout">How long, 0 to <see cref="LongestWait"/>.</param>
    /// <param name="cancellationToken">Ends the wait, not the run: the card goes on.</param>
    /// <returns>As <see cref="Wait"/>.</returns>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="timeout"/> is out of range; nothing was started.</exception>
    /// <exception cref="InvalidOperationException">The run is in flight, dead or abandoned.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled before the run ended.</exception>
    /// <exception cref="XrtException">The driver refused; the run is dead.</exception>
    /// <exception cref="ObjectDisposedException">The run is closed, or was closed during the wait.</exception>
    public ValueTask<XrtRunState> StartAsync(TimeSpan timeout, CancellationToken cancellationToken = default)
    {
        CheckTimeout(timeout);
        cancellationToken.ThrowIfCancellationRequested();
        Start();
        return WaitAsync(timeout, cancellationToken);
    }

    /// <summary>
    /// Gives up a run that hangs, with the buffers bound to it: they are not freed, because the card may still write to
    /// them. The kernel and the card stay open for the same reason. Counted in <see cref="XrtDiagnostics.LeakedHandles"/>;
    /// <see cref="XrtDiagnostics.ReclaimLeaked()"/> frees them once the card has ended the run. Call it too after <see cref="XrtRunState.DriverTimeout"/> and
    /// <see cref="XrtRunState.NoResponse"/>, after which the compute unit may not have stopped.
    /// </summary>
    /// <exception cref="ObjectDisposedException">The run is closed.</exception>
    public void Abandon()
    {
        ObjectDisposedException.ThrowIf(_handle.IsClosed, this);
        if (!_isAbandoned)
        {
            _isAbandoned = true;
            _handle.LeakWithBuffers();
        }
    }

    /// <summary>Closes the run, or marks it to be closed when the card is done with it.</summary>
    public void Dispose() => _handle.Dispose();

    /// <summary>Reads the state, and notes the end of the run. May race with itself: all agree on the end.</summary>
    /// <exception cref="ObjectDisposedException">The run is closed.</exception>
    internal XrtRunState Observe()
    {
        if (!_handle.IsInFlight)
        {
            ObjectDisposedException.ThrowIf(_handle.IsClosed, this);
            return (XrtRunState)_finalState;
        }

        XrtRunState state = (XrtRunState)Interop.Xrt.RunState(_handle);
        if (state.IsFinal())
        {
            _finalState = (int)state;
            _handle.IsInFlight = false;
        }

        return state;
    }

    private static void CheckTimeout(TimeSpan timeout)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(timeout, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(timeout, LongestWait);
    }

    private void CheckWaitable(TimeSpan timeout)
    {
        CheckTimeout(timeout);
        if (_isDead)
        {
            throw new InvalidOperationException($"The last start of this run of '{_kernel.Name}' failed: there is nothing to wait for; open a new one.");
        }

        if (!_handle.IsInFlight && (XrtRunState)_finalState == XrtRunState.New)
        {
            ObjectDisposedException.ThrowIf(_handle.IsClosed, this);
            throw new InvalidOperationException($"This run of '{_kernel.Name}' was never started.");
        }
    }

    private void CheckSettable(int argument)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(argument);
        CheckIdle();
    }

    private void CheckIdle()
    {
        if (_isAbandoned)
        {
            throw new InvalidOperationException($"This run of '{_kernel.Name}' is abandoned; open a new one.");
        }

        if (!Observe().IsFinal() && _handle.IsInFlight)
        {
            throw new InvalidOperationException($"This run of '{_kernel.Name}' is in flight; wait for its end.");
        }
    }

    private XrtException SetFailure(int argument, ulong value)
        => new("xrtRunSetArg", Marshal.GetLastPInvokeError(), string.Create(CultureInfo.InvariantCulture, $"argument {argument} of '{_kernel.Name}', value {value}"));
}
