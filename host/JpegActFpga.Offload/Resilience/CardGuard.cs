using JpegActFpga.Core.Backends;
using JpegActFpga.Core.Memory;
using JpegActFpga.Core.Profiles;
using Polly;
using Polly.CircuitBreaker;
using Polly.RateLimiting;
using Polly.Retry;
using Polly.Timeout;

namespace JpegActFpga.Offload.Resilience;

/// <summary>
/// One device behind its Polly pipeline: circuit breaker, bulkhead, retry, timeout. Polly judges when the circuit opens;
/// <see cref="CardRecovery"/> closes it, after a probe that was right. Safe from any thread.
/// </summary>
internal sealed class CardGuard : IDisposable
{
    // Longer than any break of ours: the recovery closes the circuit, never a call that happens to come by.
    private static readonly TimeSpan UntilClosed = TimeSpan.FromDays(1);

    private readonly ICodecBackend _backend;
    private readonly ResilienceOptions _options;
    private readonly ResilienceJournal _journal;
    private readonly IOutputCheck _check;
    private readonly CardSlots _slots;
    private readonly StageLanes _lanes;
    private readonly CircuitBreakerManualControl _control = new();
    private readonly CardRecovery _recovery;
    private readonly ResiliencePipeline<CompressResult> _pipeline;
    private readonly Lock _lock = new();
    private int _services;
    private volatile string? _outBecause;

    internal CardGuard(ICodecBackend backend, string label, ResilienceOptions options, ResilienceJournal journal, IOutputCheck check)
    {
        _backend = backend;
        Label = label;
        _options = options;
        _journal = journal;
        _check = check;
        _lanes = new StageLanes(label);
        _slots = new CardSlots(options.QueueDepth);
        _recovery = new CardRecovery(backend, label, options, journal, TakeBackAsync);
        _pipeline = Build();
    }

    /// <summary>Gets the name in statistics and logs.</summary>
    internal string Label { get; }

    /// <summary>Gets what the device can do.</summary>
    internal BackendCapabilities Capabilities => _backend.Capabilities;

    /// <summary>Gets why the device is out of service; null where it is in service.</summary>
    internal string? OutBecause => _outBecause;

    /// <summary>Gets how busy the device is: calls over calls that it works on at once.</summary>
    internal double Load => (double)_slots.Taken / Math.Max(1, Capabilities.MaxInFlight);

    internal bool Can(CodecMethod method, MemoryKind memory) =>
        Capabilities.Methods.Contains(method) && (Capabilities.Memory & memory) != 0;

    /// <summary>Does a call under the policies. Runs on the calling thread.</summary>
    /// <param name="call">The call.</param>
    /// <param name="cancellationToken">Ends the wait for the device.</param>
    /// <returns>The result, or the exception; see <see cref="MayGoElsewhere"/>.</returns>
    internal Outcome<CompressResult> Run(in BackendCall call, CancellationToken cancellationToken)
    {
        int service = Volatile.Read(ref _services);
        ResilienceContext context = ResilienceContextPool.Shared.Get(continueOnCapturedContext: false, cancellationToken);
        try
        {
            // Only a retry's delay makes this asynchronous.
            ValueTask<Outcome<CompressResult>> pending = _pipeline.ExecuteOutcomeAsync(Attempt, context, (this, call));
            Outcome<CompressResult> outcome = BlockingWait.For(pending, _options.PipelineLimit);
            switch (outcome.Exception)
            {
                case BackendException { Failure: BackendFailure.DeviceLost or BackendFailure.Unresponsive } lost:
                    Isolate(service, lost);
                    break;
                case RateLimiterRejectedException:
                    _journal.Failed(ResilienceEvent.QueueFull, Label, $"{_options.QueueDepth} calls are there already");
                    break;
                case TimeoutRejectedException timeout:
                    _journal.Failed(ResilienceEvent.Timeout, Label, timeout.Message);
                    break;
            }

            return outcome;
        }
        finally
        {
            ResilienceContextPool.Shared.Return(context);
        }
    }

    /// <summary>Tells whether another device may do the call: the failure is this device's, not the caller's.</summary>
    internal static bool MayGoElsewhere(Exception error) =>
        error is BackendException or BrokenCircuitException or RateLimiterRejectedException or TimeoutRejectedException;

    /// <summary>A failure in short, for statistics.</summary>
    internal ResilienceCause CauseOf(Exception error) => ResilienceCause.Of(error, _outBecause);

    /// <summary>Ends the recovery, and waits for a probe under way.</summary>
    public void Dispose() => _recovery.Dispose();

    private static ValueTask<Outcome<CompressResult>> Attempt(ResilienceContext context, (CardGuard Guard, BackendCall Call) state)
    {
        CardGuard guard = state.Guard;
        try
        {
            return new(Outcome.FromResult(state.Call.RunOn(guard._backend, guard._lanes, guard._check, guard._options.CallLimit, context.CancellationToken)));
        }
        catch (BackendException error)
        {
            guard._journal.Failed(EventOf(error.Failure), guard.Label, error.Message);
            return new(Outcome.FromException<CompressResult>(error));
        }
        catch (Exception error)
        {
            // Not the device's failure: Polly wants it handed over, and the caller throws it.
            return new(Outcome.FromException<CompressResult>(error));
        }
    }

    private static ResilienceEvent EventOf(BackendFailure failure) => failure switch
    {
        BackendFailure.Transient => ResilienceEvent.TransientFailure,
        BackendFailure.CorruptOutput => ResilienceEvent.CorruptOutput,
        BackendFailure.DeviceLost => ResilienceEvent.DeviceLost,
        BackendFailure.Unresponsive => ResilienceEvent.Unresponsive,
        BackendFailure.Unsupported => ResilienceEvent.Unsupported,
        _ => ResilienceEvent.DeviceFault,
    };

    private ResiliencePipeline<CompressResult> Build()
    {
        var builder = new ResiliencePipelineBuilder<CompressResult> { TimeProvider = _options.TimeProvider };
        builder.AddCircuitBreaker(new CircuitBreakerStrategyOptions<CompressResult>
        {
            ShouldHandle = static args => new ValueTask<bool>(args.Outcome.Exception is BackendException { Failure: not BackendFailure.Unsupported } or TimeoutRejectedException),
            MinimumThroughput = _options.CircuitMinimumCalls,
            FailureRatio = _options.CircuitFailureRatio,
            SamplingDuration = _options.SamplingDuration,
            BreakDuration = UntilClosed,
            ManualControl = _control,
            OnOpened = args =>
            {
                // Null where it was opened by hand: then Isolate has told.
                if (args.Outcome.Exception is { } error)
                {
                    Opened(CauseOf(error).Text);
                }

                return default;
            },
        });
        builder.AddRateLimiter(new RateLimiterStrategyOptions { RateLimiter = _ => _slots.Take() });
        if (_options.Retries > 0)
        {
            builder.AddRetry(Retry());
        }

        return builder.AddTimeout(new TimeoutStrategyOptions { Timeout = _options.CallTimeout }).Build();
    }

    private RetryStrategyOptions<CompressResult> Retry()
    {
        var retry = new RetryStrategyOptions<CompressResult>
        {
            ShouldHandle = static args => new ValueTask<bool>(args.Outcome.Exception is BackendException { Failure: BackendFailure.Transient }),
            MaxRetryAttempts = _options.Retries,
            Delay = _options.RetryDelay,
            MaxDelay = _options.RetryDelayMax > _options.RetryDelay ? _options.RetryDelayMax : _options.RetryDelay,
            BackoffType = DelayBackoffType.Exponential,
            UseJitter = true,
            OnRetry = args =>
            {
                _journal.Retried(Label, args.AttemptNumber + 1, args.RetryDelay);
                return default;
            },
        };
        if (_options.JitterSeed is { } seed)
        {
            var random = new Random(seed);
            var gate = new Lock();
            retry.Randomizer = () =>
            {
                lock (gate)
                {
                    return random.NextDouble();
                }
            };
        }

        return retry;
    }

    // A lost device is out at once: more calls would only fail. A call that began before the device was taken back says
    // nothing about it as it is now.
    private void Isolate(int service, BackendException lost)
    {
        lock (_lock)
        {
            if (service != _services || _outBecause is not null)
            {
                return;
            }

            _outBecause = CauseOf(lost).Text;
        }

        // Before the recovery begins: it must not close the circuit first, because nothing would close it again.
        BlockingWait.For(new ValueTask(_control.IsolateAsync()), _options.CallLimit);
        BeginRecovery(lost: true);
    }

    private void Opened(string cause)
    {
        lock (_lock)
        {
            if (_outBecause is not null)
            {
                return;
            }

            _outBecause = cause;
        }

        BeginRecovery(lost: false);
    }

    private void BeginRecovery(bool lost)
    {
        _journal.Opened(Label, _options.BreakBefore(failedProbes: 0), _outBecause!);
        _recovery.Begin(reopen: lost);
    }

    private async Task TakeBackAsync()
    {
        // The circuit last: once it is closed, calls may open it again, which must find the device in service. A call that
        // comes by before finds the circuit open, and goes elsewhere.
        lock (_lock)
        {
            _services++;
            _outBecause = null;
        }

        await _control.CloseAsync().ConfigureAwait(false);
        _journal.Closed(Label);
    }
}
