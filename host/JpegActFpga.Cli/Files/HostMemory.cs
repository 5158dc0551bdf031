using JpegActFpga.Core.Memory;

namespace JpegActFpga.Cli.Files;

/// <summary>Takes memory, and says in words when there is none.</summary>
internal static class HostMemory
{
    /// <summary>Takes page-aligned memory.</summary>
    /// <param name="byteCount">Bytes.</param>
    /// <param name="purpose">What for, for the message.</param>
    /// <exception cref="CliException">The system has no such amount.</exception>
    internal static NativeBuffer Allocate(long byteCount, string purpose)
    {
        try
        {
            return new NativeBuffer(byteCount);
        }
        catch (OutOfMemoryException)
        {
            throw new CliException(ExitCode.Failed, $"no memory for the {byteCount} bytes of {purpose}; free some or split the tensor");
        }
    }
}
