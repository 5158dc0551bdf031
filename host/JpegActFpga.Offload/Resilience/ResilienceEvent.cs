namespace JpegActFpga.Offload.Resilience;

/// <summary>Everything that the engine decides about failures: a closed set, each counted and logged under its name.</summary>
public enum ResilienceEvent
{
    /// <summary>An attempt failed in a way that a repetition may mend: busy, interrupted, an I/O error.</summary>
    TransientFailure,

    /// <summary>An attempt failed because the device did not answer in time or ended in an error.</summary>
    DeviceFault,

    /// <summary>A device said that it had finished, but a check refused its output: size, checksum, CRC or shadow check.</summary>
    CorruptOutput,

    /// <summary>An attempt found the device gone.</summary>
    DeviceLost,

    /// <summary>An attempt ended because a call into the device's driver does not return: it was left behind, and the device is not touched until it has.</summary>
    Unresponsive,

    /// <summary>An attempt waited for the device longer than <see cref="ResilienceOptions.CallTimeout"/>.</summary>
    Timeout,

    /// <summary>The device is well, but the tensor is beyond it.</summary>
    Unsupported,

    /// <summary>A call was repeated on the same device.</summary>
    Retry,

    /// <summary>A call was not given to a device that had <see cref="ResilienceOptions.QueueDepth"/> calls already.</summary>
    QueueFull,

    /// <summary>A call was done by another device, from the untouched source.</summary>
    Fallback,

    /// <summary>A device was taken out of service.</summary>
    CircuitOpened,

    /// <summary>The probe of a device that is out of service begins: half open, for the probe alone.</summary>
    CircuitHalfOpen,

    /// <summary>A device that is out of service was closed and opened anew.</summary>
    Reopened,

    /// <summary>A device that is out of service did not open, or did its probe wrong.</summary>
    ProbeFailed,

    /// <summary>A device did its probe right, byte for byte, and is in service again.</summary>
    CircuitClosed,

    /// <summary>A kept frame could not be had back; the step that needs it is repeated.</summary>
    FrameLost,

    /// <summary>An expansion ahead of need failed; it is done again when its tensor is taken, and where that fails too, it is told.</summary>
    PrefetchFailed,
}

/// <summary>How often a device gave cause to an event.</summary>
/// <param name="Event">What was decided.</param>
/// <param name="Backend">The backend's label: its short name, with its place where several have that name.</param>
/// <param name="Count">How often.</param>
public sealed record ResilienceEventCount(ResilienceEvent Event, string Backend, long Count);
