using System.CommandLine;
using System.Globalization;
using JpegActFpga.Training.Native;

namespace JpegActFpga.Cli.Backends;

/// <summary>The options that say where torch computes, and with which libtorch.</summary>
internal sealed class ComputeOptions
{
    private const string Processor = "cpu";
    private const string Cuda = "cuda";

    private readonly Option<string> _compute = new("--compute")
    {
        Description = "Where torch trains: this processor, or a GPU by its index.",
        HelpName = "cpu|cuda[:N]",
        DefaultValueFactory = _ => Processor,
    };

    private readonly Option<string> _libtorch = new("--libtorch")
    {
        Description = $"Folder of another libtorch, such as the lib folder of a Python torch with CUDA; {TorchLibraries.FolderVariable} where this is not given.",
        HelpName = "DIR",
    };

    /// <summary>Initializes a new instance of the <see cref="ComputeOptions"/> class and adds the options to a command.</summary>
    /// <param name="command">The command.</param>
    internal ComputeOptions(Command command)
    {
        command.Add(_compute);
        command.Add(_libtorch);
    }

    /// <summary>Reads where torch computes, and chooses the libtorch.</summary>
    /// <param name="parsed">The command line.</param>
    /// <returns>The GPU's index, or null for this processor.</returns>
    /// <exception cref="CliException">A value is refused.</exception>
    internal int? Read(ParseResult parsed)
    {
        if (parsed.GetValue(_libtorch) is { } folder)
        {
            UseLibTorch(folder);
        }

        return Gpu(parsed);
    }

    /// <summary>Reads where torch computes.</summary>
    /// <param name="parsed">The command line.</param>
    /// <returns>The GPU's index, or null for this processor.</returns>
    /// <exception cref="CliException">The value is refused.</exception>
    internal int? Gpu(ParseResult parsed)
    {
        string compute = parsed.GetRequiredValue(_compute);
        string[] parts = compute.Split(':', 2);
        return parts[0] switch
        {
            Processor when parts.Length == 1 => null,
            Cuda when parts.Length == 1 => 0,
            Cuda when int.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out int index) => index,
            _ => throw new CliException(ExitCode.Usage, $"--compute takes cpu, cuda or cuda:N, not '{compute}'"),
        };
    }

    private static void UseLibTorch(string folder)
    {
        try
        {
            TorchLibraries.Use(folder);
        }
        catch (DllNotFoundException error)
        {
            throw new CliException(ExitCode.Failed, $"--libtorch: {error.Message}");
        }
    }
}
