using JpegActFpga.Codec.Reference;
using JpegActFpga.Core.Backends;
using JpegActFpga.Core.Frames;
using JpegActFpga.Core.Memory;
using JpegActFpga.Core.Profiles;
using JpegActFpga.Core.Tensors;

namespace JpegActFpga.Cli.Tests;

/// <summary>The reference codec on byte arrays: what the program's files must equal.</summary>
public static class Reference
{
    /// <summary>Compresses.</summary>
    public static byte[] Encode(ElementType type, long[] shape, byte[] data, CodecProfile profile)
    {
        var spec = new TensorSpec(type, new TensorShape(shape));
        using var tensor = new NativeBuffer(spec.ByteCount);
        data.CopyTo(tensor.Bytes.AsSpan(0, data.Length));
        using var room = new NativeBuffer(FrameLayout.MaxFrameBytes(spec, profile));
        CompressResult result = ReferenceCodec.Encode(new TensorView(spec, tensor.Bytes), profile, room.Bytes);
        return room.Bytes.AsSpan(0, (int)result.FrameBytes).ToArray();
    }

    /// <summary>Expands.</summary>
    public static byte[] Decode(byte[] frame)
    {
        using var bytes = new NativeBuffer(frame.Length);
        frame.CopyTo(bytes.Bytes.AsSpan(0, frame.Length));
        FrameReader reader = FrameReader.Open(bytes.Bytes);
        using var tensor = new NativeBuffer(reader.Header.Spec.ByteCount);
        ReferenceCodec.Decode(reader, new TensorView(reader.Header.Spec, tensor.Bytes));
        return tensor.Bytes.AsSpan(0, (int)tensor.ByteLength).ToArray();
    }
}
