using JpegActFpga.Fpga;
using JpegActFpga.Xclbin;
using JpegActFpga.Xrt;

namespace JpegActFpga.Cli.Backends;

/// <summary>Cards and their xclbin, as the user chose them.</summary>
/// <param name="Devices">Indices of the cards, one or more; null for all that there are.</param>
/// <param name="Xclbin">The xclbin; null where none was named.</param>
/// <param name="Usual">How the cards are used, but for which one and what is loaded onto it.</param>
internal sealed record CardSelection(IReadOnlyList<int>? Devices, string? Xclbin, FpgaOptions Usual)
{
    private const string OpenFunction = "xrtDeviceOpen";

    /// <summary>Gives the indices of the cards, after asking XRT where the user wants all.</summary>
    /// <exception cref="CliException">There is none.</exception>
    internal IReadOnlyList<int> FindDevices()
    {
        if (Devices is not null)
        {
            return Devices;
        }

        try
        {
            (int count, string? silent) = CardInventory.Count(Usual.DriverTimeout);
            if (silent is not null)
            {
                throw new CliException(ExitCode.Failed, silent);
            }

            return count > 0 ? [.. Enumerable.Range(0, count)] : throw new CliException(ExitCode.NoDevice, $"{CardInventory.XrtName()} has no card");
        }
        catch (XrtNotAvailableException error)
        {
            throw new CliException(ExitCode.NoDevice, error.Message);
        }
    }

    /// <summary>Opens the only card and loads the xclbin; the caller disposes it.</summary>
    /// <param name="adjust">Changes how the card is used; null for the default.</param>
    /// <exception cref="CliException">There is no card (exit status 3), or it or its xclbin is refused (1).</exception>
    internal FpgaBackend Open(Func<FpgaOptions, FpgaOptions>? adjust = null) => Open(FindDevices()[0], adjust);

    /// <summary>Opens a card and loads the xclbin; the caller disposes it.</summary>
    /// <param name="device">Index of the card.</param>
    /// <param name="adjust">Changes how the card is used; null for the default.</param>
    /// <exception cref="CliException">There is no card (exit status 3), or it or its xclbin is refused (1).</exception>
    internal FpgaBackend Open(int device, Func<FpgaOptions, FpgaOptions>? adjust = null)
    {
        if (Xclbin is null)
        {
            string runtime = XrtRuntime.Probe() is { Problem: { } problem } report ? $"; XRT can't be used either: {problem} {report.Remedy}" : string.Empty;
            throw new CliException(ExitCode.NoDevice, $"no xclbin is named; give --xclbin FILE or set {CardOptions.XclbinVariable} (build.sh sets it to the emulated card's){runtime}");
        }

        try
        {
            // A card is opened anew after a failure: units that hang would hang again, and leak their buffers again.
            XrtDiagnostics.ReclaimLeaked(device, Usual.OpenTimeout);
            if (XrtDiagnostics.HangingRuns(device) is > 0 and int hanging)
            {
                throw new CliException(ExitCode.Failed, $"card {device} can't be used: {hanging} launches still hang on it; reset it (xbutil reset)");
            }

            FpgaOptions options = Usual with { XclbinPath = Xclbin, DeviceIndex = device };
            return FpgaBackend.Open(adjust?.Invoke(options) ?? options);
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
            throw error.Function == OpenFunction
                ? new CliException(ExitCode.NoDevice, $"there is no card {device}: {error.Message}")
                : new CliException(ExitCode.Failed, $"card {device} can't be used: {error.Message}");
        }
    }
}
