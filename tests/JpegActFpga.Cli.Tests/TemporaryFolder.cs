namespace JpegActFpga.Cli.Tests;

/// <summary>A folder that goes with its test.</summary>
public abstract class TemporaryFolder : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("jpegact-cli-");

    /// <summary>Gets the files in the folder, by name.</summary>
    protected IEnumerable<string> Files => _folder.EnumerateFileSystemInfos().Select(file => file.Name).Order(StringComparer.Ordinal);

    /// <inheritdoc/>
    public void Dispose()
    {
        _folder.Delete(recursive: true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Gives the path of a file in the folder.</summary>
    protected string At(string name) => Path.Join(_folder.FullName, name);

    /// <summary>Writes a file in the folder.</summary>
    protected string Put(string name, byte[] content)
    {
        File.WriteAllBytes(At(name), content);
        return At(name);
    }
}
