namespace JpegActFpga.Cli.Reports;

/// <summary>Writes labelled lines under a heading, values in one column.</summary>
/// <param name="writer">Where to.</param>
/// <param name="labelWidth">Columns of the longest label.</param>
internal readonly struct TextFields(TextWriter writer, int labelWidth)
{
    /// <summary>Writes one line.</summary>
    /// <param name="label">The label.</param>
    /// <param name="value">The value.</param>
    internal void Add(string label, string value) => writer.WriteLine($"  {label.PadRight(labelWidth)}  {value}");
}
