using System.Security.Cryptography;

namespace JpegActFpga.Xclbin;

/// <summary>What an xclbin file holds: read once and checked, immutable, thread-safe.</summary>
public sealed class XclbinFile
{
    internal XclbinFile(string path, string sha256, XclbinReader reader)
    {
        Path = path;
        Sha256 = sha256;
        Uuid = reader.Uuid;
        Platform = reader.Platform;
        Target = reader.Target;
        MemoryBanks = reader.MemoryBanks;
        Kernels = reader.Kernels;
        ComputeUnits = reader.ComputeUnits;
    }

    /// <summary>The file that was read.</summary>
    public string Path { get; }

    /// <summary>SHA-256 of the whole file, 64 lower-case hexadecimal digits.</summary>
    public string Sha256 { get; }

    /// <summary>The uuid that XRT reports for the loaded image.</summary>
    public Guid Uuid { get; }

    /// <summary>Name of the platform (VBNV) that the file was made for.</summary>
    public string Platform { get; }

    /// <summary>What the file runs on.</summary>
    public XclbinTarget Target { get; }

    /// <summary>The memory banks by index.</summary>
    public IReadOnlyList<XclbinMemoryBank> MemoryBanks { get; }

    /// <summary>The kernels and their arguments.</summary>
    public IReadOnlyList<XclbinKernel> Kernels { get; }

    /// <summary>The compute units in the file's order.</summary>
    public IReadOnlyList<XclbinComputeUnit> ComputeUnits { get; }

    /// <summary>Checks that what a driver loaded by the file's path is what was read, and not another file put there meanwhile.</summary>
    /// <param name="loaded">UUID that the driver gives for what it loaded.</param>
    /// <exception cref="InvalidXclbinException">It is another image.</exception>
    public void DemandLoaded(Guid loaded)
    {
        if (loaded != Uuid)
        {
            throw new InvalidXclbinException(Path, null, $"was replaced between its check and its loading: image {Uuid} was checked, {loaded} was loaded", "Leave the file alone and run this again");
        }
    }

    /// <summary>Reads a file.</summary>
    /// <exception cref="InvalidXclbinException">The file is missing, cannot be read, or is malformed.</exception>
    public static XclbinFile Read(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        byte[] content;
        try
        {
            content = File.ReadAllBytes(path);
        }
        catch (Exception exception) when (exception is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new InvalidXclbinException(
                path, null, "the xclbin is missing", "Build it or correct the path (see bitstreams/README.md)", exception);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new InvalidXclbinException(
                path, null, $"the xclbin cannot be read: {exception.Message}", "Check its permissions", exception);
        }

        return Parse(content, path);
    }

    /// <summary>Reads a file from memory.</summary>
    /// <param name="content">The whole file.</param>
    /// <param name="path">The name to use in messages and for <see cref="Path"/>.</param>
    /// <exception cref="InvalidXclbinException">The content is malformed.</exception>
    public static XclbinFile Parse(ReadOnlyMemory<byte> content, string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        string sha256 = Convert.ToHexStringLower(SHA256.HashData(content.Span));
        return new XclbinFile(path, sha256, new XclbinReader(content, path));
    }
}
