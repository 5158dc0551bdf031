using JpegActFpga.Cli.Backends;

namespace JpegActFpga.Cli.Reports;

/// <summary>The cards, and the xclbin that would be loaded onto them.</summary>
/// <param name="Runtime">XRT and its version.</param>
/// <param name="Cards">The cards; one or more.</param>
/// <param name="Xclbin">The xclbin; null where none was named or it is refused.</param>
/// <param name="XclbinProblem">Why the xclbin is refused; null where it is not.</param>
internal sealed record DevicesReport(string Runtime, IReadOnlyList<CardPart> Cards, XclbinPart? Xclbin, string? XclbinProblem) : Report("devices")
{
    /// <inheritdoc/>
    internal override void WriteText(TextWriter writer)
    {
        foreach (CardPart card in Cards)
        {
            if (card.Problem is not null)
            {
                writer.WriteLine($"card {card.Index}  {(card.Emulated ? "EMULATED" : "hardware")}  {card.Problem}");
                continue;
            }

            writer.WriteLine($"card {card.Index}  {(card.Emulated ? "EMULATED" : "hardware")}  {card.Platform ?? "platform unknown without an xclbin"}, {Runtime}");
            writer.WriteLine($"        peer to peer: {Measures.PeerToPeer.Describe(card.PeerToPeer, card.PeerToPeerRefusal)}");
        }

        if (XclbinProblem is not null)
        {
            writer.WriteLine($"xclbin refused: {XclbinProblem}");
            return;
        }

        if (Xclbin is null)
        {
            writer.WriteLine($"no xclbin is named: give --xclbin FILE or set {CardOptions.XclbinVariable}");
            return;
        }

        writer.WriteLine($"xclbin {Xclbin.Path}");
        var fields = new TextFields(writer, 13);
        fields.Add("platform", Xclbin.Platform);
        fields.Add("target", Xclbin.Target);
        fields.Add("uuid", Xclbin.Uuid.ToString());
        fields.Add("compute units", string.Join(", ", Xclbin.ComputeUnits.Select(kernel => $"{kernel.Key} x{kernel.Value}")));
        fields.Add("banks", string.Join(", ", Xclbin.Banks));
    }
}

/// <summary>A card.</summary>
/// <param name="Index">Its index, as XRT counts.</param>
/// <param name="Emulated">It is this project's emulated card.</param>
/// <param name="Platform">Platform of the xclbin; null without one.</param>
/// <param name="PeerToPeer">Whether the driver gives buffers that others reach over the bus; null where nobody knows.</param>
/// <param name="PeerToPeerRefusal">What it says where it does not, or why nobody knows.</param>
/// <param name="Problem">Why the card is of no use: it does not answer; null where it does.</param>
internal sealed record CardPart(int Index, bool Emulated, string? Platform, bool? PeerToPeer, string? PeerToPeerRefusal, string? Problem);
