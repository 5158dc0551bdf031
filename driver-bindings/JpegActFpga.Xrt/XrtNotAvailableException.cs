namespace JpegActFpga.Xrt;

/// <summary>XRT cannot be used on this machine as it is set up. Immutable: safe from any thread.</summary>
public sealed class XrtNotAvailableException : Exception
{
    /// <summary>Creates the exception from what a probe found.</summary>
    /// <param name="report">A report with a problem.</param>
    public XrtNotAvailableException(XrtRuntimeReport report)
        : base($"{report.Problem} {report.Remedy}")
        => Report = report;

    /// <summary>Gets what was found and tried.</summary>
    public XrtRuntimeReport Report { get; }
}
