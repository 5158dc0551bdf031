using JpegActFpga.Xclbin;
using Xunit;

namespace JpegActFpga.Xrt.Tests.Xclbin;

public sealed class XclbinWriterTests
{
    [Fact]
    public void What_is_written_is_read_back()
    {
        XclbinDescription description = SampleXclbin.Description();

        XclbinFile file = XclbinFile.Parse(XclbinWriter.Write(description), "sample.xclbin");

        Assert.Equal(description.Platform, file.Platform);
        Assert.Equal(XclbinTarget.CSim, file.Target);
        Assert.Equal(description.MemoryBanks, file.MemoryBanks);
        Assert.Equal(description.Kernels.Select(kernel => kernel.Name), file.Kernels.Select(kernel => kernel.Name));
        foreach ((XclbinKernel expected, XclbinKernel actual) in description.Kernels.Zip(file.Kernels))
        {
            Assert.Equal(expected.Arguments, actual.Arguments);
        }

        Assert.Equal(description.ComputeUnits.Count, file.ComputeUnits.Count);
        foreach ((XclbinComputeUnit expected, XclbinComputeUnit actual) in description.ComputeUnits.Zip(file.ComputeUnits))
        {
            Assert.Equal(expected with { Connections = actual.Connections }, actual);
            Assert.Equal(expected.Connections, actual.Connections);
        }
    }

    [Theory]
    [InlineData(XclbinTarget.CSim)]
    [InlineData(XclbinTarget.HwEmu)]
    [InlineData(XclbinTarget.Hw)]
    public void The_target_is_kept(XclbinTarget target)
    {
        byte[] content = XclbinWriter.Write(SampleXclbin.Description() with { Target = target });

        Assert.Equal(target, XclbinFile.Parse(content, "sample.xclbin").Target);
    }

    [Fact]
    public void The_same_description_gives_the_same_bytes() => Assert.Equal(SampleXclbin.Content(), SampleXclbin.Content());

    [Fact]
    public void Another_payload_gives_another_uuid()
    {
        XclbinDescription description = SampleXclbin.Description();
        XclbinDescription other = description with { Payload = new byte[] { 1, 2, 3, 4, 5, 6, 7 } };

        Guid uuid = XclbinFile.Parse(XclbinWriter.Write(description), "a").Uuid;
        Guid otherUuid = XclbinFile.Parse(XclbinWriter.Write(other), "b").Uuid;

        Assert.NotEqual(Guid.Empty, uuid);
        Assert.NotEqual(uuid, otherUuid);
    }

    public static TheoryData<string, XclbinDescription> BadDescriptions()
    {
        XclbinDescription good = SampleXclbin.Description();
        XclbinComputeUnit unit = good.ComputeUnits[0];
        return new TheoryData<string, XclbinDescription>
        {
            { "platform", good with { Platform = "" } },
            { "platform", good with { Platform = new string('p', 64) } },
            { "ASCII", good with { Platform = "plätform" } },
            { "payload", good with { Payload = default } },
            { "clock", good with { ClockMegahertz = 0 } },
            { "no memory bank", good with { MemoryBanks = [] } },
            { "no compute unit", good with { ComputeUnits = [] } },
            { "two of memory bank", good with { MemoryBanks = [good.MemoryBanks[0], good.MemoryBanks[1], good.MemoryBanks[0]] } },
            { "overlap", good with { MemoryBanks = [good.MemoryBanks[0], good.MemoryBanks[1], good.MemoryBanks[2] with { BaseAddress = 0x4000001000 }] } },
            { "KiB", good with { MemoryBanks = [good.MemoryBanks[0] with { Size = 1000 }, .. good.MemoryBanks.Skip(1)] } },
            { "64-bit", good with { MemoryBanks = [good.MemoryBanks[0] with { BaseAddress = ulong.MaxValue - 1023 }, .. good.MemoryBanks.Skip(1)] } },
            { "two of compute unit", good with { ComputeUnits = [unit, unit with { BaseAddress = 0x810000 }] } },
            { "not above", good with { ComputeUnits = [unit, good.ComputeUnits[1] with { BaseAddress = unit.BaseAddress }] } },
            { "not described", good with { ComputeUnits = [unit with { Kernel = "other" }] } },
            { "no pointer", good with { ComputeUnits = [unit with { Connections = [.. unit.Connections, new XclbinConnection(7, 0)] }] } },
            { "no pointer", good with { ComputeUnits = [unit with { Connections = [.. unit.Connections, new XclbinConnection(99, 0)] }] } },
            { "not there", good with { ComputeUnits = [unit with { Connections = [.. unit.Connections, new XclbinConnection(0, 3)] }] } },
            { "not used", good with { ComputeUnits = [unit with { Connections = [.. unit.Connections, new XclbinConnection(0, 1)] }] } },
            { "unconnected", good with { ComputeUnits = [unit with { Connections = [.. unit.Connections.Skip(1)] }] } },
            { "index", SampleXclbin.WithEncodeArgument(2, argument => argument with { Index = 3 }) },
            { "bytes", SampleXclbin.WithEncodeArgument(2, argument => argument with { Size = 6 }) },
            { "overlaps", SampleXclbin.WithEncodeArgument(2, argument => argument with { Offset = 0x20 }) },
            { "two of argument", SampleXclbin.WithEncodeArgument(2, argument => argument with { Name = "results" }) },
        };
    }

    [Theory]
    [MemberData(nameof(BadDescriptions), DisableDiscoveryEnumeration = true)]
    public void A_description_that_does_not_hold_together_is_refused(string problem, XclbinDescription description)
    {
        ArgumentException exception = Assert.Throws<ArgumentException>(() => XclbinWriter.Write(description));

        Assert.Contains(problem, exception.Message, StringComparison.Ordinal);
    }
}
