using System.Threading.Tasks.Sources;

namespace JpegActFpga.Xrt;

/// <summary>The awaitable end of one run; used again for each wait, so that waiting allocates nothing.</summary>
internal sealed class RunWaiter : IValueTaskSource<XrtRunState>
{
    private readonly XrtRun _run;
    private ManualResetValueTaskSourceCore<XrtRunState> _core = new() { RunContinuationsAsynchronously = true };
    private long _deadline;
    private CancellationToken _cancellation;
    private int _isWaiting;

    internal RunWaiter(XrtRun run) => _run = run;

    /// <summary>Gets the Stopwatch timestamp of the run's start.</summary>
    internal long StartedAt { get; private set; }

    /// <summary>Starts a wait.</summary>
    /// <exception cref="InvalidOperationException">Another wait is under way.</exception>
    internal ValueTask<XrtRunState> Begin(long startedAt, long deadline, CancellationToken cancellation)
    {
        if (Interlocked.Exchange(ref _isWaiting, 1) != 0)
        {
            throw new InvalidOperationException("This run is already awaited; a run has one wait at a time.");
        }

        _core.Reset();
        StartedAt = startedAt;
        _deadline = deadline;
        _cancellation = cancellation;
        short version = _core.Version;
        CompletionPoller.Add(this);
        return new ValueTask<XrtRunState>(this, version);
    }

    /// <summary>Ends the wait if there is a reason to. Called by the poller alone.</summary>
    /// <returns>False where the wait goes on.</returns>
    internal bool TryFinish(long now)
    {
        XrtRunState state;
        try
        {
            state = _run.Observe();
        }
        catch (ObjectDisposedException exception)
        {
            _core.SetException(exception);
            return true;
        }

        if (!state.IsFinal() && _cancellation.IsCancellationRequested)
        {
            _core.SetException(new OperationCanceledException(_cancellation));
            return true;
        }

        if (!state.IsFinal() && now < _deadline)
        {
            return false;
        }

        _core.SetResult(state);
        return true;
    }

    /// <inheritdoc/>
    XrtRunState IValueTaskSource<XrtRunState>.GetResult(short token)
    {
        try
        {
            return _core.GetResult(token);
        }
        finally
        {
            Volatile.Write(ref _isWaiting, 0);
        }
    }

    /// <inheritdoc/>
    ValueTaskSourceStatus IValueTaskSource<XrtRunState>.GetStatus(short token) => _core.GetStatus(token);

    /// <inheritdoc/>
    void IValueTaskSource<XrtRunState>.OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags)
        => _core.OnCompleted(continuation, state, token, flags);
}
