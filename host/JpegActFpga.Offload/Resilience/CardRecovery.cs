using JpegActFpga.Core.Backends;

namespace JpegActFpga.Offload.Resilience;

/// <summary>
/// Brings a device that is out of service back, in the background: training never waits for a sick card, and never trusts
/// one with an activation. After each break it opens the device anew where that is called for, and does a probe whose bytes
/// are compared. Safe from any thread.
/// </summary>
internal sealed class CardRecovery : IDisposable
{
    private readonly ICodecBackend _backend;
    private readonly string _label;
    private readonly ResilienceOptions _options;
    private readonly ResilienceJournal _journal;
    private readonly Func<Task> _takeBack;
    private readonly CancellationTokenSource _stop = new();
    private readonly Lock _lock = new();
    private Task _running = Task.CompletedTask;
    private bool _disposed;

    /// <summary>Initializes a new instance of the <see cref="CardRecovery"/> class.</summary>
    /// <param name="backend">The device.</param>
    /// <param name="label">Its name in statistics.</param>
    /// <param name="options">The breaks and the clock.</param>
    /// <param name="journal">Told of probes.</param>
    /// <param name="takeBack">Puts the device into service again.</param>
    internal CardRecovery(ICodecBackend backend, string label, ResilienceOptions options, ResilienceJournal journal, Func<Task> takeBack)
    {
        _backend = backend;
        _label = label;
        _options = options;
        _journal = journal;
        _takeBack = takeBack;
    }

    /// <summary>Begins; call it when the device went out of service, once each time.</summary>
    /// <param name="reopen">The device must be opened anew before the first probe.</param>
    internal void Begin(bool reopen)
    {
        lock (_lock)
        {
            if (!_disposed)
            {
                // The recovery before this one has taken the device back, or there would be nothing to begin; it may not
                // have returned yet.
                Task before = _running;
                CancellationToken stop = _stop.Token;
                _running = Task.Run(() => RunAsync(before, reopen, stop), CancellationToken.None);
            }
        }
    }

    /// <summary>Ends the recovery. A probe under way is waited for, because the device works in its memory.</summary>
    public void Dispose()
    {
        Task running;
        lock (_lock)
        {
            if (_disposed)
            {
                return;
            }

            _disposed = true;
            running = _running;
        }

        _stop.Cancel();
        TimeSpan limit = _options.CallTimeout + _options.CallTimeout;
        if (!running.Wait(limit))
        {
            _journal.GivenUp(_label, limit.TotalSeconds);
            return;
        }

        _stop.Dispose();
    }

    private async Task RunAsync(Task before, bool reopen, CancellationToken stop)
    {
        await before.ConfigureAwait(false);
        for (int failed = 0; !stop.IsCancellationRequested; failed++)
        {
            try
            {
                await Task.Delay(_options.BreakBefore(failed), _options.TimeProvider, stop).ConfigureAwait(false);
                _journal.Probing(_label);
                if (reopen && _backend is IReopenable device)
                {
                    await device.ReopenAsync(_options.CallTimeout, stop).ConfigureAwait(false);
                    _journal.Reopened(_label);
                }

                await CardProbe.RunAsync(_backend, _options.CallTimeout, stop).ConfigureAwait(false);
                await _takeBack().ConfigureAwait(false);
                return;
            }
            catch (OperationCanceledException) when (stop.IsCancellationRequested)
            {
                return;
            }
            catch (Exception error)
            {
                // Whatever it was, the device is not fit for service; it was told, and there is a next probe.
                reopen = true;
                string cause = error is BackendException failure ? $"{failure.Failure}: {failure.Message}" : $"{error.GetType().Name}: {error.Message}";
                _journal.ProbeFailed(_label, _options.BreakBefore(failed + 1), cause);
            }
        }
    }
}
