using System.CommandLine;
using JpegActFpga.Cli.Backends;
using JpegActFpga.Cli.Measures;
using JpegActFpga.Cli.Options;
using JpegActFpga.Cli.Reports;
using JpegActFpga.Xclbin;
using JpegActFpga.Xrt;

namespace JpegActFpga.Cli.Commands;

/// <summary>jpegact link: bandwidth and latency between host and card.</summary>
internal static class LinkCommand
{
    private const int SmallestBytes = 4096;
    private const int MostMiB = 1024;
    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(200);

    /// <summary>Makes the command.</summary>
    internal static Command Create()
    {
        var device = new Option<int>("--device") { Description = "Index of the card, as XRT counts, 0 or more.", HelpName = "N", DefaultValueFactory = _ => 0 };
        var xclbin = new Option<string>("--xclbin") { Description = $"The xclbin to load, with its manifest beside it; {CardOptions.XclbinVariable} where this is not given.", HelpName = "FILE" };
        var largest = new Option<int>("--largest") { Description = $"MiB of the largest transfer, 1 .. {MostMiB}; sizes go up from 4 KiB by factors of 4.", HelpName = "MIB", DefaultValueFactory = _ => 64 };
        var transfers = new Option<int>("--transfers") { Description = "Most timed transfers of a size and direction, 5 .. 1000000; some 0.2 s are enough where they take longer.", HelpName = "N", DefaultValueFactory = _ => 2000 };
        Option<bool> json = CommonOptions.Json();
        Demand(device, 0, int.MaxValue);
        Demand(largest, 1, MostMiB);
        Demand(transfers, 5, 1_000_000);
        var command = new Command("link", "Measure transfers between host and card: time, bandwidth, both directions at once.") { device, xclbin, largest, transfers, json };
        command.SetWork(json, (parsed, console, cancellationToken) =>
        {
            string? path = parsed.GetValue(xclbin) ?? Environment.GetEnvironmentVariable(CardOptions.XclbinVariable);
            if (string.IsNullOrEmpty(path))
            {
                throw new CliException(ExitCode.NoDevice, $"no xclbin is named, and a card without one has no memory; give --xclbin FILE or set {CardOptions.XclbinVariable}");
            }

            LinkReport report = Measure(parsed.GetValue(device), path, parsed.GetValue(largest) << 20, parsed.GetValue(transfers), cancellationToken);
            console.Write(report, ReportJson.Default.LinkReport);
            return Task.FromResult(ExitCode.Good);
        });
        return command;
    }

    private static void Demand(Option<int> option, int least, int most) => option.Validators.Add(result =>
    {
        if (result.Tokens.Count == 1 && int.TryParse(result.Tokens[0].Value, out int value) && (value < least || value > most))
        {
            result.AddError($"{option.Name} {value} is not {least} .. {most}");
        }
    });

    private static LinkReport Measure(int index, string path, int largest, int transfers, CancellationToken cancellationToken)
    {
        VerifiedBitstream bitstream;
        XrtDevice device;
        try
        {
            bitstream = BitstreamManifest.Verify(path);
            device = XrtDevice.Open(index);
        }
        catch (InvalidXclbinException error)
        {
            throw new CliException(ExitCode.Failed, error.Message);
        }
        catch (XrtNotAvailableException error)
        {
            throw new CliException(ExitCode.NoDevice, error.Message);
        }
        catch (XrtException error)
        {
            throw new CliException(ExitCode.NoDevice, $"there is no card {index}: {error.Message}");
        }

        using (device)
        {
            try
            {
                Guid uuid = device.LoadXclbin(path);
                int bank = PeerToPeer.BankOf(device, uuid, bitstream);
                PeerToPeer peer = PeerToPeer.Ask(device, bank);
                var measure = new LinkMeasure(device, bank, transfers, Patience);
                var rows = new List<LinkRow>();
                for (long bytes = SmallestBytes; bytes <= largest; bytes *= 4)
                {
                    rows.Add(measure.Measure((int)bytes, cancellationToken));
                }

                bool emulated = CardInventory.IsEmulated(XrtRuntime.Probe());
                string on = emulated ? "EMULATED CARD: a transfer is a memcpy on this CPU, no link is involved" : "a card, through its driver";
                return new LinkReport(index, emulated, on, CardInventory.XrtName(), bitstream.File.Platform, bank, peer.IsGiven == true, peer.Reason, rows);
            }
            catch (XrtException error)
            {
                throw new CliException(ExitCode.Failed, $"card {index}: {error.Message}");
            }
        }
    }
}
