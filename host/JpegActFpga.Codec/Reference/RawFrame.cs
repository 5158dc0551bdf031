using JpegActFpga.Core.Backends;
using JpegActFpga.Core.Frames;
using JpegActFpga.Core.Memory;
using JpegActFpga.Core.Profiles;
using JpegActFpga.Core.Tensors;

namespace JpegActFpga.Codec.Reference;

/// <summary>Frames that hold the elements as they are.</summary>
public static class RawFrame
{
    /// <summary>Writes one.</summary>
    /// <param name="source">A tensor in host memory.</param>
    /// <param name="nonFinite">True where another method was asked for and a NaN or an infinity forbids it.</param>
    /// <param name="destination">At least <see cref="FrameLayout.MaxFrameBytes"/> bytes, 8-byte aligned.</param>
    /// <returns>The frame's size and method.</returns>
    public static CompressResult Write(TensorView source, bool nonFinite, NativeSpan<byte> destination)
    {
        var builder = new FrameBuilder(destination, source.Spec, CodecProfile.Raw);
        source.Bytes.CopyTo(builder.Values);
        BlockGeometry geometry = builder.Layout.Geometry;
        NativeSpan<ulong> offsets = builder.TileOffsets;
        long tileBytes = (long)BlockGeometry.TileBlocks * BlockGeometry.BlockValues * source.Spec.ElementType.ByteSize();
        for (long tile = 0; tile < geometry.Tiles; tile++)
        {
            offsets[tile] = (ulong)(tile * tileBytes);
        }

        offsets[geometry.Tiles] = (ulong)source.Bytes.Length;
        return new CompressResult(builder.Complete(nonNegative: false, nonFinite), CodecMethod.Raw);
    }
}
