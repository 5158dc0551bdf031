using System.Runtime.InteropServices;
using JpegActFpga.Xrt;

namespace JpegActFpga.Cli.Backends;

/// <summary>Finds out what cards XRT has.</summary>
internal static class CardInventory
{
    // Exported by our emulated card's driver plug-in and by no other.
    private const string EmulatedCardExport = "jpegact_card_runs";

    // XRT's C API can't enumerate.
    private const int MostCards = 16;

    /// <summary>Counts the cards: opens and closes each, up to the first that is not there or does not answer.</summary>
    /// <param name="limit">How long one may take.</param>
    /// <returns>How many answered, and what the one after them did where it is there and does not; null where it is not there.</returns>
    /// <exception cref="XrtNotAvailableException">XRT is missing or set up wrongly.</exception>
    internal static (int Count, string? Silent) Count(TimeSpan limit)
    {
        int count = 0;
        try
        {
            while (count < MostCards && LimitedCall.Run(count, "xrtDeviceOpen", limit, () => XrtDevice.IsThere(count)))
            {
                count++;
            }

            return (count, null);
        }
        catch (XrtStuckException error)
        {
            return (count, error.Message);
        }
    }

    /// <summary>Tells whether the cards are emulated. Asks the plug-in that XRT has loaded, so call it after a card was opened.</summary>
    /// <param name="report">XRT's report.</param>
    internal static bool IsEmulated(XrtRuntimeReport report) =>
        report.CorePluginPath is { } plugin
        && NativeLibrary.TryLoad(plugin, out nint library)
        && NativeLibrary.TryGetExport(library, EmulatedCardExport, out _);

    /// <summary>Names XRT and its version.</summary>
    internal static string XrtName() => $"XRT {XrtRuntime.Probe().Version?.ToString() ?? "of unknown version"}";
}
