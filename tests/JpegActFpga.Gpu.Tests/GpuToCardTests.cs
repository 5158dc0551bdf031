using System.Runtime.InteropServices;
using JpegActFpga.Backends.Conformance;
using JpegActFpga.Backends.Tests.Support;
using JpegActFpga.Codec.Reference;
using JpegActFpga.Core.Backends;
using JpegActFpga.Core.Frames;
using JpegActFpga.Core.Memory;
using JpegActFpga.Core.Profiles;
using JpegActFpga.Core.Tensors;
using JpegActFpga.Cuda;
using JpegActFpga.Fpga;
using JpegActFpga.Gpu.Staging;
using JpegActFpga.Gpu.Tests.Support;

namespace JpegActFpga.Gpu.Tests;

/// <summary>A GPU's tensor to a card's frame: through one page-locked buffer that both sides use. On the emulated pair a test of bytes.</summary>
[Collection(GpuTestGroup.Name)]
public sealed class GpuToCardTests : IClassFixture<CardsFixture>
{
    private static readonly TensorSpec Spec = new(ElementType.Float32, new TensorShape(2, 4, 24, 40));
    private static readonly CodecProfile Profile = CodecProfile.JpegAct(ShiftTables.OptsHigh);

    public GpuToCardTests(CardsFixture fixture)
    {
        ArgumentNullException.ThrowIfNull(fixture);
        Support.Gpu.SkipUnlessThere();
        Assert.SkipWhen(CardsFixture.WhyNot is not null, CardsFixture.WhyNot ?? string.Empty);
        Support.Gpu.Reset();
    }

    [Theory]
    [InlineData(StagingFormat.Raw)]
    [InlineData(StagingFormat.BFloat16)]
    public async Task What_the_GPU_stages_the_card_compresses(StagingFormat format)
    {
        await using GpuBackend gpu = GpuBackend.Open();
        await using FpgaBackend card = FpgaBackend.Open(CardsFixture.Options());
        byte[] tensor = TensorFiller.Make(Spec, TensorPattern.Smooth, Profile.FullScale, seed: 9);
        using GuardedBuffer source = GuardedBuffer.Of(tensor);
        using var device = new DeviceTensor(gpu.Context, Spec);
        device.Write(source.Bytes);

        // Pages of their own, as a card takes them as a user pointer.
        using var shared = new NativeBuffer(StagedTensor.BytesNeeded(Spec, format, Profile.ScaleMode));
        using CudaHostMemory locked = CudaHostMemory.Register(gpu.Context, shared.Bytes.Address, shared.AllocatedBytes);
        StagedTensor staged = await new GpuStaging(gpu).StageAsync(device.View, format, Profile, shared.Bytes, TestContext.Current.CancellationToken);
        using var frame = new GuardedBuffer(FrameLayout.MaxFrameBytes(staged.Spec, Profile));
        var view = new TensorView(staged.Spec, shared.Bytes.Slice(0, staged.ByteCount), MemoryKind.PinnedHost);
        CompressResult result = await card.CompressAsync(view, Profile, frame.Bytes, TestContext.Current.CancellationToken);
        Assert.Equal(Expected(format, tensor), frame.ToArray(result.FrameBytes));
    }

    [Fact]
    public async Task A_card_behind_a_copy_in_host_memory_takes_device_tensors()
    {
        await using GpuBackend gpu = GpuBackend.Open();
        await using var card = new HostCopyBackend(FpgaBackend.Open(CardsFixture.Options()), gpu.Context, new GpuOptions());
        byte[] tensor = TensorFiller.Make(Spec, TensorPattern.Relu, Profile.FullScale, seed: 10);
        using GuardedBuffer source = GuardedBuffer.Of(tensor);
        using var device = new DeviceTensor(gpu.Context, Spec);
        device.Write(source.Bytes);
        using var frame = new GuardedBuffer(FrameLayout.MaxFrameBytes(Spec, Profile));
        CompressResult result = await card.CompressAsync(device.View, Profile, frame.Bytes, TestContext.Current.CancellationToken);
        Assert.Equal(Expected(StagingFormat.Raw, tensor), frame.ToArray(result.FrameBytes));

        await card.ExpandAsync(FrameReader.Open(frame.Bytes.Slice(0, result.FrameBytes)), device.View, TestContext.Current.CancellationToken);
        using var decoded = new GuardedBuffer(Spec.ByteCount);
        device.Read(decoded.Bytes);
        using var expected = new GuardedBuffer(Spec.ByteCount);
        ReferenceCodec.Decode(FrameReader.Open(frame.Bytes.Slice(0, result.FrameBytes)), new TensorView(Spec, expected.Bytes), TestContext.Current.CancellationToken);
        Assert.Equal(expected.ToArray(), decoded.ToArray());
    }

    private static byte[] Expected(StagingFormat format, byte[] tensor)
    {
        bool narrow = format == StagingFormat.BFloat16;
        ushort[] halves = [.. MemoryMarshal.Cast<byte, float>(tensor).ToArray().Select(ElementConversion.SingleToBFloat16)];
        using GuardedBuffer source = GuardedBuffer.Of(narrow ? MemoryMarshal.AsBytes<ushort>(halves) : tensor);
        var spec = new TensorSpec(narrow ? ElementType.BFloat16 : ElementType.Float32, Spec.Shape);
        using var frame = new GuardedBuffer(FrameLayout.MaxFrameBytes(spec, Profile));
        return frame.ToArray(ReferenceCodec.Encode(new TensorView(spec, source.Bytes), Profile, frame.Bytes).FrameBytes);
    }
}
