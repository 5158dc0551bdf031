using JpegActFpga.Core.Memory;

namespace JpegActFpga.Cli.Files;

/// <summary>A file that appears whole or not at all: written under a temporary name in its folder, renamed by <see cref="Commit"/>.</summary>
/// <remarks>Disposing without a commit removes the temporary file.</remarks>
internal sealed class OutputFile : IDisposable
{
    private const int PartBytes = 64 << 20;

    private readonly string _path;
    private readonly string _temporary;
    private readonly bool _overwrite;
    private readonly FileStream _file;
    private bool _done;

    private OutputFile(string path, bool overwrite)
    {
        _path = path;
        _overwrite = overwrite;
        _temporary = Path.Join(Path.GetDirectoryName(path), $".jpegact-{Guid.NewGuid():N}.tmp");
        _file = new FileStream(_temporary, FileMode.CreateNew, FileAccess.Write, FileShare.None, bufferSize: 0);
    }

    /// <summary>Checks the path and starts the temporary file.</summary>
    /// <param name="path">Where the file shall appear; a symbolic link is followed.</param>
    /// <param name="input">The input, which the output must not replace; null where there is none.</param>
    /// <param name="overwrite">Whether an existing file may be replaced.</param>
    /// <exception cref="CliException">The path is refused.</exception>
    internal static OutputFile Create(string path, string? input, bool overwrite)
    {
        Check(path, input, overwrite);
        try
        {
            return new OutputFile(Resolve(path), overwrite);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw Translate(path, error);
        }
    }

    /// <summary>Finds out before long work whether a file could be made, and leaves nothing behind.</summary>
    /// <param name="path">As for <see cref="Create"/>; an existing file may be replaced.</param>
    /// <exception cref="CliException">The path is refused.</exception>
    internal static void Probe(string path) => Create(path, input: null, overwrite: true).Dispose();

    /// <summary>Checks a path before any work is done for it.</summary>
    /// <param name="path">As for <see cref="Create"/>.</param>
    /// <param name="input">As for <see cref="Create"/>.</param>
    /// <param name="overwrite">As for <see cref="Create"/>.</param>
    /// <exception cref="CliException">The path is refused.</exception>
    internal static void Check(string path, string? input, bool overwrite)
    {
        FileFacts facts = FileFacts.Of(path);
        if (input is not null && facts.Kind != FileKind.Missing && facts == FileFacts.Of(input))
        {
            throw new CliException(ExitCode.Failed, $"{path} is the input itself; name another output");
        }

        switch (facts.Kind)
        {
            case FileKind.Directory:
                throw new CliException(ExitCode.Failed, $"{path} is a directory; name a file in it");
            case FileKind.Special:
                throw new CliException(ExitCode.Failed, $"{path} is no regular file; name one");
            case FileKind.Regular when !overwrite:
                throw new CliException(ExitCode.Failed, $"{path} exists; add --force to replace it");
        }

        string directory = Path.GetDirectoryName(Path.GetFullPath(path)) ?? "/";
        if (FileFacts.Of(directory).Kind != FileKind.Directory)
        {
            throw new CliException(ExitCode.Failed, $"there is no directory {directory}; make it first");
        }
    }

    /// <summary>Appends bytes.</summary>
    /// <param name="bytes">The bytes.</param>
    internal void Write(ReadOnlySpan<byte> bytes)
    {
        try
        {
            _file.Write(bytes);
        }
        catch (Exception error) when (error is IOException or ArgumentOutOfRangeException)
        {
            // The latter is how .NET reports a file beyond the limit of the file system or of the process (EFBIG).
            throw Translate(_path, error);
        }
    }

    /// <summary>Appends bytes of a view of any length.</summary>
    /// <param name="bytes">The bytes.</param>
    /// <param name="cancellationToken">Looked at between parts.</param>
    internal void Write(NativeSpan<byte> bytes, CancellationToken cancellationToken)
    {
        for (long at = 0; at < bytes.Length; at += PartBytes)
        {
            cancellationToken.ThrowIfCancellationRequested();
            Write(bytes.AsSpan(at, (int)Math.Min(PartBytes, bytes.Length - at)));
        }
    }

    /// <summary>Gives the file its name, after its content has reached the disk.</summary>
    internal void Commit()
    {
        try
        {
            _file.Flush(flushToDisk: true);
            _file.Dispose();
            File.Move(_temporary, _path, _overwrite);
            _done = true;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw Translate(_path, error);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _file.Dispose();
        if (!_done)
        {
            File.Delete(_temporary);
        }
    }

    private static string Resolve(string path)
    {
        var file = new FileInfo(path);
        return file.LinkTarget is null ? file.FullName : file.ResolveLinkTarget(returnFinalTarget: true)?.FullName ?? file.FullName;
    }

    private static CliException Translate(string path, Exception error) => error is UnauthorizedAccessException
        ? new CliException(ExitCode.Failed, $"{path} may not be written; check the permissions of its directory")
        : new CliException(ExitCode.Failed, $"{path} can't be written: {WithoutPath(error.PlainMessage())}");

    // .NET adds the temporary file's path, which says nothing to the user.
    private static string WithoutPath(string message) => message.LastIndexOf(" : '", StringComparison.Ordinal) is var at and > 0 ? message[..at] : message;
}
