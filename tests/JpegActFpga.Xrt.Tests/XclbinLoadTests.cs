using System.Buffers.Binary;
using JpegActFpga.Xclbin;
using Xunit;

namespace JpegActFpga.Xrt.Tests;

/// <summary>Loading images, good and bad.</summary>
public sealed class XclbinLoadTests(CardFixture fixture) : CardTest(fixture)
{
    [Fact]
    public void A_missing_file()
    {
        using XrtDevice device = XrtDevice.Open(0);
        FileNotFoundException missing = Assert.Throws<FileNotFoundException>(() => device.LoadXclbin("/nowhere/none.xclbin"));
        Assert.Contains("/nowhere/none.xclbin", missing.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Files_that_are_no_xclbin_never_reach_XRT()
    {
        using XrtDevice device = XrtDevice.Open(0);
        byte[] good = File.ReadAllBytes(Image.XclbinPath);
        byte[] hugeLength = [.. good];
        BinaryPrimitives.WriteUInt64LittleEndian(hugeLength.AsSpan(304), ulong.MaxValue);
        Card.SetFaults("load*forever");
        byte[][] bad = [[], good[..455], good[..^1], [.. "ELF"u8, .. good[3..]], hugeLength];
        Assert.All(bad, bytes => Assert.Throws<InvalidDataException>(() => device.LoadXclbin(WriteImage(bytes))));
        Assert.Equal(0, Card.FaultHits("load"));
    }

    [Fact]
    public void An_xclbin_for_other_hardware_is_refused_and_a_good_one_loads_after_it()
    {
        using XrtDevice device = XrtDevice.Open(0);
        string foreign = WriteImage(XclbinWriter.Write(TestImage.Describe([.. Enumerable.Range(0, 4096).Select(i => (byte)i)])));
        Assert.Equal("xrtDeviceLoadXclbinFile", Assert.Throws<XrtException>(() => device.LoadXclbin(foreign)).Function);
        Assert.NotEqual(Guid.Empty, device.LoadXclbin(Image.XclbinPath));
    }

    [Fact]
    public void The_identity_is_that_of_the_file()
    {
        using XrtDevice device = XrtDevice.Open(0);
        Guid loaded = device.LoadXclbin(Image.XclbinPath);
        Assert.Equal(XclbinFile.Read(Image.XclbinPath).Uuid, loaded);
        Assert.Equal(loaded, device.LoadXclbin(Image.XclbinPath));
        Assert.Equal(loaded, device.GetXclbinId());
    }

    [Fact]
    public void Another_xclbin_waits_until_the_kernels_of_the_first_are_closed()
    {
        using XrtDevice device = OpenLoaded(out Guid first);
        string other = WriteImage(XclbinWriter.Write(TestImage.Describe(Image.ReadKernelLibrary(), copyUnits: 1)));
        using (XrtKernel.Open(device, first, "copy_words"))
        {
            XrtException busy = Assert.Throws<XrtException>(() => device.LoadXclbin(other));
            Assert.Equal((16, true), (busy.ErrorNumber, busy.IsTransient));
        }

        Guid second = device.LoadXclbin(other);
        Assert.NotEqual(first, second);
        Assert.Throws<XrtException>(() => XrtKernel.Open(device, first, "copy_words"));
        XrtKernel.Open(device, second, "copy_words:{copy_words_1}").Dispose();
    }

    [Fact]
    public void Images_may_alternate_and_each_runs_its_own_kernels()
    {
        Assert.SkipUnless(File.Exists(CardSetup.CodecXclbin), $"{CardSetup.CodecXclbin} is missing: run ./build.sh in the repository's root.");

        // Three in turn, so that each takes what the one before the last gave back.
        string other = WriteImage(XclbinWriter.Write(TestImage.Describe(Image.ReadKernelLibrary(), copyUnits: 1)));
        for (int i = 0; i < 4; i++)
        {
            LoadAndOpen(CardSetup.CodecXclbin, "jpegact_encode:{jpegact_encode_1}");
            LoadAndOpen(Image.XclbinPath, "copy_words:{copy_words_1}");
            LoadAndOpen(other, "copy_words:{copy_words_1}");
        }
    }

    [Fact]
    public void Kernels_that_do_not_exist_are_refused()
    {
        using XrtDevice device = OpenLoaded(out Guid xclbin);
        Assert.Throws<XrtException>(() => XrtKernel.Open(device, xclbin, "nothing"));
        Assert.Throws<XrtException>(() => XrtKernel.Open(device, xclbin, "copy_words:{copy_words_99}"));
        Assert.Throws<XrtException>(() => XrtKernel.Open(device, Guid.NewGuid(), "copy_words"));
        Assert.Throws<ArgumentException>(() => XrtKernel.Open(device, Guid.Empty, "copy_words"));
        Assert.Throws<ArgumentException>(() => XrtKernel.Open(device, xclbin, string.Empty));
    }

    [Fact]
    public void An_exclusive_kernel_keeps_others_off()
    {
        using XrtDevice device = OpenLoaded(out Guid xclbin);
        using (XrtKernel.Open(device, xclbin, "copy_words:{copy_words_1}", isExclusive: true))
        {
            using XrtDevice other = OpenLoaded(out _);
            Assert.Throws<XrtException>(() => XrtKernel.Open(other, xclbin, "copy_words:{copy_words_1}"));
        }

        XrtKernel.Open(device, xclbin, "copy_words:{copy_words_1}").Dispose();
    }

    [Fact]
    public void The_cards_are_counted()
    {
        Assert.Equal(1, XrtDevice.Count());
        Assert.Throws<ArgumentOutOfRangeException>(() => XrtDevice.Count(0));
        Assert.Throws<ArgumentOutOfRangeException>(() => XrtDevice.Open(-1));
        Assert.True(Assert.Throws<XrtException>(() => XrtDevice.Open(1)).DeviceLost);
    }

    [Fact]
    public void The_image_of_the_codec_offers_its_kernels()
    {
        Assert.SkipUnless(File.Exists(CardSetup.CodecXclbin), $"The emulated image is not built ({CardSetup.CodecXclbin} is missing): run ./build.sh in the repository's root.");
        using XrtDevice device = XrtDevice.Open(0);
        Guid xclbin = device.LoadXclbin(CardSetup.CodecXclbin);
        foreach (KernelSignature signature in KernelInterface.Kernels)
        {
            using XrtKernel kernel = XrtKernel.Open(device, xclbin, $"{signature.Name}:{{{signature.Name}_1}}");
            Assert.All(signature.Arguments.Where(argument => argument.IsBuffer), argument => kernel.GetBank(argument.Index));
            Assert.Throws<XrtException>(() => kernel.GetRegisterOffset(signature.Arguments.Count));
        }
    }

    private string WriteImage(byte[] bytes)
    {
        string path = Path.Combine(Image.Folder, $"{Guid.NewGuid():N}.xclbin");
        File.WriteAllBytes(path, bytes);
        return path;
    }

    private static void LoadAndOpen(string path, string kernel)
    {
        using XrtDevice device = XrtDevice.Open(0);
        XrtKernel.Open(device, device.LoadXclbin(path), kernel).Dispose();
    }
}
