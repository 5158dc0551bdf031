namespace JpegActFpga.Cli.Reports;

/// <summary>What this program depends on, and whether it is here.</summary>
/// <param name="Checks">One entry a dependency.</param>
internal sealed record DoctorReport(IReadOnlyList<CheckPart> Checks) : Report("doctor")
{
    /// <summary>Gets the number of things missing that the CPU path needs.</summary>
    public int Missing => Checks.Count(check => check.Status == CheckPart.MissingStatus);

    /// <summary>Gets the number of things missing that only the card path needs.</summary>
    public int Warnings => Checks.Count(check => check.Status == CheckPart.WarningStatus);

    /// <inheritdoc/>
    internal override void WriteText(TextWriter writer)
    {
        foreach (CheckPart check in Checks)
        {
            writer.WriteLine($"{check.Status,-8} {check.Name,-18} {check.Found}");
            if (check.Remedy is not null)
            {
                writer.WriteLine($"{string.Empty,-8} {string.Empty,-18} -> {check.Remedy}");
            }
        }

        writer.WriteLine(Missing > 0
            ? $"{Missing} missing: training on this processor will not run"
            : Warnings > 0 ? $"{Warnings} warnings: this processor can work, the FPGA card can't" : "everything is here");
    }
}

/// <summary>One dependency.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Status">ok, warning (only the card needs it), missing (training needs it) or info.</param>
/// <param name="Found">Where and which version, or what is wrong.</param>
/// <param name="Remedy">What to do; null where nothing is to be done.</param>
internal sealed record CheckPart(string Name, string Status, string Found, string? Remedy)
{
    /// <summary>It is here.</summary>
    internal const string OkStatus = "ok";

    /// <summary>It is not here, and only the card path needs it.</summary>
    internal const string WarningStatus = "warning";

    /// <summary>It is not here, and the CPU path needs it.</summary>
    internal const string MissingStatus = "missing";

    /// <summary>Neither good nor bad.</summary>
    internal const string InfoStatus = "info";

    /// <summary>It is here.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="found">Where and which version.</param>
    internal static CheckPart Ok(string name, string found) => new(name, OkStatus, found, null);

    /// <summary>Something worth knowing.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="found">What was found.</param>
    internal static CheckPart Info(string name, string found) => new(name, InfoStatus, found, null);

    /// <summary>Only the card path needs it.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="problem">What is wrong.</param>
    /// <param name="remedy">What to do.</param>
    internal static CheckPart Warning(string name, string problem, string? remedy) => new(name, WarningStatus, ErrorText.OneLine(problem), remedy);

    /// <summary>The CPU path needs it.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="problem">What is wrong.</param>
    /// <param name="remedy">What to do.</param>
    internal static CheckPart MissingOne(string name, string problem, string? remedy) => new(name, MissingStatus, ErrorText.OneLine(problem), remedy);
}
