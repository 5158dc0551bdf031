using System.Globalization;

namespace JpegActFpga.Cli.Reports;

/// <summary>What the link between host and card does.</summary>
/// <param name="Card">Index of the card.</param>
/// <param name="Emulated">It is this project's emulated card: no link is involved.</param>
/// <param name="MeasuredOn">What the figures are of, in words.</param>
/// <param name="Runtime">XRT and its version.</param>
/// <param name="Xclbin">The xclbin: the link of a card is its shell's, which a platform names.</param>
/// <param name="Bank">Memory bank on the card.</param>
/// <param name="PeerToPeer">Whether the driver gives buffers that others reach over the bus.</param>
/// <param name="PeerToPeerRefusal">What it says where it does not.</param>
/// <param name="Rows">One entry a size.</param>
internal sealed record LinkReport(
    int Card,
    bool Emulated,
    string MeasuredOn,
    string Runtime,
    XclbinPart Xclbin,
    int Bank,
    bool PeerToPeer,
    string? PeerToPeerRefusal,
    IReadOnlyList<LinkRow> Rows) : MeasuredReport("link")
{
    /// <summary>Gets the platform of the xclbin.</summary>
    public string Platform => Xclbin.Platform;

    /// <inheritdoc/>
    internal override void WriteText(TextWriter writer)
    {
        writer.WriteLine($"card {Card}: {Platform}, {Runtime}, memory bank {Bank}");
        writer.WriteLine($"measured on: {MeasuredOn}");
        writer.WriteLine($"taken: {Provenance}");
        writer.WriteLine($"peer to peer: {Measures.PeerToPeer.Describe(PeerToPeer, PeerToPeerRefusal)}");
        var table = new TextTable();
        table.Add("bytes", "to card us p50", "p90", "p99", "GB/s", "from card us p50", "p90", "p99", "GB/s", "both GB/s", "memcpy GB/s");
        foreach (LinkRow row in Rows)
        {
            table.Add(
                row.Bytes.ToString(CultureInfo.InvariantCulture),
                Time(row.ToCard.P50Microseconds), Time(row.ToCard.P90Microseconds), Time(row.ToCard.P99Microseconds), Rate(row.ToCard.BytesPerSecond),
                Time(row.FromCard.P50Microseconds), Time(row.FromCard.P90Microseconds), Time(row.FromCard.P99Microseconds), Rate(row.FromCard.BytesPerSecond),
                Rate(row.BothBytesPerSecond), Rate(row.HostCopy.BytesPerSecond));
        }

        table.Write(writer);
    }

    private static string Time(double microseconds) => microseconds.ToString(microseconds < 100 ? "0.00" : "0", CultureInfo.InvariantCulture);

    private static string Rate(double bytesPerSecond) => (bytesPerSecond / 1e9).ToString("0.00", CultureInfo.InvariantCulture);
}

/// <summary>One size.</summary>
/// <param name="Bytes">Bytes of a transfer.</param>
/// <param name="ToCard">Transfers to the card, one at a time.</param>
/// <param name="FromCard">Transfers from the card, one at a time.</param>
/// <param name="BothBytesPerSecond">Both directions at once, added up.</param>
/// <param name="HostCopy">A copy in host memory: what no transfer of this program can pass on an emulated card.</param>
internal sealed record LinkRow(int Bytes, LinkTimes ToCard, LinkTimes FromCard, double BothBytesPerSecond, LinkTimes HostCopy);

/// <summary>Times of one kind of transfer.</summary>
/// <param name="Transfers">How many were timed.</param>
/// <param name="P50Microseconds">Half took no longer.</param>
/// <param name="P90Microseconds">Nine of ten took no longer.</param>
/// <param name="P99Microseconds">99 of 100 took no longer.</param>
/// <param name="BytesPerSecond">Bytes over the median time.</param>
internal sealed record LinkTimes(int Transfers, double P50Microseconds, double P90Microseconds, double P99Microseconds, double BytesPerSecond)
{
    /// <summary>Sums times up.</summary>
    /// <param name="bytes">Bytes of a transfer.</param>
    /// <param name="microseconds">Their times; one or more.</param>
    internal static LinkTimes Of(int bytes, List<double> microseconds)
    {
        double[] sorted = [.. microseconds.Order()];
        double At(double share) => sorted[Math.Max(0, (int)Math.Ceiling(share * sorted.Length) - 1)];
        return new LinkTimes(sorted.Length, At(0.5), At(0.9), At(0.99), bytes / (At(0.5) * 1e-6));
    }
}
