using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;

namespace JpegActFpga.Cli;

/// <summary>Adds examples and exit codes below the help that System.CommandLine writes.</summary>
/// <param name="standard">What writes the rest of the help.</param>
/// <param name="examples">Lines of examples, by command name.</param>
internal sealed class HelpExamples(HelpAction standard, IReadOnlyDictionary<string, string[]> examples) : SynchronousCommandLineAction
{
    /// <inheritdoc/>
    public override bool ClearsParseErrors => true;

    /// <inheritdoc/>
    public override int Invoke(ParseResult parseResult)
    {
        int result = standard.Invoke(parseResult);
        TextWriter writer = parseResult.InvocationConfiguration.Output;
        if (examples.TryGetValue(parseResult.CommandResult.Command.Name, out string[]? lines))
        {
            writer.WriteLine("Examples:");
            foreach (string line in lines)
            {
                writer.WriteLine($"  {line}");
            }

            writer.WriteLine();
        }

        writer.WriteLine("Exit status: 0 good, 1 failed verdict or refused file, 2 wrong command line, 3 no such device, 130 interrupted.");
        return result;
    }
}
