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
        Option<TimeSpan?> timeout = CommonOptions.DriverTimeout();
        Option<bool> json = CommonOptions.Json();
        Demand(device, 0, int.MaxValue);
        Demand(largest, 1, MostMiB);
        Demand(transfers, 5, 1_000_000);
        var command = new Command("link", "Measure transfers between host and card: time, bandwidth, both directions at once.") { device, xclbin, largest, transfers, timeout, json };
        command.SetWork(json, async (parsed, console, cancellationToken) =>
        {
            string? path = parsed.GetValue(xclbin) ?? Environment.GetEnvironmentVariable(CardOptions.XclbinVariable);
            if (string.IsNullOrEmpty(path))
            {
                throw new CliException(ExitCode.NoDevice, $"no xclbin is named, and a card without one has no memory; give --xclbin FILE or set {CardOptions.XclbinVariable}");
            }

            var work = new LinkWork(parsed.GetValue(device), path, parsed.GetValue(largest) << 20, parsed.GetValue(transfers));
            console.Write(await MeasureAsync(work, parsed.DriverTimeoutOf(timeout), cancellationToken).ConfigureAwait(false), ReportJson.Default.LinkReport);
            return ExitCode.Good;
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

    // On a thread that may be left behind, with all that it has open.
    private static async Task<LinkReport> MeasureAsync(LinkWork work, TimeSpan limit, CancellationToken cancellationToken)
    {
        var stuck = new TaskCompletionSource<LinkReport>(TaskCreationOptions.RunContinuationsAsynchronously);
        using var watch = new XrtWatch(work.Card, limit);
        WatchedThread Watched() => watch.Add(error => stuck.TrySetException(new CliException(ExitCode.Failed, error.Message)));
        Task<LinkReport> measuring = Task.Factory.StartNew(() => Measure(work, limit, Watched, cancellationToken), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        return await (await Task.WhenAny(measuring, stuck.Task).ConfigureAwait(false)).ConfigureAwait(false);
    }

    private static LinkReport Measure(LinkWork work, TimeSpan limit, Func<WatchedThread> watched, CancellationToken cancellationToken)
    {
        (VerifiedBitstream bitstream, XrtDevice device) = Open(work, limit);
        try
        {
            int bank = LimitedCall.Run(work.Card, "loading", limit * 4, () => PeerToPeer.BankOf(device, device.LoadXclbin(work.Path), bitstream));
            PeerToPeer peer = LimitedCall.Run(work.Card, "asking for a peer-to-peer buffer", limit, () => PeerToPeer.Ask(device, bank));
            WatchedThread calls = watched();
            var measure = new LinkMeasure(device, bank, work.Transfers, Patience, calls, watched);
            var rows = new List<LinkRow>();
            for (long bytes = SmallestBytes; bytes <= work.Largest; bytes *= 4)
            {
                rows.Add(measure.Measure((int)bytes, cancellationToken));
            }

            calls.TryEnd();
            bool emulated = CardInventory.IsEmulated(XrtRuntime.Probe());
            string on = emulated ? "EMULATED CARD: a transfer is a memcpy on this CPU, no link is involved" : "a card, through its driver";
            return new LinkReport(work.Card, emulated, on, CardInventory.XrtName(), XclbinPart.Of(bitstream), bank, peer.IsGiven == true, peer.Reason, rows);
        }
        catch (InvalidXclbinException error)
        {
            throw new CliException(ExitCode.Failed, error.Message);
        }
        catch (XrtException error)
        {
            throw new CliException(ExitCode.Failed, $"card {work.Card}: {error.Message}");
        }
        finally
        {
            LimitedCall.TryClose(work.Card, "closing", limit, device.Dispose);
        }
    }

    private static (VerifiedBitstream Bitstream, XrtDevice Device) Open(LinkWork work, TimeSpan limit)
    {
        try
        {
            VerifiedBitstream bitstream = BitstreamManifest.Verify(work.Path);
            return (bitstream, LimitedCall.Run(work.Card, "xrtDeviceOpen", limit, () => XrtDevice.Open(work.Card), late => late.Dispose()));
        }
        catch (InvalidXclbinException error)
        {
            throw new CliException(ExitCode.Failed, error.Message);
        }
        catch (XrtNotAvailableException error)
        {
            throw new CliException(ExitCode.NoDevice, error.Message);
        }
        catch (XrtStuckException error)
        {
            throw new CliException(ExitCode.Failed, error.Message);
        }
        catch (XrtException error)
        {
            throw new CliException(ExitCode.NoDevice, $"there is no card {work.Card}: {error.Message}");
        }
    }

    /// <summary>What is to be measured.</summary>
    /// <param name="Card">Index of the card.</param>
    /// <param name="Path">The xclbin.</param>
    /// <param name="Largest">Bytes of the largest transfer.</param>
    /// <param name="Transfers">Most transfers of a size and direction.</param>
    private sealed record LinkWork(int Card, string Path, int Largest, int Transfers);
}
