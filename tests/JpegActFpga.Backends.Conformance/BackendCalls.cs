using JpegActFpga.Codec.Reference;
using JpegActFpga.Core.Backends;
using JpegActFpga.Core.Frames;
using JpegActFpga.Core.Profiles;
using JpegActFpga.Core.Tensors;

namespace JpegActFpga.Backends.Conformance;

/// <summary>Runs a backend and the reference on the same case in guarded memory and demands that they agree.</summary>
internal static class BackendCalls
{
    internal static async Task DemandSameFrame(ICodecBackend backend, CodecCase @case, CancellationToken cancellationToken)
    {
        byte[] tensor = @case.MakeTensor();
        (byte[] expected, CodecMethod method) = Reference(@case, tensor);

        // A caller owes no more than the elements' own alignment for tensors and 8 bytes for frames.
        using GuardedBuffer source = GuardedBuffer.Of(tensor, @case.Spec.ElementType.ByteSize());
        using var destination = new GuardedBuffer(FrameLayout.MaxFrameBytes(@case.Spec, @case.Profile), shift: 8);
        CompressResult result = await backend.CompressAsync(new TensorView(@case.Spec, source.Bytes), @case.Profile, destination.Bytes, cancellationToken);

        Assert.Equal(method, result.Method);
        Assert.Equal(expected.Length, result.FrameBytes);
        DemandSameBytes(expected, destination.ToArray(result.FrameBytes), $"frame of {@case}");
        DemandSameBytes(tensor, source.ToArray(), $"source after compressing {@case}");
        destination.DemandIntactGuards();
        source.DemandIntactGuards();
    }

    internal static async Task DemandSameElements(ICodecBackend backend, byte[] frame, string what, CancellationToken cancellationToken)
    {
        using GuardedBuffer source = GuardedBuffer.Of(frame, shift: 8);
        FrameReader reader = FrameReader.Open(source.Bytes);
        TensorSpec spec = reader.Header.Spec;
        using var expected = new GuardedBuffer(spec.ByteCount);
        ReferenceCodec.Decode(reader, new TensorView(spec, expected.Bytes), cancellationToken);

        using var destination = new GuardedBuffer(spec.ByteCount, spec.ElementType.ByteSize());
        await backend.ExpandAsync(reader, new TensorView(spec, destination.Bytes), cancellationToken);

        DemandSameBytes(expected.ToArray(), destination.ToArray(), $"elements of {what}");
        DemandSameBytes(frame, source.ToArray(), $"frame after expanding {what}");
        destination.DemandIntactGuards();
        source.DemandIntactGuards();
    }

    internal static (byte[] Frame, CodecMethod Method) Reference(CodecCase @case, byte[] tensor)
    {
        using GuardedBuffer source = GuardedBuffer.Of(tensor);
        using var destination = new GuardedBuffer(FrameLayout.MaxFrameBytes(@case.Spec, @case.Profile));
        CompressResult result = ReferenceCodec.Encode(new TensorView(@case.Spec, source.Bytes), @case.Profile, destination.Bytes);
        return (destination.ToArray(result.FrameBytes), result.Method);
    }

    private static void DemandSameBytes(byte[] expected, byte[] actual, string what)
    {
        int common = expected.AsSpan().CommonPrefixLength(actual);
        Assert.True(
            common == expected.Length && common == actual.Length,
            $"{what}: byte {common} differs: {Hex(expected, common)} expected, {Hex(actual, common)} found ({expected.Length} and {actual.Length} bytes).");
    }

    private static string Hex(byte[] bytes, int at) => Convert.ToHexString(bytes.AsSpan(at, Math.Min(8, bytes.Length - at)));
}
