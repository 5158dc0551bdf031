using System.CommandLine;

namespace JpegActFpga.Cli.Backends;

/// <summary>The options that choose a card and what is loaded onto it.</summary>
internal sealed class CardOptions
{
    /// <summary>Environment variable that names the xclbin.</summary>
    internal const string XclbinVariable = "JPEGACT_XCLBIN";

    private readonly Option<int> _device = new("--device")
    {
        Description = "Index of the card, as XRT counts.",
        HelpName = "N",
        DefaultValueFactory = _ => 0,
    };

    private readonly Option<string> _xclbin = new("--xclbin")
    {
        Description = $"The xclbin to load, with its manifest beside it; {XclbinVariable} where this is not given.",
        HelpName = "FILE",
    };

    private readonly Option<long> _deviceMemory = new("--device-memory")
    {
        Description = "Most MiB of buffers on the card; launches wait for each other when they are used up.",
        HelpName = "MIB",
        DefaultValueFactory = _ => 1024,
    };

    /// <summary>Initializes a new instance of the <see cref="CardOptions"/> class and adds the options to a command.</summary>
    /// <param name="command">The command.</param>
    internal CardOptions(Command command)
    {
        _device.Validators.Add(result =>
        {
            if (result.Tokens.Count == 1 && int.TryParse(result.Tokens[0].Value, out int index) && index < 0)
            {
                result.AddError($"--device {index} is below 0");
            }
        });
        command.Add(_device);
        command.Add(_xclbin);
        _deviceMemory.Validators.Add(result =>
        {
            if (result.Tokens.Count == 1 && long.TryParse(result.Tokens[0].Value, out long mebibytes) && mebibytes is < 1 or > 1 << 20)
            {
                result.AddError($"--device-memory {mebibytes} is not 1 .. 1048576");
            }
        });
        command.Add(_deviceMemory);
    }

    /// <summary>Tells whether the user gave one of the options.</summary>
    /// <param name="parsed">The command line.</param>
    internal bool AnyGiven(ParseResult parsed) =>
        parsed.GetResult(_device) is { Implicit: false } || parsed.GetResult(_xclbin) is { Implicit: false } || parsed.GetResult(_deviceMemory) is { Implicit: false };

    /// <summary>Reads the options.</summary>
    /// <param name="parsed">The command line.</param>
    internal CardSelection Read(ParseResult parsed)
    {
        string? xclbin = parsed.GetValue(_xclbin) ?? Environment.GetEnvironmentVariable(XclbinVariable);
        return new CardSelection(parsed.GetValue(_device), string.IsNullOrEmpty(xclbin) ? null : xclbin, parsed.GetValue(_deviceMemory) << 20);
    }
}
