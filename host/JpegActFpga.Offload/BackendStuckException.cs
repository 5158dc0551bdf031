namespace JpegActFpga.Offload;

/// <summary>
/// A backend broke its contract: a call did not end, by its own limits or otherwise, within
/// <see cref="Resilience.ResilienceOptions.CallTimeout"/> and <see cref="Resilience.ResilienceOptions.EndTimeout"/>. It may
/// still use the call's tensor and frame, so the engine keeps what is its own or its owners' for good; a caller who gave
/// memory of its own must not free it. Nothing is retried: the process should come to its end.
/// </summary>
public sealed class BackendStuckException : Exception
{
    /// <summary>Initializes a new instance of the <see cref="BackendStuckException"/> class.</summary>
    /// <param name="message">Which backend, and how long it was waited for.</param>
    public BackendStuckException(string message)
        : base(message)
    {
    }
}
