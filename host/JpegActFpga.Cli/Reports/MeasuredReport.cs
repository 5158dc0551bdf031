namespace JpegActFpga.Cli.Reports;

/// <summary>A report with figures that somebody may publish.</summary>
/// <param name="Command">The command.</param>
internal abstract record MeasuredReport(string Command) : Report(Command)
{
    /// <summary>Gets when, by what and on what the figures were taken.</summary>
    public ProvenancePart Provenance { get; } = ProvenancePart.Now();
}
