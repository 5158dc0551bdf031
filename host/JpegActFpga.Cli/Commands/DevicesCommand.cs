using System.CommandLine;
using JpegActFpga.Cli.Backends;
using JpegActFpga.Cli.Measures;
using JpegActFpga.Cli.Options;
using JpegActFpga.Cli.Reports;
using JpegActFpga.Xclbin;
using JpegActFpga.Xrt;

namespace JpegActFpga.Cli.Commands;

/// <summary>jpegact devices: the cards that XRT has, and the xclbin that would be loaded onto them.</summary>
internal static class DevicesCommand
{
    /// <summary>Makes the command.</summary>
    internal static Command Create()
    {
        Option<bool> json = CommonOptions.Json();
        var xclbin = new Option<string>("--xclbin")
        {
            Description = $"The xclbin to describe, with its manifest beside it; {CardOptions.XclbinVariable} where this is not given.",
            HelpName = "FILE",
        };
        Option<TimeSpan?> timeout = CommonOptions.DriverTimeout();
        var command = new Command("devices", "List the cards that XRT has, and what the xclbin puts on them.") { xclbin, timeout, json };
        command.SetWork(json, (parsed, console, _) =>
        {
            string? path = parsed.GetValue(xclbin) ?? Environment.GetEnvironmentVariable(CardOptions.XclbinVariable);
            DevicesReport report = List(string.IsNullOrEmpty(path) ? null : path, parsed.DriverTimeoutOf(timeout));
            console.Write(report, ReportJson.Default.DevicesReport);
            return Task.FromResult(report.XclbinProblem is null && report.Cards.All(card => card.Problem is null) ? ExitCode.Good : ExitCode.Failed);
        });
        return command;
    }

    // Loads nothing onto a card in hardware: another process may be using it.
    private static DevicesReport List(string? path, TimeSpan limit)
    {
        int count;
        string? silent;
        try
        {
            (count, silent) = CardInventory.Count(limit);
        }
        catch (XrtNotAvailableException error)
        {
            throw new CliException(ExitCode.NoDevice, error.Message);
        }

        if (count == 0 && silent is null)
        {
            throw new CliException(ExitCode.NoDevice, $"{CardInventory.XrtName()} has no card; check that it is in its slot and that its driver is loaded (lspci, lsmod | grep xocl), or use ./build.sh jpegact, which brings an emulated one");
        }

        (VerifiedBitstream? bitstream, string? problem) = Verify(path);
        bool emulated = CardInventory.IsEmulated(XrtRuntime.Probe());
        CardPart Describe(int index)
        {
            try
            {
                PeerToPeer peer = PeerToPeer.Ask(index, bitstream, emulated, limit);
                return new CardPart(index, emulated, bitstream?.File.Platform, peer.IsGiven, peer.Reason, null);
            }
            catch (XrtStuckException error)
            {
                return new CardPart(index, emulated, bitstream?.File.Platform, null, null, error.Message);
            }
        }

        List<CardPart> cards = [.. Enumerable.Range(0, count).Select(Describe)];
        if (silent is not null)
        {
            cards.Add(new CardPart(count, emulated, null, null, null, $"{silent} Cards after it can't be told."));
        }

        return new DevicesReport(CardInventory.XrtName(), cards, bitstream is null ? null : XclbinPart.Of(bitstream), problem);
    }

    private static (VerifiedBitstream? Bitstream, string? Problem) Verify(string? path)
    {
        if (path is null)
        {
            return (null, null);
        }

        try
        {
            return (BitstreamManifest.Verify(path), null);
        }
        catch (InvalidXclbinException error)
        {
            return (null, ErrorText.OneLine(error.Message));
        }
    }
}
