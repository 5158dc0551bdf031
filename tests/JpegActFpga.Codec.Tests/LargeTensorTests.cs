using JpegActFpga.Backends.Conformance;
using JpegActFpga.Codec.Reference;
using JpegActFpga.Core.Backends;
using JpegActFpga.Core.Frames;
using JpegActFpga.Core.Memory;
using JpegActFpga.Core.Profiles;
using JpegActFpga.Core.Tensors;

namespace JpegActFpga.Codec.Tests;

/// <summary>A tensor of more than 2^31 bytes: offsets that a 32-bit number can't hold.</summary>
public class LargeTensorTests
{
    private const long RequiredBytes = 8L << 30;
    private const int Channels = 3;
    private const int TailSamples = 2;

    [Fact]
    [Trait("Requires", "Memory8GiB")]
    public void Blocks_beyond_2_GiB_are_coded_as_they_are_in_a_small_tensor()
    {
        long available = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes;
        Assert.SkipUnless(available >= RequiredBytes, $"Needs 8 GiB of memory; there are {available >> 20} MiB.");

        // The last samples lie past 2^31 bytes and hold all that is not zero: their scales, masks and values are a small tensor's.
        CodecProfile profile = CodecProfile.JpegAct(ShiftTables.OptsLow);
        var small = new CodecCase(new TensorSpec(ElementType.Float32, new TensorShape(TailSamples, Channels, 8, 64)), profile, TensorPattern.Normal, Seed: 9);
        byte[] tail = small.MakeTensor();
        byte[] smallFrame = ModelConversion.ReferenceEncode(small.Spec, tail, profile);
        long sampleBytes = small.Spec.ByteCount / TailSamples;
        long samples = ((1L << 31) / sampleBytes) + 1 + TailSamples;
        var spec = new TensorSpec(ElementType.Float32, new TensorShape(samples, Channels, 8, 64));
        Assert.True(spec.ByteCount - tail.Length >= 1L << 31);

        using var tensor = new NativeBuffer(spec.ByteCount);
        tensor.Bytes.Clear();
        tail.CopyTo(tensor.Bytes.AsSpan(spec.ByteCount - tail.Length, tail.Length));
        using var memory = new NativeBuffer(FrameLayout.MaxFrameBytes(spec, profile));
        CompressResult result = ReferenceCodec.Encode(new TensorView(spec, tensor.Bytes), profile, memory.Bytes, TestContext.Current.CancellationToken);
        FrameReader reader = FrameReader.Open(memory.Bytes.Slice(0, result.FrameBytes));

        using GuardedBuffer smallMemory = GuardedBuffer.Of(smallFrame);
        FrameReader smallReader = FrameReader.Open(smallMemory.Bytes);
        DemandSame(smallReader.Scales.Cast<byte>(), reader.Scales.Cast<byte>(), "scales");
        DemandSame(smallReader.Values, reader.Values, "values");
        long tailMasks = smallReader.Masks.Length;
        DemandSame(smallReader.Masks.Cast<byte>(), reader.Masks.Slice(reader.Masks.Length - tailMasks, tailMasks).Cast<byte>(), "masks");
        DemandZero(reader.Masks.Slice(0, reader.Masks.Length - tailMasks).Cast<byte>(), "masks");

        // Noise first, so that zeros are the decoder's doing.
        Fill(tensor.Bytes, 0xa7);
        ReferenceCodec.Decode(reader, new TensorView(spec, tensor.Bytes), TestContext.Current.CancellationToken);
        DemandZero(tensor.Bytes.Slice(0, spec.ByteCount - tail.Length), "elements");
        byte[] decodedTail = tensor.Bytes.AsSpan(spec.ByteCount - tail.Length, tail.Length).ToArray();
        ModelConversion.DemandSameBytes(ModelConversion.ReferenceDecode(smallFrame), decodedTail, "last elements");
    }

    private static void DemandSame(NativeSpan<byte> expected, NativeSpan<byte> actual, string what)
    {
        Assert.Equal(expected.Length, actual.Length);
        ModelConversion.DemandSameBytes(expected.AsSpan(0, (int)expected.Length).ToArray(), actual.AsSpan(0, (int)actual.Length).ToArray(), what);
    }

    private static void DemandZero(NativeSpan<byte> bytes, string what) => EachPart(bytes, (part, at) =>
    {
        int nonZero = part.IndexOfAnyExcept((byte)0);
        Assert.True(nonZero < 0, $"{what}: byte {at + nonZero} is not zero.");
    });

    private static void Fill(NativeSpan<byte> bytes, byte value) => EachPart(bytes, (part, _) => part.Fill(value));

    private static void EachPart(NativeSpan<byte> bytes, Action<Span<byte>, long> visit)
    {
        const int Part = 1 << 28;
        for (long at = 0; at < bytes.Length; at += Part)
        {
            visit(bytes.AsSpan(at, (int)Math.Min(Part, bytes.Length - at)), at);
        }
    }
}
