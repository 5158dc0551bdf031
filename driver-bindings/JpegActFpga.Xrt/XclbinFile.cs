using System.Buffers.Binary;
using System.Globalization;

namespace JpegActFpga.Xrt;

/// <summary>Checks a file before XRT parses it, because XRT trusts the lengths in it. Stateless: safe from any thread.</summary>
internal static class XclbinFile
{
    // axlf of xclbin.h: the magic at 0; the header at 304, which starts with the file's length in bytes.
    private const int LengthOffset = 304;
    private const int MinimumBytes = 456;

    private static ReadOnlySpan<byte> Magic => "xclbin2"u8;

    /// <summary>Checks that a file is an xclbin and not cut short.</summary>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidDataException">It is something else, or cut short.</exception>
    internal static void Check(string path)
    {
        if (!File.Exists(path))
        {
            throw new FileNotFoundException($"There is no xclbin '{path}'. The emulated one is made by build.sh, one for a card by Vitis.", path);
        }

        using FileStream file = new(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0);
        Span<byte> header = stackalloc byte[MinimumBytes];
        if (file.ReadAtLeast(header, MinimumBytes, throwOnEndOfStream: false) < MinimumBytes || !header.StartsWith(Magic))
        {
            throw new InvalidDataException($"'{path}' is not an xclbin: it does not start with the magic 'xclbin2'.");
        }

        ulong stated = BinaryPrimitives.ReadUInt64LittleEndian(header[LengthOffset..]);
        if (stated < MinimumBytes || stated > (ulong)file.Length)
        {
            throw new InvalidDataException(string.Create(CultureInfo.InvariantCulture, $"'{path}' is damaged: it states a length of {stated} bytes and has {file.Length}."));
        }
    }
}
