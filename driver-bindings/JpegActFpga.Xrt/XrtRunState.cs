namespace JpegActFpga.Xrt;

/// <summary>State of a run; the values are ert_cmd_state of XRT's ert.h.</summary>
public enum XrtRunState
{
    /// <summary>Not known: no state of XRT's.</summary>
    None = 0,

    /// <summary>Opened, never started.</summary>
    New = 1,

    /// <summary>Given to the driver, waits for a compute unit.</summary>
    Queued = 2,

    /// <summary>A compute unit works on it.</summary>
    Running = 3,

    /// <summary>Finished well: the only state in which the results may be used.</summary>
    Completed = 4,

    /// <summary>The driver or the card reports an error.</summary>
    Error = 5,

    /// <summary>Given up, for instance because the card was reset or removed.</summary>
    Aborted = 6,

    /// <summary>On its way to a compute unit.</summary>
    Submitted = 7,

    /// <summary>The driver's own watchdog gave it up and reset the compute unit.</summary>
    DriverTimeout = 8,

    /// <summary>The driver's own watchdog gave it up and could not reset the compute unit.</summary>
    NoResponse = 9,

    /// <summary>A soft kernel returned an error.</summary>
    SoftKernelError = 10,

    /// <summary>A soft kernel crashed.</summary>
    SoftKernelCrashed = 11,
}
