using System.CommandLine;

namespace JpegActFpga.Cli.Options;

/// <summary>Options that several commands share.</summary>
internal static class CommonOptions
{
    /// <summary>Makes --json.</summary>
    internal static Option<bool> Json() => new("--json") { Description = "Write one JSON document to standard output, and nothing else there." };

    // Four times as long is the longest wait for a card to open.
    private static readonly TimeSpan LongestDriverTimeout = TimeSpan.FromMinutes(2.5);

    /// <summary>Makes --driver-timeout, whose value <see cref="DriverTimeoutOf"/> gives.</summary>
    internal static Option<TimeSpan?> DriverTimeout() =>
        Quantities.Time("--driver-timeout", "How long a call into a card's driver may take before it is left behind, 10ms .. 2.5min; opening and loading, four times that. [default: 30s]");

    /// <summary>Gives the value of --driver-timeout.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="option">The option.</param>
    /// <exception cref="CliException">It is out of its range.</exception>
    internal static TimeSpan DriverTimeoutOf(this ParseResult parsed, Option<TimeSpan?> option)
    {
        TimeSpan limit = parsed.GetValue(option) ?? TimeSpan.FromSeconds(30);
        return limit >= TimeSpan.FromMilliseconds(10) && limit <= LongestDriverTimeout
            ? limit
            : throw new CliException(ExitCode.Usage, $"{option.Name} {parsed.GetResult(option)!.Tokens[0].Value} is not 10ms .. 2.5min");
    }

    /// <summary>Makes --force.</summary>
    internal static Option<bool> Force() => new("--force", "-f") { Description = "Replace the output file if it exists." };
}
