using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using JpegActFpga.Cli.Files;
using JpegActFpga.Cli.Reports;

namespace JpegActFpga.Cli;

/// <summary>Where a command writes: its report to standard output, everything else to standard error.</summary>
/// <param name="output">Standard output.</param>
/// <param name="error">Standard error.</param>
/// <param name="json">The report goes out as JSON.</param>
internal sealed class CommandOutput(TextWriter output, TextWriter error, bool json)
{
    private const string Program = "jpegact";

    /// <summary>Gets a value indicating whether the report goes out as JSON; then standard output must hold nothing else.</summary>
    internal bool IsJson { get; } = json;

    /// <summary>Gets where a command that writes text as it goes may do so: standard error when the report is JSON.</summary>
    internal TextWriter Running => IsJson ? error : output;

    /// <summary>Writes the report.</summary>
    /// <param name="report">The report.</param>
    /// <param name="type">Its JSON form.</param>
    /// <typeparam name="T">Its type.</typeparam>
    internal void Write<T>(T report, JsonTypeInfo<T> type)
        where T : Report
    {
        if (IsJson)
        {
            output.WriteLine(JsonSerializer.Serialize(report, type));
        }
        else
        {
            report.WriteText(output);
        }
    }

    /// <summary>Writes the report's JSON to standard output where it goes there, else to a file where one is named.</summary>
    /// <param name="report">The report.</param>
    /// <param name="type">Its JSON form.</param>
    /// <param name="file">The file, replaced if it exists; null for none.</param>
    /// <typeparam name="T">Its type.</typeparam>
    /// <exception cref="CliException">The file can't be written.</exception>
    internal void WriteJson<T>(T report, JsonTypeInfo<T> type, string? file)
        where T : Report
    {
        if (IsJson)
        {
            Write(report, type);
        }
        else if (file is not null)
        {
            using OutputFile target = OutputFile.Create(file, input: null, overwrite: true);
            target.Write(JsonSerializer.SerializeToUtf8Bytes(report, type));
            target.Write("\n"u8);
            target.Commit();
        }
    }

    /// <summary>Writes a line for the user to standard error.</summary>
    /// <param name="message">What is wrong; what to do.</param>
    internal void Diagnose(string message) => Diagnose(error, message);

    /// <summary>Writes a line for the user.</summary>
    /// <param name="error">Standard error.</param>
    /// <param name="message">What is wrong; what to do.</param>
    internal static void Diagnose(TextWriter error, string message) => error.WriteLine(Line(message));

    /// <summary>Gives a line for the user as it is shown.</summary>
    /// <param name="message">What is wrong; what to do.</param>
    internal static string Line(string message) => $"{Program}: {ErrorText.OneLine(message)}";
}
