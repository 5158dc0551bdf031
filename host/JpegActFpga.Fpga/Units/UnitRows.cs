namespace JpegActFpga.Fpga.Units;

/// <summary>The rows of a compute unit in a trace: its launches, and the transfers for them.</summary>
/// <param name="Launches">Row of launches.</param>
/// <param name="Transfers">Row of transfers.</param>
internal sealed record UnitRows(string Launches, string Transfers)
{
    /// <summary>Names the rows of a unit.</summary>
    /// <param name="card">Index of the card.</param>
    /// <param name="instance">Name of the unit's instance.</param>
    internal static UnitRows Of(int card, string instance) => new($"card {card} {instance}", $"card {card} {instance} transfers");
}
