using System.CommandLine;
using System.Globalization;
using JpegActFpga.Cli.Options;
using JpegActFpga.Fpga;

namespace JpegActFpga.Cli.Backends;

/// <summary>The options that choose cards and what is loaded onto them.</summary>
internal sealed class CardOptions
{
    /// <summary>Environment variable that names the xclbin.</summary>
    internal const string XclbinVariable = "JPEGACT_XCLBIN";

    /// <summary>What an error calls the options of this class.</summary>
    internal const string Names = "--device, --devices, --xclbin, --device-memory, --launch-timeout, --driver-timeout and --launch-blocks";

    private readonly Option<int> _device = new("--device")
    {
        Description = "Index of the card, as XRT counts, 0 or more.",
        HelpName = "N",
        DefaultValueFactory = _ => 0,
    };

    private readonly Option<string> _devices = new("--devices")
    {
        Description = "Several cards, which share the work: their indices with commas, or all.",
        HelpName = "N,N|all",
    };

    private readonly Option<string> _xclbin = new("--xclbin")
    {
        Description = $"The xclbin to load, with its manifest beside it; {XclbinVariable} where this is not given.",
        HelpName = "FILE",
    };

    private readonly Option<TimeSpan?> _launchTimeout = Quantities.Time("--launch-timeout", "How long a launch may take before its compute unit counts as hung, 10ms .. 10min. [default: 20s]");
    private readonly Option<TimeSpan?> _driverTimeout = CommonOptions.DriverTimeout();
    private readonly Option<int?> _launchBlocks = Quantities.Count("--launch-blocks", "Most 8x8 blocks of a launch: a multiple of 64, 64 .. 1048576. [default: 16384]");
    private readonly Option<long?> _deviceMemory = Quantities.Size("--device-memory", "Most bytes of buffers on a card, 1MiB or more; launches wait for each other when they are used up. [default: 1GiB]");
    private readonly RangeErrors _ranges;

    /// <summary>Initializes a new instance of the <see cref="CardOptions"/> class and adds the options to a command.</summary>
    /// <param name="command">The command.</param>
    /// <param name="several">Several cards may be named.</param>
    internal CardOptions(Command command, bool several = false)
    {
        _device.Validators.Add(result =>
        {
            if (result.Tokens.Count == 1 && int.TryParse(result.Tokens[0].Value, out int index) && index < 0)
            {
                result.AddError($"--device {index} is below 0");
            }
        });
        command.Add(_device);
        if (several)
        {
            command.Add(_devices);
        }

        command.Add(_xclbin);
        command.Add(_deviceMemory);
        command.Add(_launchTimeout);
        command.Add(_driverTimeout);
        command.Add(_launchBlocks);
        _ranges = new RangeErrors(new Dictionary<string, Option>
        {
            [nameof(FpgaOptions.LaunchTimeout)] = _launchTimeout,
            [nameof(FpgaOptions.LaunchBlocks)] = _launchBlocks,
            [nameof(FpgaOptions.DeviceMemoryBytes)] = _deviceMemory,
        });
    }

    /// <summary>Tells whether the user gave one of the options.</summary>
    /// <param name="parsed">The command line.</param>
    internal bool AnyGiven(ParseResult parsed) =>
        new Option[] { _device, _devices, _xclbin, _deviceMemory, _launchTimeout, _driverTimeout, _launchBlocks }.Any(parsed.Given);

    /// <summary>Tells whether the user named a card, or what is loaded onto it: then there must be one.</summary>
    /// <param name="parsed">The command line.</param>
    internal bool IsNamed(ParseResult parsed) => new Option[] { _device, _devices, _xclbin }.Any(parsed.Given);

    /// <summary>Reads the options.</summary>
    /// <param name="parsed">The command line.</param>
    /// <exception cref="CliException">A value is refused.</exception>
    internal CardSelection Read(ParseResult parsed)
    {
        string? xclbin = parsed.GetValue(_xclbin) ?? Environment.GetEnvironmentVariable(XclbinVariable);
        xclbin = string.IsNullOrEmpty(xclbin) ? null : xclbin;
        var usual = new FpgaOptions { XclbinPath = xclbin ?? string.Empty };
        FpgaOptions options = usual with
        {
            LaunchTimeout = parsed.GetValue(_launchTimeout) ?? usual.LaunchTimeout,
            DriverTimeout = parsed.DriverTimeoutOf(_driverTimeout),
            OpenTimeout = parsed.DriverTimeoutOf(_driverTimeout) * 4,
            LaunchBlocks = parsed.GetValue(_launchBlocks) ?? usual.LaunchBlocks,
            DeviceMemoryBytes = parsed.GetValue(_deviceMemory) ?? usual.DeviceMemoryBytes,
        };
        _ranges.Check(parsed, options.Validate);
        return new CardSelection(ReadDevices(parsed), xclbin, options);
    }

    private List<int>? ReadDevices(ParseResult parsed)
    {
        if (parsed.GetValue(_devices) is not { } list)
        {
            return [parsed.GetValue(_device)];
        }

        if (parsed.Given(_device))
        {
            throw new CliException(ExitCode.Usage, "--device and --devices exclude each other");
        }

        if (list == "all")
        {
            return null;
        }

        var devices = new List<int>();
        foreach (string text in list.Split(','))
        {
            if (!int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int device) || devices.Contains(device))
            {
                throw new CliException(ExitCode.Usage, $"--devices takes all, or different indices with commas between them such as 0,1, not '{list}'");
            }

            devices.Add(device);
        }

        return devices;
    }
}
