using JpegActFpga.Core.Backends;
using JpegActFpga.Core.Memory;
using JpegActFpga.Core.Observability;
using JpegActFpga.Core.Profiles;
using JpegActFpga.Offload.Statistics;
using Microsoft.Extensions.Logging;
using Polly;
using Polly.CircuitBreaker;
using Polly.Fallback;
using Polly.Retry;

namespace JpegActFpga.Offload.Resilience;

/// <summary>A backend behind its Polly pipeline: fallback to the next one, circuit breaker, retry. Safe from any thread.</summary>
internal sealed partial class GuardedBackend
{
    private static readonly ResiliencePropertyKey<BackendCall> CallKey = new("jpegact.call");

    private readonly ICodecBackend _backend;
    private readonly GuardedBackend? _next;
    private readonly ILogger _logger;
    private readonly StatisticsCollector _statistics;
    private readonly ResiliencePipeline<Outcome> _pipeline;
    private readonly string _compressLane;
    private readonly string _expandLane;
    private volatile string? _lastFailure;

    internal GuardedBackend(ICodecBackend backend, GuardedBackend? next, ResilienceOptions options, StatisticsCollector statistics, ILogger logger)
    {
        _backend = backend;
        _compressLane = $"compress {backend.Capabilities.Name}";
        _expandLane = $"expand {backend.Capabilities.Name}";
        _next = next;
        _statistics = statistics;
        _logger = logger;
        _pipeline = next is null ? ResiliencePipeline<Outcome>.Empty : Build(options);
    }

    internal bool Can(CodecMethod method, MemoryKind memory) =>
        _backend.Capabilities.Methods.Contains(method) && (_backend.Capabilities.Memory & memory) != 0;

    internal (CompressResult Result, BackendCapabilities By) Run(BackendCall call, CancellationToken cancellationToken)
    {
        ValueTask<Outcome> pending = RunAsync(call, cancellationToken);
        Outcome outcome = pending.IsCompletedSuccessfully ? pending.Result : pending.AsTask().GetAwaiter().GetResult();
        return (outcome.Result, outcome.By);
    }

    private async ValueTask<Outcome> RunAsync(BackendCall call, CancellationToken cancellationToken)
    {
        ResilienceContext context = ResilienceContextPool.Shared.Get(continueOnCapturedContext: false, cancellationToken);
        try
        {
            context.Properties.Set(CallKey, call);
            return await _pipeline.ExecuteAsync(
                static async (c, self) =>
                {
                    BackendCall asked = c.Properties.GetValue(CallKey, null!);
                    return await self.RunHereAsync(asked, c.CancellationToken).ConfigureAwait(false);
                },
                context,
                this).ConfigureAwait(false);
        }
        finally
        {
            ResilienceContextPool.Shared.Return(context);
        }
    }

    private async ValueTask<Outcome> RunHereAsync(BackendCall call, CancellationToken cancellationToken)
    {
        BackendCapabilities by = _backend.Capabilities;
        using StageScope stage = StageTelemetry.Start(call.Stage, by.Name, call.Stage == Stage.Encode ? _compressLane : _expandLane);
        try
        {
            CompressResult result = await call.RunOn(_backend, verify: _next is not null, cancellationToken).ConfigureAwait(false);
            call.Describe(stage, result);
            return new Outcome(result, by);
        }
        catch (BackendException error)
        {
            stage.Failed(error.Failure.ToString());
            throw;
        }
    }

    private ResiliencePipeline<Outcome> Build(ResilienceOptions options)
    {
        var builder = new ResiliencePipelineBuilder<Outcome>()
            .AddFallback(new FallbackStrategyOptions<Outcome>
            {
                ShouldHandle = new PredicateBuilder<Outcome>().Handle<BackendException>().Handle<BrokenCircuitException>(),
                OnFallback = args =>
                {
                    FellBack(args.Outcome.Exception!);
                    return default;
                },
                FallbackAction = async args =>
                {
                    BackendCall call = args.Context.Properties.GetValue(CallKey, null!);
                    return Polly.Outcome.FromResult(await _next!.RunAsync(call, args.Context.CancellationToken).ConfigureAwait(false));
                },
            })
            .AddCircuitBreaker(new CircuitBreakerStrategyOptions<Outcome>
            {
                ShouldHandle = new PredicateBuilder<Outcome>().Handle<BackendException>(error => error.Failure != BackendFailure.Unsupported),
                MinimumThroughput = options.CircuitMinimumCalls,
                FailureRatio = options.CircuitFailureRatio,
                SamplingDuration = options.SamplingDuration,
                BreakDuration = options.CircuitBreak,
                OnOpened = args =>
                {
                    OffloadTelemetry.CircuitChanged(_backend.Capabilities.Name, "open");
                    LogCircuitOpened(_logger, _backend.Capabilities.Name, args.BreakDuration.TotalSeconds, args.Outcome.Exception?.Message);
                    return default;
                },
                OnClosed = _ =>
                {
                    OffloadTelemetry.CircuitChanged(_backend.Capabilities.Name, "closed");
                    LogCircuitClosed(_logger, _backend.Capabilities.Name);
                    return default;
                },
            });
        if (options.Retries > 0)
        {
            builder.AddRetry(new RetryStrategyOptions<Outcome>
            {
                ShouldHandle = new PredicateBuilder<Outcome>().Handle<BackendException>(error => error.Failure == BackendFailure.Transient),
                MaxRetryAttempts = options.Retries,
                Delay = options.RetryDelay,
                BackoffType = DelayBackoffType.Exponential,
                UseJitter = true,
                OnRetry = args =>
                {
                    _statistics.Retried();
                    OffloadTelemetry.Retried(_backend.Capabilities.Name, nameof(BackendFailure.Transient));
                    LogRetry(_logger, _backend.Capabilities.Name, args.AttemptNumber + 1, args.Outcome.Exception?.Message);
                    return default;
                },
            });
        }

        return builder.Build();
    }

    private void FellBack(Exception error)
    {
        string cause;
        if (error is BackendException failure)
        {
            cause = $"{failure.Failure}: {failure.Message}";
            _lastFailure = cause;
        }
        else
        {
            // The circuit breaker's own exception: what opened it is the cause.
            cause = $"circuit open after {_lastFailure}";
        }

        OffloadTelemetry.FellBack(_backend.Capabilities.Name, _next!._backend.Capabilities.Name, error is BackendException known ? known.Failure.ToString() : "CircuitOpen");
        _statistics.FellBack(_backend.Capabilities.Name, _next._backend.Capabilities.Name, cause);
        if (error is not BrokenCircuitException)
        {
            LogFallback(_logger, _backend.Capabilities.Name, _next._backend.Capabilities.Name, cause);
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Backend {From} failed, {To} does the work: {Cause}")]
    private static partial void LogFallback(ILogger logger, string from, string to, string cause);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Backend {Backend}: retry {Attempt} after: {Cause}")]
    private static partial void LogRetry(ILogger logger, string backend, int attempt, string? cause);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Backend {Backend} is left alone for {Seconds} s after: {Cause}")]
    private static partial void LogCircuitOpened(ILogger logger, string backend, double seconds, string? cause);

    [LoggerMessage(Level = LogLevel.Information, Message = "Backend {Backend} works again")]
    private static partial void LogCircuitClosed(ILogger logger, string backend);

    /// <summary>What a call gave and which backend did it.</summary>
    private readonly record struct Outcome(CompressResult Result, BackendCapabilities By);
}
