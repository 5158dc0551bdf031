namespace JpegActFpga.Core.Backends;

/// <summary>What a failure of a backend calls for.</summary>
public enum BackendFailure
{
    /// <summary>The same call may succeed if repeated (busy, interrupted, an I/O error).</summary>
    Transient,

    /// <summary>The device did not answer in time, ended in an error, or gave output that its own checks refuse.</summary>
    DeviceFault,

    /// <summary>The device said that it had finished, but a check outside it refused its output: size, CRC, or comparison with the reference.</summary>
    CorruptOutput,

    /// <summary>The device is gone or unusable until someone acts.</summary>
    DeviceLost,

    /// <summary>A call into the device's driver does not return and was left behind; the device is unusable until it does.</summary>
    Unresponsive,

    /// <summary>The device is well, but this tensor is beyond it; another backend can do it.</summary>
    Unsupported,
}

/// <summary>The hardware behind a backend failed; the tensor and the frame that went in are untouched.</summary>
public sealed class BackendException : Exception
{
    /// <summary>Initializes a new instance of the <see cref="BackendException"/> class.</summary>
    /// <param name="failure">What the failure calls for.</param>
    /// <param name="message">Device, call and value.</param>
    /// <param name="inner">The cause, if there is one.</param>
    public BackendException(BackendFailure failure, string message, Exception? inner = null)
        : base(message, inner) => Failure = failure;

    /// <summary>Gets what the failure calls for.</summary>
    public BackendFailure Failure { get; }
}
