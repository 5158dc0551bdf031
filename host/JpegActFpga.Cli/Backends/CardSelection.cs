using JpegActFpga.Fpga;
using JpegActFpga.Xclbin;
using JpegActFpga.Xrt;

namespace JpegActFpga.Cli.Backends;

/// <summary>A card and its xclbin, as the user chose them.</summary>
/// <param name="Device">Index of the card.</param>
/// <param name="Xclbin">The xclbin; null where none was named.</param>
/// <param name="DeviceMemoryBytes">Most bytes of buffers on the card.</param>
internal sealed record CardSelection(int Device, string? Xclbin, long DeviceMemoryBytes)
{
    private const string OpenFunction = "xrtDeviceOpen";

    /// <summary>Opens the card and loads the xclbin; the caller disposes it.</summary>
    /// <param name="adjust">Changes how the card is used; null for the default.</param>
    /// <exception cref="CliException">There is no card (exit status 3), or it or its xclbin is refused (1).</exception>
    internal FpgaBackend Open(Func<FpgaOptions, FpgaOptions>? adjust = null)
    {
        if (Xclbin is null)
        {
            string runtime = XrtRuntime.Probe() is { Problem: { } problem } report ? $"; XRT can't be used either: {problem} {report.Remedy}" : string.Empty;
            throw new CliException(ExitCode.NoDevice, $"no xclbin is named; give --xclbin FILE or set {CardOptions.XclbinVariable} (build.sh sets it to the emulated card's){runtime}");
        }

        try
        {
            var options = new FpgaOptions { XclbinPath = Xclbin, DeviceIndex = Device, DeviceMemoryBytes = DeviceMemoryBytes };
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
                ? new CliException(ExitCode.NoDevice, $"there is no card {Device}: {error.Message}")
                : new CliException(ExitCode.Failed, $"card {Device} can't be used: {error.Message}");
        }
    }
}
