using JpegActFpga.Core.Memory;

namespace JpegActFpga.Cli.Files;

/// <summary>Opens and reads input files, turning the system's errors into one line each.</summary>
internal static class InputFile
{
    private const int PartBytes = 64 << 20;

    /// <summary>Opens a regular file for reading.</summary>
    /// <param name="path">Its path.</param>
    /// <exception cref="CliException">There is none, it is no regular file, or it can't be read.</exception>
    internal static FileStream Open(string path)
    {
        switch (FileFacts.Of(path).Kind)
        {
            case FileKind.Directory:
                throw new CliException(ExitCode.Failed, $"{path} is a directory; name a file");
            case FileKind.Special:
                throw new CliException(ExitCode.Failed, $"{path} is no regular file; write its content to one first");
        }

        try
        {
            return new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0, FileOptions.SequentialScan);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw Translate(path, error);
        }
    }

    /// <summary>Fills memory from a file.</summary>
    /// <param name="file">The file, at the first byte wanted.</param>
    /// <param name="destination">As many bytes as are wanted.</param>
    /// <param name="cancellationToken">Looked at between parts.</param>
    /// <exception cref="CliException">The file ends early or can't be read.</exception>
    internal static void ReadExactly(FileStream file, NativeSpan<byte> destination, CancellationToken cancellationToken)
    {
        try
        {
            for (long at = 0; at < destination.Length; at += PartBytes)
            {
                cancellationToken.ThrowIfCancellationRequested();
                file.ReadExactly(destination.AsSpan(at, (int)Math.Min(PartBytes, destination.Length - at)));
            }
        }
        catch (EndOfStreamException)
        {
            throw new CliException(ExitCode.Failed, $"{file.Name} became shorter while it was read; write it again");
        }
        catch (IOException error)
        {
            throw Translate(file.Name, error);
        }
    }

    /// <summary>Reads a whole file into memory aligned for a frame.</summary>
    /// <param name="path">Its path.</param>
    /// <param name="cancellationToken">Looked at between parts.</param>
    /// <returns>The content; the caller disposes it.</returns>
    internal static NativeBuffer ReadWhole(string path, CancellationToken cancellationToken)
    {
        using FileStream file = Open(path);
        NativeBuffer buffer = HostMemory.Allocate(file.Length, path);
        try
        {
            ReadExactly(file, buffer.Bytes, cancellationToken);
            return buffer;
        }
        catch
        {
            buffer.Dispose();
            throw;
        }
    }

    private static CliException Translate(string path, Exception error) => new(ExitCode.Failed, error switch
    {
        FileNotFoundException or DirectoryNotFoundException => $"there is no file {path}; check the path",
        UnauthorizedAccessException => $"{path} may not be read; check its permissions",
        _ => $"{path} can't be read: {error.Message}",
    });
}
