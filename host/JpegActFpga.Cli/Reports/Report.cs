using System.Text.Json.Serialization;

namespace JpegActFpga.Cli.Reports;

/// <summary>What a command has to say: data first, written as text or as JSON afterwards.</summary>
/// <param name="Command">The command.</param>
internal abstract record Report([property: JsonPropertyOrder(-1)] string Command)
{
    /// <summary>Gets the version of the JSON documents; raised when a field changes its meaning or goes.</summary>
    [JsonPropertyOrder(-2)]
    public int SchemaVersion { get; } = 1;

    /// <summary>Writes the report for people: plain lines.</summary>
    /// <param name="writer">Where to.</param>
    internal abstract void WriteText(TextWriter writer);
}

/// <summary>The JSON document of a command that ended with an error.</summary>
/// <param name="Command">The command.</param>
/// <param name="ExitCode">The exit status.</param>
/// <param name="Error">What is wrong; what to do.</param>
internal sealed record ErrorReport(string Command, int ExitCode, string Error) : Report(Command)
{
    /// <summary>Writes nothing: the line goes to standard error.</summary>
    /// <param name="writer">Not used.</param>
    internal override void WriteText(TextWriter writer)
    {
    }
}
