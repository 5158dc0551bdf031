using System.CommandLine;

namespace JpegActFpga.Cli.Options;

/// <summary>Options that several commands share.</summary>
internal static class CommonOptions
{
    /// <summary>Makes --json.</summary>
    internal static Option<bool> Json() => new("--json") { Description = "Write one JSON document to standard output, and nothing else there." };

    /// <summary>Makes --force.</summary>
    internal static Option<bool> Force() => new("--force", "-f") { Description = "Replace the output file if it exists." };
}
