using JpegActFpga.Cli.Reports;
using JpegActFpga.Offload.Observability;

namespace JpegActFpga.Cli.Jobs;

/// <summary>The trace of a command. Disposing ends it, however the command ended, and leaves a whole file.</summary>
internal sealed class TraceOutput : IDisposable
{
    private readonly string _file;
    private readonly ChromeTrace _trace;

    private TraceOutput(string file, ChromeTrace trace) => (_file, _trace) = (file, trace);

    /// <summary>Begins a trace.</summary>
    /// <param name="file">The file; replaced if it exists.</param>
    /// <param name="job">What is trained.</param>
    /// <param name="trainedOn">What does the training's arithmetic.</param>
    /// <param name="codec">What compresses; null where nothing does.</param>
    /// <exception cref="CliException">The file can't be written.</exception>
    internal static TraceOutput Create(string file, JobPart job, string trainedOn, string? codec)
    {
        var facts = new Dictionary<string, string>
        {
            ["model"] = job.Model,
            ["data"] = job.Data,
            ["batch"] = $"{job.Batch}",
            ["training ran on"] = trainedOn,
            ["compression ran on"] = codec ?? "nothing",
        };
        FileStream? stream = null;
        try
        {
            stream = new FileStream(file, FileMode.Create, FileAccess.Write, FileShare.Read, bufferSize: 0);
            return new TraceOutput(file, ChromeTrace.Start(stream, facts));
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or NotSupportedException)
        {
            stream?.Dispose();
            throw new CliException(ExitCode.Failed, $"the trace {file} can't be written: {error.Message}");
        }
    }

    /// <summary>Ends the trace and says what became of it.</summary>
    internal TracePart End()
    {
        _trace.Dispose();
        return new TracePart(_file, _trace.Events, _trace.Error?.Message);
    }

    /// <inheritdoc/>
    public void Dispose() => _trace.Dispose();
}
