namespace JpegActFpga.Offload.Resilience;

/// <summary>How failures of a backend are met. Every value is checked when an engine is made.</summary>
public sealed record ResilienceOptions
{
    /// <summary>Gets how often a transient failure is retried on the same backend; 0 .. 10, default 2.</summary>
    public int Retries { get; init; } = 2;

    /// <summary>Gets the delay before the first retry; it doubles, with jitter; 0 .. 10 s, default 10 ms.</summary>
    public TimeSpan RetryDelay { get; init; } = TimeSpan.FromMilliseconds(10);

    /// <summary>Gets how many calls must be seen in <see cref="SamplingDuration"/> before the circuit may open; 2 .. 1000, default 8.</summary>
    public int CircuitMinimumCalls { get; init; } = 8;

    /// <summary>Gets the share of failed calls that opens the circuit; above 0 .. 1, default 0.5.</summary>
    public double CircuitFailureRatio { get; init; } = 0.5;

    /// <summary>Gets the time over which calls are judged; 0.5 s .. 1 h, default 30 s.</summary>
    public TimeSpan SamplingDuration { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Gets how long an open circuit sends work elsewhere before one call probes the backend; 0.5 s .. 1 h, default 30 s.</summary>
    public TimeSpan CircuitBreak { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Checks the ranges.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A value is outside its range; the message names it.</exception>
    internal void Validate()
    {
        Demand(Retries is >= 0 and <= 10, nameof(Retries), Retries, "0 .. 10");
        Demand(RetryDelay >= TimeSpan.Zero && RetryDelay <= TimeSpan.FromSeconds(10), nameof(RetryDelay), RetryDelay, "0 .. 10 s");
        Demand(CircuitMinimumCalls is >= 2 and <= 1000, nameof(CircuitMinimumCalls), CircuitMinimumCalls, "2 .. 1000");
        Demand(CircuitFailureRatio is > 0 and <= 1, nameof(CircuitFailureRatio), CircuitFailureRatio, "above 0 .. 1");
        Demand(SamplingDuration >= TimeSpan.FromSeconds(0.5) && SamplingDuration <= TimeSpan.FromHours(1), nameof(SamplingDuration), SamplingDuration, "0.5 s .. 1 h");
        Demand(CircuitBreak >= TimeSpan.FromSeconds(0.5) && CircuitBreak <= TimeSpan.FromHours(1), nameof(CircuitBreak), CircuitBreak, "0.5 s .. 1 h");
    }

    private static void Demand(bool good, string name, object value, string range)
    {
        if (!good)
        {
            throw new ArgumentOutOfRangeException(name, value, $"{name} must be {range}.");
        }
    }
}
