using System.IO.Compression;
using JpegActFpga.Training.Data;

namespace JpegActFpga.Training.Tests.Data;

public sealed class IdxReaderTests
{
    private static readonly byte[] Good = [0, 0, 8, 2, 0, 0, 0, 2, 0, 0, 0, 3, 1, 2, 3, 4, 5, 6];

    [Fact]
    public void A_good_file_is_read()
    {
        IdxArray array = IdxReader.Read(new MemoryStream(Good), 2, "good");
        Assert.Equal([2, 3], array.Shape);
        Assert.Equal([1, 2, 3, 4, 5, 6], array.Data.ToArray());
    }

    [Theory]
    [InlineData(0, 1, "offset 0: the first byte is 1, not 0")]
    [InlineData(1, 7, "offset 1: the second byte is 7, not 0")]
    [InlineData(2, 13, "offset 2: the element type (8 = unsigned bytes) is 13, not 8")]
    [InlineData(3, 3, "offset 3: the number of dimensions is 3, not 2")]
    [InlineData(7, 0, "offset 4: dimension 0 is 0")]
    [InlineData(8, 255, "offset 8: dimension 1 is 4278190083")]
    [InlineData(7, 1, "offset 15: bytes follow the last of 3 elements")]
    [InlineData(7, 3, "offset 18: the file ends within 9 elements (9 bytes expected, 6 there)")]
    public void A_wrong_byte_is_named(int at, byte value, string message)
    {
        byte[] bytes = [.. Good];
        bytes[at] = value;
        InvalidDataException error = Assert.Throws<InvalidDataException>(() => IdxReader.Read(new MemoryStream(bytes), 2, "file.gz"));
        Assert.Contains("file.gz: " + message, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Every_truncation_is_refused()
    {
        for (int length = 0; length < Good.Length; length++)
        {
            Assert.Throws<InvalidDataException>(() => IdxReader.Read(new MemoryStream(Good[..length]), 2, "short"));
        }
    }

    [Fact]
    public void Gzip_is_undone_and_its_damage_is_told()
    {
        string file = Path.GetTempFileName();
        try
        {
            using (GZipStream gzip = new(File.Create(file), CompressionLevel.Fastest))
            {
                gzip.Write(Good);
            }

            Assert.Equal(6, IdxReader.ReadGzip(file, 2).Data.Length);
            File.WriteAllBytes(file, Good);
            InvalidDataException error = Assert.Throws<InvalidDataException>(() => IdxReader.ReadGzip(file, 2));
            Assert.StartsWith(file + ": not a gzip file", error.Message, StringComparison.Ordinal);
        }
        finally
        {
            File.Delete(file);
        }
    }
}
