using System.Text;

namespace JpegActFpga.Cli;

/// <summary>A standard stream that may fail: a full disk, or closed by the caller. The first failure is told, what comes after it is dropped.</summary>
/// <remarks>As safe from several threads as the writer behind it. A pipe that nobody reads any more is no failure: .NET drops what goes there.</remarks>
/// <param name="stream">The writer behind it.</param>
/// <param name="name">What to call it in the error; null for the stream on which errors are told: nobody is left to tell then.</param>
internal sealed class ConsoleWriter(TextWriter stream, string? name) : TextWriter
{
    private volatile bool _lost;

    /// <inheritdoc/>
    public override Encoding Encoding => stream.Encoding;

    /// <inheritdoc/>
    /// <exception cref="CliException">The stream fails for the first time.</exception>
    public override void Write(char value) => Try(() => stream.Write(value));

    /// <inheritdoc/>
    /// <exception cref="CliException">The stream fails for the first time.</exception>
    public override void Write(string? value) => Try(() => stream.Write(value));

    /// <inheritdoc/>
    /// <exception cref="CliException">The stream fails for the first time.</exception>
    public override void Write(char[] buffer, int index, int count) => Try(() => stream.Write(buffer, index, count));

    /// <inheritdoc/>
    /// <exception cref="CliException">The stream fails for the first time.</exception>
    public override void WriteLine() => Try(stream.WriteLine);

    /// <inheritdoc/>
    /// <exception cref="CliException">The stream fails for the first time.</exception>
    public override void WriteLine(string? value) => Try(() => stream.WriteLine(value));

    /// <inheritdoc/>
    /// <exception cref="CliException">The stream fails for the first time.</exception>
    public override void Flush() => Try(stream.Flush);

    private void Try(Action write)
    {
        if (_lost)
        {
            return;
        }

        try
        {
            write();
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            _lost = true;
            if (name is not null)
            {
                throw new CliException(ExitCode.Failed, $"{name} can't be written: {(error.InnerException ?? error).Message}");
            }
        }
    }
}
