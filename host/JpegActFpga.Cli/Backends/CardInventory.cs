using System.Runtime.InteropServices;
using JpegActFpga.Xrt;

namespace JpegActFpga.Cli.Backends;

/// <summary>Finds out what cards XRT has.</summary>
internal static class CardInventory
{
    // Exported by our emulated card's driver plug-in and by no other.
    private const string EmulatedCardExport = "jpegact_card_runs";

    /// <summary>Counts the cards.</summary>
    /// <exception cref="XrtNotAvailableException">XRT is missing or set up wrongly.</exception>
    internal static int Count() => XrtDevice.Count();

    /// <summary>Tells whether the cards are emulated. Asks the plug-in that XRT has loaded, so call it after a card was opened.</summary>
    /// <param name="report">XRT's report.</param>
    internal static bool IsEmulated(XrtRuntimeReport report) =>
        report.CorePluginPath is { } plugin
        && NativeLibrary.TryLoad(plugin, out nint library)
        && NativeLibrary.TryGetExport(library, EmulatedCardExport, out _);

    /// <summary>Names XRT and its version.</summary>
    internal static string XrtName() => $"XRT {XrtRuntime.Probe().Version?.ToString() ?? "of unknown version"}";
}
