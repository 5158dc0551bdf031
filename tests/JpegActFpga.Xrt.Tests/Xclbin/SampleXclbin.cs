using System.Buffers.Binary;
using JpegActFpga.Xclbin;

namespace JpegActFpga.Xrt.Tests.Xclbin;

/// <summary>A small description with this project's kernels, and ways to spoil what is written from it.</summary>
internal static class SampleXclbin
{
    public static XclbinDescription Description() => new()
    {
        Platform = "jpegact_emulated_u250_1",
        Payload = new byte[] { 0x7f, (byte)'E', (byte)'L', (byte)'F', 1, 2, 3 },
        MemoryBanks =
        [
            new XclbinMemoryBank("DDR[0]", XclbinMemoryKind.Ddr4, 0x4000000000, 16UL << 30),
            new XclbinMemoryBank("HOST[0]", XclbinMemoryKind.Dram, 0x2000000000, 1UL << 30, Used: false),
            new XclbinMemoryBank("DDR[1]", XclbinMemoryKind.Ddr4, 0x5000000000, 16UL << 30),
        ],
        Kernels = [.. KernelInterface.Kernels.Select(XclbinDescription.HlsKernel)],
        ComputeUnits =
        [
            Unit(KernelInterface.Encode, "encode_1", 0x800000, bank: 0),
            Unit(KernelInterface.Encode, "encode_2", 0x810000, bank: 2),
            Unit(KernelInterface.Decode, "decode_1", 0x820000, bank: 2),
            Unit(KernelInterface.Maximum, "maximum_1", 0x830000, bank: 0),
        ],
    };

    public static byte[] Content() => XclbinWriter.Write(Description());

    /// <summary>The description with one argument of the encode kernel replaced.</summary>
    public static XclbinDescription WithEncodeArgument(int index, Func<XclbinArgument, XclbinArgument> change)
    {
        XclbinDescription description = Description();
        XclbinKernel encode = description.Kernels[0];
        XclbinArgument[] arguments = [.. encode.Arguments];
        arguments[index] = change(arguments[index]);
        return description with { Kernels = [encode with { Arguments = arguments }, .. description.Kernels.Skip(1)] };
    }

    /// <summary>Offset of the header of the section of a kind.</summary>
    public static int SectionHeader(ReadOnlySpan<byte> content, uint kind)
    {
        for (int header = 456; ; header += 40)
        {
            if (BinaryPrimitives.ReadUInt32LittleEndian(content[header..]) == kind)
            {
                return header;
            }
        }
    }

    /// <summary>Offset of the data of the section of a kind.</summary>
    public static int SectionData(ReadOnlySpan<byte> content, uint kind) =>
        (int)BinaryPrimitives.ReadUInt64LittleEndian(content[(SectionHeader(content, kind) + 24)..]);

    private static XclbinComputeUnit Unit(KernelSignature kernel, string name, ulong address, int bank) => new(
        kernel.Name,
        name,
        address,
        [.. kernel.Arguments.Where(argument => argument.IsBuffer).Select(argument => new XclbinConnection(argument.Index, bank))]);
}
