using System.CommandLine;
using System.CommandLine.Invocation;
using JpegActFpga.Training.Native;

namespace JpegActFpga.Cli;

/// <summary>The program's entry.</summary>
internal static class Program
{
    private static readonly ConsoleWriter Error = new(Console.Error, name: null);

    // A training step can't be interrupted; it gets this long to end after SIGINT or SIGTERM.
    private static readonly InvocationConfiguration Configuration = new()
    {
        EnableDefaultExceptionHandler = false,
        ProcessTerminationTimeout = TimeSpan.FromSeconds(30),
        Output = new ConsoleWriter(Console.Out, "standard output"),
        Error = Error,
    };

    /// <summary>Parses the command line and runs the command.</summary>
    /// <param name="args">The command line.</param>
    internal static async Task<int> Main(string[] args)
    {
        // Before there are other threads: commands run on the pool's.
        NativeMemoryTuning.UseOneHeap();
        ParseResult parsed = CommandTree.Build().Parse(args);
        if (parsed.Action is ParseErrorAction)
        {
            string command = parsed.CommandResult.Command is RootCommand ? string.Empty : $" {parsed.CommandResult.Command.Name}";
            IEnumerable<string> messages = parsed.Errors.Select(error => Flatten(error.Message)).Distinct(StringComparer.Ordinal);
            CommandOutput.Diagnose(Error, $"{string.Join("; ", messages)}; see: jpegact{command} --help");
            return (int)ExitCode.Usage;
        }

        try
        {
            return await parsed.InvokeAsync(Configuration).ConfigureAwait(false);
        }
        catch (CliException error)
        {
            // Of --help and --version; commands tell their own.
            CommandOutput.Diagnose(Error, error.Message);
            return (int)error.ExitCode;
        }
    }

    // System.CommandLine spreads lists over several lines.
    private static string Flatten(string message) => string.Join(' ', message.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)).TrimEnd('.');
}
