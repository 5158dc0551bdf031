namespace JpegActFpga.Cli.Reports;

/// <summary>What a frame's file holds.</summary>
/// <param name="File">The file.</param>
/// <param name="FileBytes">Its bytes.</param>
/// <param name="Verdict">valid or refused.</param>
/// <param name="Reason">Why it is refused; null where it is not.</param>
/// <param name="Frame">The frame; null where it is refused.</param>
internal sealed record InspectReport(string File, long FileBytes, string Verdict, string? Reason, FramePart? Frame) : Report("inspect")
{
    /// <summary>Verdict on a frame that passed every check.</summary>
    internal const string Valid = "valid";

    /// <summary>Verdict on anything else.</summary>
    internal const string Refused = "refused";

    /// <inheritdoc/>
    internal override void WriteText(TextWriter writer)
    {
        writer.WriteLine($"{File}: {Verdict}");
        if (Frame is null)
        {
            new TextFields(writer, 6).Add("reason", Reason ?? string.Empty);
            return;
        }

        var fields = new TextFields(writer, 8);
        fields.Add("format", $"JAC1 version {Frame.Version}");
        fields.Add("tensor", Frame.Tensor.ToString());
        fields.Add("settings", Frame.Settings.ToString());
        fields.Add("flags", Frame switch
        {
            { NonNegative: true } => "non-negative",
            { NonFinite: true } => "non-finite: stored raw because the tensor holds a NaN or an infinity",
            _ => "none",
        });
        fields.Add("blocks", $"{Frame.Blocks:N0} in {Frame.Tiles:N0} tiles");
        fields.Add("size", $"{Numbers.Bytes(FileBytes)}, ratio {Numbers.Ratio(Frame.Ratio)}");
        foreach (SectionPart section in Frame.Sections)
        {
            writer.WriteLine($"    {section.Name,-14} {section.Bytes,15:N0} bytes at {section.Offset:N0}");
        }

        if (Frame.Table is { } table)
        {
            fields.Add("table", $"{Frame.Settings.Table}: shifts, row = vertical frequency, column = horizontal");
            foreach (int[] row in table)
            {
                writer.WriteLine($"    {string.Join(' ', row)}");
            }
        }
    }
}

/// <summary>A checked frame.</summary>
/// <param name="Version">Version of the format.</param>
/// <param name="Tensor">The tensor.</param>
/// <param name="Settings">How it was made.</param>
/// <param name="Table">The shifts, 8 rows (vertical frequency) of 8; null without a quantiser.</param>
/// <param name="NonNegative">No element is below zero.</param>
/// <param name="NonFinite">Stored raw because of a NaN or an infinity.</param>
/// <param name="Blocks">Blocks of 64 values.</param>
/// <param name="Tiles">Tiles of up to 64 blocks.</param>
/// <param name="Scales">Scales.</param>
/// <param name="Ratio">Bytes of the tensor over bytes of the frame.</param>
/// <param name="Sections">The sections in order, without the padding between them.</param>
internal sealed record FramePart(
    int Version,
    TensorPart Tensor,
    SettingsPart Settings,
    int[][]? Table,
    bool NonNegative,
    bool NonFinite,
    long Blocks,
    long Tiles,
    long Scales,
    double Ratio,
    IReadOnlyList<SectionPart> Sections);

/// <summary>A section of a frame.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Offset">Its first byte.</param>
/// <param name="Bytes">Its bytes.</param>
internal sealed record SectionPart(string Name, long Offset, long Bytes);
