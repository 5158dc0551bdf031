using JpegActFpga.Cli.Backends;
using JpegActFpga.Cli.Reports;
using JpegActFpga.Xclbin;
using JpegActFpga.Xrt;

namespace JpegActFpga.Cli.Diagnosis;

/// <summary>What the card path needs: XRT, its driver plug-in, a card, an xclbin. Nothing is loaded onto a card.</summary>
internal static class CardChecks
{
    /// <summary>Runs the checks.</summary>
    /// <param name="xclbin">The xclbin; null where none was named.</param>
    internal static IEnumerable<CheckPart> Run(string? xclbin)
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

        yield return Cards(report);
        yield return Bitstream(xclbin);
    }

    private static CheckPart Cards(XrtRuntimeReport report)
    {
        const string Name = "FPGA card";
        if (!report.IsUsable)
        {
            return CheckPart.Warning(Name, "unknown without XRT", "see above");
        }

        try
        {
            int count = CardInventory.Count();
            return count == 0
                ? CheckPart.Warning(Name, "none", "check the slot and the driver (lspci, lsmod | grep xocl), or use ./build.sh jpegact, which brings an emulated card")
                : CheckPart.Ok(Name, $"{count} {(CardInventory.IsEmulated(report) ? "EMULATED (C simulation of the HLS kernels on this CPU)" : "in hardware")}");
        }
        catch (XrtNotAvailableException error)
        {
            return CheckPart.Warning(Name, error.Message, error.Report.Remedy);
        }
    }

    private static CheckPart Bitstream(string? path)
    {
        const string Name = "xclbin";
        if (path is null)
        {
            return CheckPart.Warning(Name, "none is named", $"give --xclbin FILE or set {CardOptions.XclbinVariable} (build.sh sets it to the emulated card's)");
        }

        try
        {
            XclbinPart xclbin = XclbinPart.Of(BitstreamManifest.Verify(path));
            return CheckPart.Ok(Name, $"{path}: {xclbin.Platform}, {xclbin.Target}, sha256 {xclbin.Sha256[..12]} as its manifest says");
        }
        catch (InvalidXclbinException error)
        {
            return CheckPart.Warning(Name, error.Message, "make it again: ./build.sh");
        }
    }
}
