using System.Buffers.Binary;
using System.IO.Compression;

namespace JpegActFpga.Training.Data;

/// <summary>Reads gzipped IDX files of unsigned bytes (the MNIST family's format), strictly.</summary>
/// <remarks>
/// Layout: two zero bytes, the element type (8 for unsigned bytes), the rank, then one big-endian u32 a dimension, then the
/// elements in C order, and nothing after them.
/// </remarks>
public static class IdxReader
{
    private const byte UnsignedByte = 8;

    /// <summary>Largest number of elements that is read, against files that claim absurd sizes.</summary>
    public const long MaxElements = 1L << 30;

    /// <summary>Reads a file of exactly <paramref name="rank"/> dimensions.</summary>
    /// <param name="path">A .gz file.</param>
    /// <param name="rank">Dimensions expected, 1 to 4.</param>
    /// <exception cref="FileNotFoundException">The file does not exist.</exception>
    /// <exception cref="InvalidDataException">Not such a file; the message names file, offset and value.</exception>
    public static IdxArray ReadGzip(string path, int rank)
    {
        using FileStream file = File.OpenRead(path);
        using GZipStream gzip = new(file, CompressionMode.Decompress);
        using MemoryStream bytes = new();
        try
        {
            CopyBounded(gzip, bytes);
        }
        catch (InvalidDataException e)
        {
            throw new InvalidDataException($"{path}: not a gzip file, or a damaged one: {e.Message}", e);
        }

        bytes.Position = 0;
        return Read(bytes, rank, path);
    }

    /// <summary>Reads from a stream of uncompressed bytes; <paramref name="name"/> is for messages.</summary>
    /// <exception cref="InvalidDataException">Not such a file.</exception>
    public static IdxArray Read(Stream stream, int rank, string name)
    {
        ArgumentNullException.ThrowIfNull(stream);
        ArgumentOutOfRangeException.ThrowIfLessThan(rank, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(rank, 4);
        byte[] header = new byte[4 + (4 * rank)];
        ReadExactly(stream, header, name, 0, "the header");
        Expect(name, 0, header[0], 0, "the first byte");
        Expect(name, 1, header[1], 0, "the second byte");
        Expect(name, 2, header[2], UnsignedByte, "the element type (8 = unsigned bytes)");
        Expect(name, 3, header[3], (byte)rank, "the number of dimensions");

        long[] shape = new long[rank];
        long elements = 1;
        for (int d = 0; d < rank; d++)
        {
            int offset = 4 + (4 * d);
            shape[d] = BinaryPrimitives.ReadUInt32BigEndian(header.AsSpan(offset));
            if (shape[d] == 0 || shape[d] > MaxElements / elements)
            {
                throw new InvalidDataException($"{name}: offset {offset}: dimension {d} is {shape[d]}; at least 1 and at most {MaxElements} elements in all are supported");
            }

            elements *= shape[d];
        }

        byte[] data = new byte[elements];
        ReadExactly(stream, data, name, header.Length, $"{elements} elements");
        return stream.ReadByte() < 0
            ? new IdxArray(shape, data)
            : throw new InvalidDataException($"{name}: offset {header.Length + elements}: bytes follow the last of {elements} elements");
    }

    private static void CopyBounded(GZipStream from, MemoryStream to)
    {
        byte[] buffer = new byte[1 << 16];
        for (int read = from.Read(buffer); read > 0; read = from.Read(buffer))
        {
            if (to.Length + read > MaxElements + 64)
            {
                throw new InvalidDataException($"it expands to more than {MaxElements} bytes");
            }

            to.Write(buffer, 0, read);
        }
    }

    private static void ReadExactly(Stream stream, byte[] into, string name, long offset, string what)
    {
        int read = stream.ReadAtLeast(into, into.Length, throwOnEndOfStream: false);
        if (read < into.Length)
        {
            throw new InvalidDataException($"{name}: offset {offset + read}: the file ends within {what} ({into.Length} bytes expected, {read} there)");
        }
    }

    private static void Expect(string name, int offset, byte found, byte wanted, string what)
    {
        if (found != wanted)
        {
            throw new InvalidDataException($"{name}: offset {offset}: {what} is {found}, not {wanted}");
        }
    }
}
