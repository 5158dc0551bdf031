using JpegActFpga.Core.Profiles;

namespace JpegActFpga.Cli.Reports;

/// <summary>Finds the name of a table, which frames do not store.</summary>
internal static class ShiftTableNames
{
    /// <summary>Gives the built-in table's name that has these shifts, the most telling first, or "custom".</summary>
    /// <param name="shifts">The shifts.</param>
    internal static string Of(ShiftTable shifts) =>
        Enumerable.Empty<ShiftTable>()
            .Append(ShiftTables.OptsLow)
            .Append(ShiftTables.OptsHigh)
            .Concat(Enumerable.Range(0, ShiftTable.MaxShift + 1).Select(ShiftTables.Flat))
            .Concat(Enumerable.Range(1, 100).Select(ShiftTables.Jpeg))
            .FirstOrDefault(table => table.Equals(shifts))?.Name ?? "custom";
}
