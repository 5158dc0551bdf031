using JpegActFpga.Codec.Reference;
using JpegActFpga.Core.Backends;
using JpegActFpga.Core.Frames;
using JpegActFpga.Core.Memory;
using JpegActFpga.Core.Profiles;
using JpegActFpga.Core.Tensors;

namespace JpegActFpga.Backends.Tests.Support;

/// <summary>A tensor of this test's own, filled with smooth values and noise.</summary>
internal sealed class OwnTensor : IDisposable
{
    private readonly NativeBuffer _memory;

    internal OwnTensor(params long[] shape)
    {
        Spec = new TensorSpec(ElementType.Float32, new TensorShape(shape));
        _memory = new NativeBuffer(Spec.ByteCount);
        _memory.Bytes.Clear();
    }

    internal TensorSpec Spec { get; }

    internal TensorView View => new(Spec, _memory.Bytes);

    internal NativeSpan<float> Elements => _memory.Bytes.Cast<float>();

    internal OwnTensor Fill(int seed)
    {
        var random = new Random(seed);
        for (long i = 0; i < Elements.Length; i++)
        {
            Elements[i] = (float)(Math.Sin(0.1 * (i % 97)) + (0.4 * (random.NextDouble() - 0.5)));
        }

        return this;
    }

    internal byte[] Bits() => _memory.Bytes.AsSpan(0, (int)_memory.ByteLength).ToArray();

    /// <summary>The frame that the reference makes.</summary>
    internal byte[] ReferenceFrame(CodecProfile profile)
    {
        using var room = new NativeBuffer(FrameLayout.MaxFrameBytes(Spec, profile));
        CompressResult result = ReferenceCodec.Encode(View, profile, room.Bytes);
        return room.Bytes.AsSpan(0, (int)result.FrameBytes).ToArray();
    }

    /// <summary>The bits that the reference gives after a round trip.</summary>
    internal byte[] ReferenceRoundTrip(CodecProfile profile)
    {
        byte[] frame = ReferenceFrame(profile);
        using var memory = new NativeBuffer(frame.Length);
        frame.CopyTo(memory.Bytes.AsSpan(0, frame.Length));
        using var expanded = new OwnTensor(Spec.Shape.Dimensions.ToArray());
        ReferenceCodec.Decode(FrameReader.Open(memory.Bytes), expanded.View);
        return expanded.Bits();
    }

    /// <inheritdoc/>
    public void Dispose() => _memory.Dispose();
}
