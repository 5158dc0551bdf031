using System.CommandLine;
using JpegActFpga.Offload.Resilience;

namespace JpegActFpga.Cli.Options;

/// <summary>The options that say how failures of a card are met, and reading them.</summary>
internal sealed class FailureOptions
{
    private readonly Option<int?> _retries = Quantities.Count("--retries", "How often a passing failure is retried on the same card, 0 .. 10. [default: 2]");
    private readonly Option<TimeSpan?> _retryDelay = Quantities.Time("--retry-delay", "Delay before the first retry, 0s .. 10s; it doubles, with jitter. [default: 10ms]");
    private readonly Option<TimeSpan?> _retryDelayMost = Quantities.Time("--retry-delay-max", "Longest delay before a retry, up to 1min. [default: 1s]");
    private readonly Option<TimeSpan?> _callTimeout = Quantities.Time("--call-timeout", "How long a call may wait for a busy card, 10ms .. 1h. [default: 2min]");
    private readonly Option<int?> _depth = Quantities.Count("--queue-depth", "Calls that a card may have at once, 1 .. 4096; more go to the next. [default: 64]");
    private readonly Option<int?> _calls = Quantities.Count("--circuit-calls", "Calls that are judged before a card may be taken out of service, 2 .. 1000. [default: 8]");
    private readonly Option<double?> _failures = Quantities.Share("--circuit-failures", "Share of failed calls that takes a card out of service, above 0 .. 1. [default: 50%]");
    private readonly Option<TimeSpan?> _window = Quantities.Time("--circuit-window", "Time over which calls are judged, 500ms .. 1h. [default: 30s]");
    private readonly Option<TimeSpan?> _break = Quantities.Time("--circuit-break", "Time before a card out of service is probed, 10ms .. 1h; it doubles with each probe that fails. [default: 30s]");
    private readonly Option<TimeSpan?> _breakMost = Quantities.Time("--circuit-break-max", "Longest time between two probes, 10ms .. 24h. [default: 5min]");
    private readonly RangeErrors _ranges;

    /// <summary>Initializes a new instance of the <see cref="FailureOptions"/> class and adds the options to a command.</summary>
    /// <param name="command">The command.</param>
    internal FailureOptions(Command command)
    {
        All = [_retries, _retryDelay, _retryDelayMost, _callTimeout, _depth, _calls, _failures, _window, _break, _breakMost];
        foreach (Option option in All)
        {
            command.Add(option);
        }

        _ranges = new RangeErrors(new Dictionary<string, Option>
        {
            [nameof(ResilienceOptions.Retries)] = _retries,
            [nameof(ResilienceOptions.RetryDelay)] = _retryDelay,
            [nameof(ResilienceOptions.RetryDelayMax)] = _retryDelayMost,
            [nameof(ResilienceOptions.CallTimeout)] = _callTimeout,
            [nameof(ResilienceOptions.QueueDepth)] = _depth,
            [nameof(ResilienceOptions.CircuitMinimumCalls)] = _calls,
            [nameof(ResilienceOptions.CircuitFailureRatio)] = _failures,
            [nameof(ResilienceOptions.SamplingDuration)] = _window,
            [nameof(ResilienceOptions.CircuitBreak)] = _break,
            [nameof(ResilienceOptions.CircuitBreakMax)] = _breakMost,
        });
    }

    /// <summary>Gets the options.</summary>
    internal IReadOnlyList<Option> All { get; }

    /// <summary>Reads the options.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="seed">Seed of the retries' jitter.</param>
    /// <exception cref="CliException">A value is refused.</exception>
    internal ResilienceOptions Read(ParseResult parsed, int seed)
    {
        var usual = new ResilienceOptions();
        ResilienceOptions options = usual with
        {
            Retries = parsed.GetValue(_retries) ?? usual.Retries,
            RetryDelay = parsed.GetValue(_retryDelay) ?? usual.RetryDelay,
            RetryDelayMax = parsed.GetValue(_retryDelayMost) ?? usual.RetryDelayMax,
            CallTimeout = parsed.GetValue(_callTimeout) ?? usual.CallTimeout,
            QueueDepth = parsed.GetValue(_depth) ?? usual.QueueDepth,
            CircuitMinimumCalls = parsed.GetValue(_calls) ?? usual.CircuitMinimumCalls,
            CircuitFailureRatio = parsed.GetValue(_failures) ?? usual.CircuitFailureRatio,
            SamplingDuration = parsed.GetValue(_window) ?? usual.SamplingDuration,
            CircuitBreak = parsed.GetValue(_break) ?? usual.CircuitBreak,
            CircuitBreakMax = parsed.GetValue(_breakMost) ?? usual.CircuitBreakMax,
            JitterSeed = seed,
        };
        _ranges.Check(parsed, options.Validate);
        return options;
    }
}
