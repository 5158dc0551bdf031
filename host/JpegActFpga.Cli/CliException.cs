namespace JpegActFpga.Cli;

/// <summary>An expected end of a command: one line for the user, and the exit status.</summary>
/// <param name="exitCode">The exit status.</param>
/// <param name="message">What is wrong; what to do.</param>
internal sealed class CliException(ExitCode exitCode, string message) : Exception(message)
{
    /// <summary>Gets the exit status.</summary>
    internal ExitCode ExitCode { get; } = exitCode;
}
