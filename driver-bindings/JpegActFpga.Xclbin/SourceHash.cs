using System.Security.Cryptography;
using System.Text;

namespace JpegActFpga.Xclbin;

/// <summary>A hash of kernel sources that depends on their names and bytes alone, not on a version control system.</summary>
public static class SourceHash
{
    private static readonly string[] Extensions = [".c", ".cc", ".cpp", ".h", ".hpp", ".cfg"];

    /// <summary>
    /// SHA-256 over the C and C++ sources and configurations below a folder, as 64 lower-case hexadecimal digits: for
    /// each file in ordinal order of its path, the path with <c>/</c>, a zero byte, and the SHA-256 of its content.
    /// </summary>
    /// <exception cref="IOException">A file cannot be read, or there is none.</exception>
    public static string Compute(string folder)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        var files = Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories)
            .Where(file => Extensions.Contains(Path.GetExtension(file), StringComparer.Ordinal))
            .Select(file => (Path: file, Name: Path.GetRelativePath(folder, file).Replace('\\', '/')))
            .OrderBy(file => file.Name, StringComparer.Ordinal)
            .ToList();
        if (files.Count == 0)
        {
            throw new FileNotFoundException($"there are no kernel sources below {folder}", folder);
        }

        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach ((string path, string name) in files)
        {
            hash.AppendData(Encoding.UTF8.GetBytes(name + "\0"));
            hash.AppendData(SHA256.HashData(File.ReadAllBytes(path)));
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}
