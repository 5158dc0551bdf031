using System.CommandLine;
using JpegActFpga.Cli.Reports;
using JpegActFpga.Core.Backends;
using JpegActFpga.Core.Frames;

namespace JpegActFpga.Cli;

/// <summary>Runs a command's work and turns the errors it may end with into one line and an exit status.</summary>
internal static class CommandRunner
{
    /// <summary>Gives a command its work.</summary>
    /// <param name="command">The command.</param>
    /// <param name="json">Its --json.</param>
    /// <param name="work">The work.</param>
    internal static void SetWork(this Command command, Option<bool> json, Func<ParseResult, CommandOutput, CancellationToken, Task<ExitCode>> work) =>
        command.SetWork(parsed => parsed.GetValue(json), work);

    /// <summary>Gives a command its work.</summary>
    /// <param name="command">The command.</param>
    /// <param name="isJson">Whether the report goes to standard output as JSON.</param>
    /// <param name="work">The work.</param>
    internal static void SetWork(this Command command, Func<ParseResult, bool> isJson, Func<ParseResult, CommandOutput, CancellationToken, Task<ExitCode>> work) =>
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var output = new CommandOutput(parsed.InvocationConfiguration.Output, parsed.InvocationConfiguration.Error, isJson(parsed));
            try
            {
                // On another thread: System.CommandLine listens to signals only once the action has returned a task.
                return (int)await Task.Run(() => work(parsed, output, cancellationToken), CancellationToken.None).ConfigureAwait(false);
            }
            catch (Exception error) when (Expected(error) is { } exitCode)
            {
                string message = Explain(error);
                output.Diagnose(message);
                if (output.IsJson)
                {
                    output.Write(new ErrorReport(command.Name, (int)exitCode, message), ReportJson.Default.ErrorReport);
                }

                return (int)exitCode;
            }
        });

    // Anything else is a defect of this program and ends it with a stack trace.
    private static ExitCode? Expected(Exception error) => error switch
    {
        CliException cli => cli.ExitCode,
        OperationCanceledException => ExitCode.Interrupted,
        InvalidFrameException or BackendException or OutOfMemoryException => ExitCode.Failed,
        _ => null,
    };

    private static string Explain(Exception error) => error switch
    {
        OperationCanceledException => "interrupted",
        OutOfMemoryException => "out of memory; free some, or use smaller tensors",
        BackendException backend => $"{backend.Message}; run: jpegact doctor",
        _ => error.Message,
    };
}
