using JpegActFpga.Core.Backends;
using Polly.CircuitBreaker;
using Polly.RateLimiting;
using Polly.Timeout;

namespace JpegActFpga.Offload.Resilience;

/// <summary>Why a device did not do a call.</summary>
/// <param name="Kind">One of a few words, for metrics.</param>
/// <param name="Text">What happened, for people.</param>
internal readonly record struct ResilienceCause(string Kind, string Text)
{
    /// <summary>The device is out of service.</summary>
    /// <param name="because">What took it out, where that is known.</param>
    internal static ResilienceCause CircuitOpen(string? because) => new(nameof(CircuitOpen), $"circuit open after {because ?? "a failure"}");

    /// <summary>Sorts what a pipeline gave.</summary>
    /// <param name="error">The exception.</param>
    /// <param name="outBecause">What took the device out, where it is out.</param>
    internal static ResilienceCause Of(Exception error, string? outBecause) => error switch
    {
        BackendException failure => new(failure.Failure.ToString(), $"{failure.Failure}: {failure.Message}"),
        BrokenCircuitException => CircuitOpen(outBecause),
        RateLimiterRejectedException => new(nameof(ResilienceEvent.QueueFull), "queue full"),
        TimeoutRejectedException late => new(nameof(ResilienceEvent.Timeout), $"timeout: the device was busy for {late.Timeout.TotalSeconds:0.###} s"),
        _ => new(error.GetType().Name, error.Message),
    };
}
