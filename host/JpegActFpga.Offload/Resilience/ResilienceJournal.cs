using JpegActFpga.Core.Backends;
using JpegActFpga.Core.Observability;
using JpegActFpga.Offload.Statistics;
using Microsoft.Extensions.Logging;

namespace JpegActFpga.Offload.Resilience;

/// <summary>Counts and logs each decision. The event's number is the log's event id. Safe from any thread.</summary>
internal sealed partial class ResilienceJournal(StatisticsCollector statistics, ILogger logger)
{
    internal void Failed(ResilienceEvent kind, string backend, string cause)
    {
        statistics.Count(kind, backend);
        LogFailed(logger, kind, backend, cause);
    }

    internal void Retried(string backend, int attempt, TimeSpan delay)
    {
        statistics.Count(ResilienceEvent.Retry, backend);
        OffloadTelemetry.Retried(backend, nameof(BackendFailure.Transient));
        LogRetry(logger, backend, attempt, delay.TotalMilliseconds);
    }

    /// <param name="from">Label of the backend that failed or is out.</param>
    /// <param name="to">Label of the backend that does the work.</param>
    /// <param name="cause">Why.</param>
    /// <param name="tell">False where the cause was told before: the device's circuit is open.</param>
    internal void FellBack(string from, string to, ResilienceCause cause, bool tell)
    {
        statistics.Count(ResilienceEvent.Fallback, from);
        statistics.FellBack(from, to, cause.Text);
        OffloadTelemetry.FellBack(from, to, cause.Kind);
        if (tell)
        {
            LogFallback(logger, from, to, cause.Text);
        }
    }

    internal void Opened(string backend, TimeSpan pause, string cause)
    {
        statistics.Count(ResilienceEvent.CircuitOpened, backend);
        OffloadTelemetry.CircuitChanged(backend, "open");
        LogOpened(logger, backend, pause.TotalSeconds, cause);
    }

    /// <summary>A probe begins: the circuit is half open, for the probe alone.</summary>
    internal void Probing(string backend)
    {
        statistics.Count(ResilienceEvent.CircuitHalfOpen, backend);
        OffloadTelemetry.CircuitChanged(backend, "half-open");
        LogProbing(logger, backend);
    }

    internal void Reopened(string backend)
    {
        statistics.Count(ResilienceEvent.Reopened, backend);
        LogReopened(logger, backend);
    }

    internal void ProbeFailed(string backend, TimeSpan pause, string cause)
    {
        statistics.Count(ResilienceEvent.ProbeFailed, backend);
        LogProbeFailed(logger, backend, pause.TotalSeconds, cause);
    }

    internal void Closed(string backend)
    {
        statistics.Count(ResilienceEvent.CircuitClosed, backend);
        OffloadTelemetry.CircuitChanged(backend, "closed");
        LogClosed(logger, backend);
    }

    /// <param name="store">Name of the store that had the frame.</param>
    /// <param name="cause">What happened to it.</param>
    internal void FrameLost(string store, string cause)
    {
        statistics.Count(ResilienceEvent.FrameLost, store);
        OffloadTelemetry.FrameLost();
        LogFrameLost(logger, cause);
    }

    /// <param name="store">Name of the store that has the frame.</param>
    /// <param name="cause">Why.</param>
    internal void PrefetchFailed(string store, string cause)
    {
        statistics.Count(ResilienceEvent.PrefetchFailed, store);
        OffloadTelemetry.PrefetchFailed();
        LogPrefetchFailed(logger, cause);
    }

    internal void GivenUp(string backend, double seconds) => LogGivenUp(logger, backend, seconds);

    internal void WorkersLeft(int threads, double seconds) => LogWorkersLeft(logger, threads, seconds);

    [LoggerMessage(Level = LogLevel.Error, Message = "{Threads} threads of the engine did not end within {Seconds:0.###} s of closing it: a backend does not end their calls")]
    private static partial void LogWorkersLeft(ILogger logger, int threads, double seconds);

    [LoggerMessage(Level = LogLevel.Warning, EventName = "Failed", Message = "Backend {Backend}: {Kind}: {Cause}")]
    private static partial void LogFailed(ILogger logger, ResilienceEvent kind, string backend, string cause);

    [LoggerMessage(EventId = (int)ResilienceEvent.Retry, Level = LogLevel.Warning, Message = "Backend {Backend}: retry {Attempt} in {Milliseconds:0.###} ms")]
    private static partial void LogRetry(ILogger logger, string backend, int attempt, double milliseconds);

    [LoggerMessage(EventId = (int)ResilienceEvent.Fallback, Level = LogLevel.Warning, Message = "Backend {From} failed, {To} does the work: {Cause}")]
    private static partial void LogFallback(ILogger logger, string from, string to, string cause);

    [LoggerMessage(EventId = (int)ResilienceEvent.CircuitOpened, Level = LogLevel.Warning, Message = "Backend {Backend} is out of service, to be probed in {Seconds:0.###} s: {Cause}")]
    private static partial void LogOpened(ILogger logger, string backend, double seconds, string cause);

    [LoggerMessage(EventId = (int)ResilienceEvent.CircuitHalfOpen, Level = LogLevel.Information, Message = "Backend {Backend} is probed")]
    private static partial void LogProbing(ILogger logger, string backend);

    [LoggerMessage(EventId = (int)ResilienceEvent.Reopened, Level = LogLevel.Information, Message = "Backend {Backend} was opened anew, its probe follows")]
    private static partial void LogReopened(ILogger logger, string backend);

    [LoggerMessage(EventId = (int)ResilienceEvent.ProbeFailed, Level = LogLevel.Warning, Message = "Backend {Backend} is still out, to be probed in {Seconds:0.###} s: {Cause}")]
    private static partial void LogProbeFailed(ILogger logger, string backend, double seconds, string cause);

    [LoggerMessage(EventId = (int)ResilienceEvent.CircuitClosed, Level = LogLevel.Information, Message = "Backend {Backend} did its probe right and is in service again")]
    private static partial void LogClosed(ILogger logger, string backend);

    [LoggerMessage(EventId = (int)ResilienceEvent.FrameLost, Level = LogLevel.Warning, Message = "An activation is lost: {Cause}")]
    private static partial void LogFrameLost(ILogger logger, string cause);

    [LoggerMessage(EventId = (int)ResilienceEvent.PrefetchFailed, Level = LogLevel.Warning, Message = "An activation could not be expanded ahead of need, and will be when it is needed: {Cause}")]
    private static partial void LogPrefetchFailed(ILogger logger, string cause);

    [LoggerMessage(Level = LogLevel.Error, Message = "Backend {Backend}: a probe did not end within {Seconds:0.###} s of closing the engine; closing the backend must wait for it")]
    private static partial void LogGivenUp(ILogger logger, string backend, double seconds);
}
