using JpegActFpga.Backends.Conformance;
using JpegActFpga.Codec.Reference;
using JpegActFpga.Codec.Tests.IndependentModel;
using JpegActFpga.Core.Backends;
using JpegActFpga.Core.Frames;
using JpegActFpga.Core.Profiles;
using JpegActFpga.Core.Tensors;

namespace JpegActFpga.Codec.Tests;

/// <summary>Takes cases to the model's world, and runs the codec under test in guarded memory.</summary>
internal static class ModelConversion
{
    internal static ModelTensor ToModel(TensorSpec spec, byte[] data) => new((int)spec.ElementType, spec.Shape.Dimensions.ToArray(), data);

    internal static ModelProfile ToModel(CodecProfile profile)
    {
        var shifts = new int[64];
        for (int v = 0; v < 8; v++)
        {
            for (int u = 0; u < 8; u++)
            {
                shifts[(8 * u) + v] = profile.Shifts[v, u];
            }
        }

        return new ModelProfile((int)profile.Method, (int)profile.Rounding, (int)profile.ScaleMode, profile.FullScale, shifts);
    }

    internal static byte[] ReferenceEncode(TensorSpec spec, byte[] data, CodecProfile profile)
    {
        // Elements need only their own alignment, frames 8 bytes.
        using GuardedBuffer source = GuardedBuffer.Of(data, spec.ElementType.ByteSize());
        using var destination = new GuardedBuffer(FrameLayout.MaxFrameBytes(spec, profile), shift: 8);
        CompressResult result = ReferenceCodec.Encode(new TensorView(spec, source.Bytes), profile, destination.Bytes);
        source.DemandIntactGuards();
        destination.DemandIntactGuards();
        Assert.Equal(data, source.ToArray());
        byte[] frame = destination.ToArray(result.FrameBytes);
        Assert.Equal((CodecMethod)frame[7], result.Method);
        return frame;
    }

    internal static byte[] ReferenceDecode(byte[] frame)
    {
        using GuardedBuffer source = GuardedBuffer.Of(frame, shift: 8);
        FrameReader reader = FrameReader.Open(source.Bytes);
        TensorSpec spec = reader.Header.Spec;
        using var destination = new GuardedBuffer(spec.ByteCount, spec.ElementType.ByteSize());
        ReferenceCodec.Decode(reader, new TensorView(spec, destination.Bytes));
        destination.DemandIntactGuards();
        source.DemandIntactGuards();
        Assert.Equal(frame, source.ToArray());
        return destination.ToArray();
    }

    /// <summary>Compares and names the first byte that differs: a dump of two frames helps nobody.</summary>
    internal static void DemandSameBytes(byte[] expected, byte[] actual, string what)
    {
        int common = expected.AsSpan().CommonPrefixLength(actual);
        Assert.True(
            common == expected.Length && common == actual.Length,
            $"{what}: byte {common} differs: {Hex(expected, common)} expected, {Hex(actual, common)} found ({expected.Length} and {actual.Length} bytes).");
    }

    private static string Hex(byte[] bytes, int at) => Convert.ToHexString(bytes.AsSpan(at, Math.Min(8, bytes.Length - at)));
}
