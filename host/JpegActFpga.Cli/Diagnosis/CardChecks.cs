using JpegActFpga.Cli.Backends;
using JpegActFpga.Cli.Measures;
using JpegActFpga.Cli.Reports;
using JpegActFpga.Xclbin;
using JpegActFpga.Xrt;

namespace JpegActFpga.Cli.Diagnosis;

/// <summary>What the card path needs: XRT, its driver plug-in, a card, an xclbin. Nothing is loaded onto a card in hardware.</summary>
internal static class CardChecks
{
    private const string Reset = "reset the card (xbutil reset), or load its driver anew";

    /// <summary>Runs the checks.</summary>
    /// <param name="xclbin">The xclbin; null where none was named.</param>
    /// <param name="limit">How long a call into a card's driver may take.</param>
    internal static IEnumerable<CheckPart> Run(string? xclbin, TimeSpan limit)
    {
        XrtRuntimeReport report = XrtRuntime.Probe();
        yield return report.LibraryPath is { } library
            ? CheckPart.Ok("XRT", $"{report.Version?.ToString() ?? "version unknown"}, {library}")
            : CheckPart.Warning("XRT", report.Problem ?? "not found", report.Remedy);
        yield return CheckPart.Info("XILINX_XRT", string.IsNullOrEmpty(report.XilinxXrt) ? "not set" : report.XilinxXrt);
        if (report.LibraryPath is not null)
        {
            yield return report.IsUsable
                ? CheckPart.Ok("card driver", report.CorePluginPath ?? "found by XRT")
                : CheckPart.Warning("card driver", report.Problem!, report.Remedy);
        }

        (CheckPart cards, int count) = Cards(report, limit);
        yield return cards;
        (CheckPart file, VerifiedBitstream? bitstream) = Bitstream(xclbin);
        yield return file;
        for (int card = 0; card < count; card++)
        {
            yield return Peer(card, count == 1 ? "peer to peer" : $"peer to peer {card}", bitstream, CardInventory.IsEmulated(report), limit);
        }
    }

    private static (CheckPart Check, int Count) Cards(XrtRuntimeReport report, TimeSpan limit)
    {
        const string Name = "FPGA card";
        if (!report.IsUsable)
        {
            return (CheckPart.Warning(Name, "unknown without XRT", "see above"), 0);
        }

        try
        {
            (int count, string? silent) = CardInventory.Count(limit);
            if (silent is not null)
            {
                return (CheckPart.Warning(Name, $"{silent} {count} before it answered", Reset), count);
            }

            CheckPart check = count == 0
                ? CheckPart.Warning(Name, "none", "check the slot and the driver (lspci, lsmod | grep xocl), or use ./build.sh jpegact, which brings an emulated card")
                : CheckPart.Ok(Name, $"{count} {(CardInventory.IsEmulated(report) ? "EMULATED (C simulation of the HLS kernels on this CPU)" : "in hardware")}");
            return (check, count);
        }
        catch (XrtNotAvailableException error)
        {
            return (CheckPart.Warning(Name, error.Message, error.Report.Remedy), 0);
        }
    }

    private static CheckPart Peer(int card, string name, VerifiedBitstream? bitstream, bool isEmulated, TimeSpan limit)
    {
        try
        {
            PeerToPeer peer = PeerToPeer.Ask(card, bitstream, isEmulated, limit);
            return CheckPart.Info(name, PeerToPeer.Describe(peer.IsGiven, peer.Reason));
        }
        catch (XrtStuckException error)
        {
            return CheckPart.Warning(name, error.Message, Reset);
        }
    }

    private static (CheckPart Check, VerifiedBitstream? Bitstream) Bitstream(string? path)
    {
        const string Name = "xclbin";
        if (path is null)
        {
            return (CheckPart.Warning(Name, "none is named", $"give --xclbin FILE or set {CardOptions.XclbinVariable} (build.sh sets it to the emulated card's)"), null);
        }

        try
        {
            VerifiedBitstream bitstream = BitstreamManifest.Verify(path);
            XclbinPart xclbin = XclbinPart.Of(bitstream);
            return (CheckPart.Ok(Name, $"{path}: {xclbin.Platform}, {xclbin.Target}, sha256 {xclbin.Sha256[..12]} as its manifest says"), bitstream);
        }
        catch (InvalidXclbinException error)
        {
            return (CheckPart.Warning(Name, error.Message, "make it again: ./build.sh"), null);
        }
    }
}
