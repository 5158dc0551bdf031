using System.Buffers.Binary;
using System.Security.Cryptography;
using CsCheck;
using JpegActFpga.Xclbin;
using Xunit;

namespace JpegActFpga.Xrt.Tests.Xclbin;

public sealed class XclbinFileTests
{
    private const uint Metadata = 2;
    private const uint MemoryTopology = 6;
    private const uint Connectivity = 7;
    private const uint IpLayout = 8;

    [Fact]
    public void The_hash_is_that_of_the_whole_file()
    {
        using var folder = new TemporaryFolder();
        byte[] content = SampleXclbin.Content();
        string path = folder.File("sample.xclbin");
        File.WriteAllBytes(path, content);

        XclbinFile file = XclbinFile.Read(path);

        Assert.Equal(path, file.Path);
        Assert.Equal(Convert.ToHexStringLower(SHA256.HashData(content)), file.Sha256);
    }

    [Fact]
    public void A_missing_file_is_named()
    {
        InvalidXclbinException exception = Assert.Throws<InvalidXclbinException>(() => XclbinFile.Read("/nowhere/x.xclbin"));

        Assert.StartsWith("/nowhere/x.xclbin: the xclbin is missing", exception.Message, StringComparison.Ordinal);
        Assert.Equal("/nowhere/x.xclbin", exception.Path);
    }

    [Fact]
    public void Every_truncation_is_refused()
    {
        byte[] content = SampleXclbin.Content();
        for (int length = 0; length < content.Length; length++)
        {
            ReadOnlyMemory<byte> truncated = content.AsMemory(0, length);
            Assert.Throws<InvalidXclbinException>(() => XclbinFile.Parse(truncated, "truncated.xclbin"));
        }
    }

    [Fact]
    public void Damage_is_read_or_refused_but_nothing_else()
    {
        byte[] content = SampleXclbin.Content();
        Gen.Select(Gen.Int[0, content.Length - 1], Gen.Byte).Array[1, 8].Sample(
            damage =>
            {
                byte[] damaged = [.. content];
                foreach ((int offset, byte value) in damage)
                {
                    damaged[offset] = value;
                }

                try
                {
                    XclbinFile.Parse(damaged, "damaged.xclbin");
                }
                catch (InvalidXclbinException)
                {
                    // The one way to refuse.
                }
            },
            iter: 5000);
    }

    [Fact]
    public void Damage_to_tables_is_read_or_refused_but_nothing_else()
    {
        byte[] content = SampleXclbin.Content();
        uint[] extremes = [0, 1, 0x7fffffff, 0x80000000, 0xffffffff];
        for (int offset = 0; offset + 4 <= content.Length; offset += 4)
        {
            foreach (uint extreme in extremes)
            {
                byte[] damaged = [.. content];
                BinaryPrimitives.WriteUInt32LittleEndian(damaged.AsSpan(offset), extreme);
                try
                {
                    XclbinFile.Parse(damaged, "damaged.xclbin");
                }
                catch (InvalidXclbinException)
                {
                    // The one way to refuse.
                }
            }
        }
    }

    public static TheoryData<string, int, Action<byte[]>> Malformations()
    {
        byte[] content = SampleXclbin.Content();
        int At(uint section) => SampleXclbin.SectionData(content, section);
        int Header(uint section) => SampleXclbin.SectionHeader(content, section);
        static Action<byte[]> Put32(int offset, uint value) =>
            bytes => BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(offset), value);

        return new TheoryData<string, int, Action<byte[]>>
        {
            { "not those of an xclbin", 0, bytes => bytes[0] = (byte)'X' },
            { "but the file has", 304, bytes => bytes[304]++ },
            { "sections do not fit", 448, Put32(448, 1000) },
            { "sections do not fit", 448, Put32(448, uint.MaxValue) },
            { "mode 9", 332, bytes => bytes[332] = 9 },
            { "not zero-terminated", 352, bytes => bytes.AsSpan(352, 64).Fill((byte)'p') },
            { "MEM_TOPOLOGY section lies outside", Header(MemoryTopology), Put32(Header(MemoryTopology) + 28, 1) },
            { "IP_LAYOUT section lies outside", Header(IpLayout), Put32(Header(IpLayout) + 32, 0x7fffffff) },
            { "no EMBEDDED_METADATA section", 448, Put32(Header(Metadata), 99) },
            { "no BITSTREAM section", 448, Put32(Header(0), 99) },
            { "entries of its MEM_TOPOLOGY", At(MemoryTopology), Put32(At(MemoryTopology), 4) },
            { "entries of its IP_LAYOUT", At(IpLayout), Put32(At(IpLayout), 0xffffffff) },
            { "entries of its CONNECTIVITY", At(Connectivity), Put32(At(Connectivity), 0x7fffffff) },
            { "leads to memory bank 3 of 3", At(Connectivity) + 12, Put32(At(Connectivity) + 12, 3) },
            { "leads to memory bank -1 of 3", At(Connectivity) + 12, Put32(At(Connectivity) + 12, 0xffffffff) },
            { "of kind 77", At(MemoryTopology) + 8, bytes => bytes[At(MemoryTopology) + 8] = 77 },
            { "exceeds 64 bits", At(MemoryTopology) + 16, bytes => bytes.AsSpan(At(MemoryTopology) + 16, 8).Fill(0xff) },
            { "not kernel:instance", At(IpLayout) + 24, bytes => bytes[At(IpLayout) + 24 + "jpegact_encode".Length] = (byte)'_' },
            { "EMBEDDED_METADATA section is malformed", At(Metadata), bytes => bytes[At(Metadata)] = (byte)'!' },
        };
    }

    [Theory]
    [MemberData(nameof(Malformations), DisableDiscoveryEnumeration = true)]
    public void A_malformed_file_is_refused_with_the_place_and_the_remedy(string problem, int offset, Action<byte[]> spoil)
    {
        byte[] content = SampleXclbin.Content();
        spoil(content);

        InvalidXclbinException exception =
            Assert.Throws<InvalidXclbinException>(() => XclbinFile.Parse(content, "bad.xclbin"));

        Assert.StartsWith("bad.xclbin: ", exception.Message, StringComparison.Ordinal);
        Assert.Contains(problem, exception.Message, StringComparison.Ordinal);
        Assert.EndsWith("Build or copy the xclbin again.", exception.Message, StringComparison.Ordinal);
        Assert.Equal(offset, exception.Offset);
    }
}
