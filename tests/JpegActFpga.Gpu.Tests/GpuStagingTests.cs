using System.Runtime.InteropServices;
using JpegActFpga.Backends.Conformance;
using JpegActFpga.Codec.Reference;
using JpegActFpga.Core.Frames;
using JpegActFpga.Core.Profiles;
using JpegActFpga.Core.Tensors;
using JpegActFpga.Cuda;
using JpegActFpga.Gpu.Staging;
using JpegActFpga.Gpu.Tests.Support;

namespace JpegActFpga.Gpu.Tests;

/// <summary>Tensors on their way from a GPU to a card: the bytes that cross the link.</summary>
[Collection(GpuTestGroup.Name)]
public sealed class GpuStagingTests
{
    private static readonly TensorSpec Spec = new(ElementType.Float32, new TensorShape(3, 5, 17, 23));
    private static readonly CodecProfile Profile = CodecProfile.Sfpr(zeroValueCompression: false);

    public GpuStagingTests()
    {
        Support.Gpu.SkipUnlessThere();
        Support.Gpu.Reset();
    }

    [Fact]
    public async Task Raw_is_the_tensor()
    {
        (byte[] tensor, byte[] staged, StagedTensor facts) = await Stage(StagingFormat.Raw, TensorPattern.AnyFiniteBits);
        Assert.Equal(tensor, staged);
        Assert.Equal(Spec, facts.Spec);
    }

    [Fact]
    public async Task Bfloat16_is_the_tensor_to_the_nearest()
    {
        (byte[] tensor, byte[] staged, StagedTensor facts) = await Stage(StagingFormat.BFloat16, TensorPattern.Normal);
        ushort[] expected = [.. MemoryMarshal.Cast<byte, float>(tensor).ToArray().Select(ElementConversion.SingleToBFloat16)];
        Assert.Equal(expected, MemoryMarshal.Cast<byte, ushort>(staged).ToArray());
        Assert.Equal(ElementType.BFloat16, facts.Spec.ElementType);
        Assert.Equal(tensor.Length / 2, facts.ByteCount);
    }

    [Theory]
    [InlineData(TensorPattern.Normal, false)]
    [InlineData(TensorPattern.Relu, true)]
    public async Task Int8_is_the_values_and_scales_of_the_references_sfpr_frame(TensorPattern pattern, bool nonNegative)
    {
        (byte[] tensor, byte[] staged, StagedTensor facts) = await Stage(StagingFormat.ScaledInt8, pattern);
        using GuardedBuffer source = GuardedBuffer.Of(tensor);
        using var memory = new GuardedBuffer(FrameLayout.MaxFrameBytes(Spec, Profile));
        long bytes = ReferenceCodec.Encode(new TensorView(Spec, source.Bytes), Profile, memory.Bytes, TestContext.Current.CancellationToken).FrameBytes;
        FrameReader frame = FrameReader.Open(memory.Bytes.Slice(0, bytes));
        Assert.Equal(frame.Values.AsSpan(0, (int)frame.Values.Length).ToArray(), staged[..(int)facts.ByteCount]);
        Assert.Equal(frame.Scales.AsSpan(0, (int)frame.Scales.Length).ToArray(), MemoryMarshal.Cast<byte, float>(staged.AsSpan((int)facts.ScalesOffset)).ToArray());
        Assert.Equal(5, facts.ScaleCount);
        Assert.Equal(nonNegative, facts.NonNegative);
        Assert.False(facts.NonFinite);
        Assert.Equal(tensor.Length / 4, facts.ByteCount);
    }

    [Fact]
    public async Task Int8_of_a_tensor_with_a_NaN_says_so() =>
        Assert.True((await Stage(StagingFormat.ScaledInt8, TensorPattern.NonFinite)).Facts.NonFinite);

    private static async Task<(byte[] Tensor, byte[] Staged, StagedTensor Facts)> Stage(StagingFormat format, TensorPattern pattern)
    {
        await using GpuBackend gpu = GpuBackend.Open();
        byte[] tensor = TensorFiller.Make(Spec, pattern, Profile.FullScale, seed: 5);
        using var device = new DeviceTensor(gpu.Context, Spec);
        using GuardedBuffer source = GuardedBuffer.Of(tensor);
        device.Write(source.Bytes);

        // As a card's host buffer would be: memory of someone else's, locked for the GPU.
        long needed = StagedTensor.BytesNeeded(Spec, format, Profile.ScaleMode);
        using var room = new GuardedBuffer(needed);
        using CudaHostMemory locked = CudaHostMemory.Register(gpu.Context, room.Bytes.Address, needed);
        StagedTensor facts = await new GpuStaging(gpu).StageAsync(device.View, format, Profile, room.Bytes, TestContext.Current.CancellationToken);
        room.DemandIntactGuards();
        return (tensor, room.ToArray(), facts);
    }
}
