using System.CommandLine;
using JpegActFpga.Codec;
using JpegActFpga.Core.Backends;
using JpegActFpga.Core.Profiles;

namespace JpegActFpga.Cli.Backends;

/// <summary>The options that choose what works on single files, and opening it.</summary>
internal sealed class BackendOption
{
    private readonly CardOptions _card;

    private readonly Option<string> _backend = new("--backend")
    {
        Description = "What does the work: this processor, the FPGA card, or the first GPU.",
        HelpName = "cpu|fpga|gpu",
        DefaultValueFactory = _ => "cpu",
    };

    /// <summary>Initializes a new instance of the <see cref="BackendOption"/> class and adds the options to a command.</summary>
    /// <param name="command">The command.</param>
    internal BackendOption(Command command)
    {
        _backend.AcceptOnlyFromAmong("cpu", "fpga", "gpu");
        command.Add(_backend);
        _card = new CardOptions(command);
    }

    /// <summary>Opens the backend; the caller disposes it.</summary>
    /// <param name="parsed">The command line.</param>
    /// <exception cref="CliException">There is no such device.</exception>
    internal ICodecBackend Open(ParseResult parsed)
    {
        if (parsed.GetRequiredValue(_backend) == "fpga")
        {
            return _card.Read(parsed).Open();
        }

        if (_card.AnyGiven(parsed))
        {
            throw new CliException(ExitCode.Usage, "--device, --xclbin, --device-memory, --launch-timeout, --driver-timeout and --launch-blocks choose a card; add --backend fpga");
        }

        return parsed.GetRequiredValue(_backend) == "gpu" ? new GpuSelection(0, TorchComputes: false).Open() : new CpuBackend();
    }

    /// <summary>Checks that a backend has a method.</summary>
    /// <param name="backend">The backend.</param>
    /// <param name="method">The method.</param>
    /// <exception cref="CliException">It has not.</exception>
    internal static void Demand(ICodecBackend backend, CodecMethod method)
    {
        BackendCapabilities capabilities = backend.Capabilities;
        if (!capabilities.Methods.Contains(method))
        {
            string methods = string.Join(", ", capabilities.Methods.Order().Select(m => m.DisplayName()));
            throw new CliException(ExitCode.Usage, $"backend {capabilities.Name} has no method {method.DisplayName()}, only {methods}; use --backend cpu");
        }
    }
}
