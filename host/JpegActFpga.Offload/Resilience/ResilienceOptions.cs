namespace JpegActFpga.Offload.Resilience;

/// <summary>How failures of a backend are met. Every value is checked when an engine is made.</summary>
/// <remarks>Each policy belongs to one card (one backend of the list): a card that is out never stops the others. Nothing is behind the last backend, so no policy applies to it.</remarks>
public sealed record ResilienceOptions
{
    /// <summary>Gets how often a transient failure (EBUSY, EAGAIN, ETIMEDOUT, ...) is retried on the same backend; 0 .. 10, default 2.</summary>
    public int Retries { get; init; } = 2;

    /// <summary>Gets the delay before the first retry; it doubles, with jitter; 0 .. 10 s, default 10 ms.</summary>
    public TimeSpan RetryDelay { get; init; } = TimeSpan.FromMilliseconds(10);

    /// <summary>Gets the longest delay before a retry; <see cref="RetryDelay"/> .. 1 min, default 1 s (or <see cref="RetryDelay"/> where that is more).</summary>
    public TimeSpan RetryDelayMax { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Gets how long one attempt may wait for the device; 10 ms .. 1 h, default 2 min.</summary>
    /// <remarks>
    /// It ends the wait for a device that others keep busy. A transfer or launch under way is never broken off, because the
    /// device owns the memory then; the backend has its own, shorter limit for those (see <c>FpgaOptions.LaunchTimeout</c>).
    /// </remarks>
    public TimeSpan CallTimeout { get; init; } = TimeSpan.FromMinutes(2);

    /// <summary>
    /// Gets how long after <see cref="CallTimeout"/> a backend has to end a call; 1 s .. 24 h, default 30 min. Backends end
    /// their calls by themselves, well before: one that does not ends the work with a <see cref="BackendStuckException"/>.
    /// </summary>
    public TimeSpan EndTimeout { get; init; } = TimeSpan.FromMinutes(30);

    /// <summary>Gets how many calls one backend may have at once, running or waiting (the bulkhead); more go to the next card; 1 .. 4096, default 64.</summary>
    public int QueueDepth { get; init; } = 64;

    /// <summary>Gets how many calls must be seen in <see cref="SamplingDuration"/> before the circuit may open; 2 .. 1000, default 8.</summary>
    /// <remarks>A lost device opens its circuit at once: calls can't mend it.</remarks>
    public int CircuitMinimumCalls { get; init; } = 8;

    /// <summary>Gets the share of failed calls that opens the circuit; above 0 .. 1, default 0.5.</summary>
    public double CircuitFailureRatio { get; init; } = 0.5;

    /// <summary>Gets the time over which calls are judged; 0.5 s .. 1 h, default 30 s.</summary>
    public TimeSpan SamplingDuration { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Gets how long an open circuit sends work elsewhere before a probe; it doubles with each probe that fails; 10 ms .. 1 h, default 30 s.</summary>
    public TimeSpan CircuitBreak { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Gets the longest time between two probes; 10 ms .. 24 h, default 5 min (or <see cref="CircuitBreak"/> where that is more).</summary>
    public TimeSpan CircuitBreakMax { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>Gets the seed of the retries' jitter; null, the default, for a random one.</summary>
    public int? JitterSeed { get; init; }

    /// <summary>Gets the clock of all of the above; the system's by default.</summary>
    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;

    /// <summary>Gets how long a backend may take for a call.</summary>
    internal TimeSpan CallLimit => CallTimeout + EndTimeout;

    /// <summary>Gets how long the pipeline around a backend may take: each attempt, and the delays between them, which jitter may double.</summary>
    internal TimeSpan PipelineLimit => (CallLimit * (Retries + 1)) + ((RetryDelayMax > RetryDelay ? RetryDelayMax : RetryDelay) * 2 * Retries) + TimeSpan.FromMinutes(1);

    /// <summary>Gets the time before a probe.</summary>
    /// <param name="failedProbes">Probes that failed since the circuit opened; 0 or more.</param>
    internal TimeSpan BreakBefore(int failedProbes)
    {
        TimeSpan longest = CircuitBreakMax > CircuitBreak ? CircuitBreakMax : CircuitBreak;
        double ticks = CircuitBreak.Ticks * Math.Pow(2, Math.Min(failedProbes, 32));
        return ticks >= longest.Ticks ? longest : TimeSpan.FromTicks((long)ticks);
    }

    /// <summary>Checks the ranges.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A value is outside its range; the message names it.</exception>
    public void Validate()
    {
        ArgumentNullException.ThrowIfNull(TimeProvider);
        Demand(Retries is >= 0 and <= 10, nameof(Retries), Retries, "0 .. 10");
        Demand(RetryDelay >= TimeSpan.Zero && RetryDelay <= TimeSpan.FromSeconds(10), nameof(RetryDelay), RetryDelay, "0 s .. 10 s");
        Demand(RetryDelayMax >= TimeSpan.Zero && RetryDelayMax <= TimeSpan.FromMinutes(1), nameof(RetryDelayMax), RetryDelayMax, "0 s .. 1 min");
        Demand(CallTimeout >= TimeSpan.FromMilliseconds(10) && CallTimeout <= TimeSpan.FromHours(1), nameof(CallTimeout), CallTimeout, "10 ms .. 1 h");
        Demand(EndTimeout >= TimeSpan.FromSeconds(1) && EndTimeout <= TimeSpan.FromHours(24), nameof(EndTimeout), EndTimeout, "1 s .. 24 h");
        Demand(QueueDepth is >= 1 and <= 4096, nameof(QueueDepth), QueueDepth, "1 .. 4096");
        Demand(CircuitMinimumCalls is >= 2 and <= 1000, nameof(CircuitMinimumCalls), CircuitMinimumCalls, "2 .. 1000");
        Demand(CircuitFailureRatio is > 0 and <= 1, nameof(CircuitFailureRatio), CircuitFailureRatio, "above 0 .. 1");
        Demand(SamplingDuration >= TimeSpan.FromSeconds(0.5) && SamplingDuration <= TimeSpan.FromHours(1), nameof(SamplingDuration), SamplingDuration, "500 ms .. 1 h");
        Demand(CircuitBreak >= TimeSpan.FromMilliseconds(10) && CircuitBreak <= TimeSpan.FromHours(1), nameof(CircuitBreak), CircuitBreak, "10 ms .. 1 h");
        Demand(CircuitBreakMax >= TimeSpan.FromMilliseconds(10) && CircuitBreakMax <= TimeSpan.FromHours(24), nameof(CircuitBreakMax), CircuitBreakMax, "10 ms .. 24 h");
    }

    private static void Demand(bool good, string name, object value, string range)
    {
        if (!good)
        {
            throw new ArgumentOutOfRangeException(name, value, $"{name} must be {range}.");
        }
    }
}
