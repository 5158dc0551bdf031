namespace JpegActFpga.Cli.Reports;

/// <summary>Rows of cells in columns as wide as their widest cell; the first column to the left, the others to the right.</summary>
internal sealed class TextTable
{
    private readonly List<string[]> _rows = [];

    /// <summary>Adds a row.</summary>
    /// <param name="cells">Its cells.</param>
    internal void Add(params string[] cells) => _rows.Add(cells);

    /// <summary>Writes the rows, two spaces between columns.</summary>
    /// <param name="writer">Where to.</param>
    internal void Write(TextWriter writer)
    {
        int columns = _rows.Max(row => row.Length);
        int[] widths = [.. Enumerable.Range(0, columns).Select(column => _rows.Max(row => column < row.Length ? row[column].Length : 0))];
        foreach (string[] row in _rows)
        {
            writer.WriteLine(string.Join("  ", row.Select((cell, column) => column == 0 ? cell.PadRight(widths[0]) : cell.PadLeft(widths[column]))).TrimEnd());
        }
    }
}
