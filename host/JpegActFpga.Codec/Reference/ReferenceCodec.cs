using JpegActFpga.Codec.Elements;
using JpegActFpga.Codec.Scales;
using JpegActFpga.Core.Backends;
using JpegActFpga.Core.Frames;
using JpegActFpga.Core.Memory;
using JpegActFpga.Core.Profiles;
using JpegActFpga.Core.Tensors;

namespace JpegActFpga.Codec.Reference;

/// <summary>The scalar definition of the codec: to be read beside docs/format.md, and the judge of every faster one.</summary>
/// <remarks>Thread-safe: no state.</remarks>
public static class ReferenceCodec
{
    /// <summary>Compresses a tensor.</summary>
    /// <param name="source">A tensor in host memory.</param>
    /// <param name="profile">The profile.</param>
    /// <param name="destination">At least <see cref="FrameLayout.MaxFrameBytes"/> bytes, 8-byte aligned.</param>
    /// <param name="cancellationToken">Looked at first, then once a tile.</param>
    /// <returns>The frame's size and method.</returns>
    /// <exception cref="ArgumentException">The destination is too small for the largest frame, or not aligned.</exception>
    public static CompressResult Encode(TensorView source, CodecProfile profile, NativeSpan<byte> destination, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(profile);
        FrameLayout.DemandRoom(source.Spec, profile, destination);
        cancellationToken.ThrowIfCancellationRequested();
        return profile.Method switch
        {
            CodecMethod.Raw => RawFrame.Write(source, nonFinite: false, destination),
            CodecMethod.Brc => source.Spec.ElementType switch
            {
                ElementType.Float32 => BinaryMaskCodec.Encode<float, Float32Format>(source, destination),
                ElementType.Float16 => BinaryMaskCodec.Encode<ushort, Float16Format>(source, destination),
                _ => BinaryMaskCodec.Encode<ushort, BFloat16Format>(source, destination),
            },
            _ => EncodeScaled(source, profile, destination, cancellationToken),
        };
    }

    /// <summary>Expands a frame.</summary>
    /// <param name="frame">The frame.</param>
    /// <param name="destination">A tensor of the frame's type and shape in host memory.</param>
    /// <param name="cancellationToken">Looked at first, then once a tile.</param>
    /// <exception cref="ArgumentException">The destination is not of the frame's type and shape.</exception>
    /// <exception cref="InvalidFrameException">A tile that was not checked on opening is damaged.</exception>
    public static void Decode(FrameReader frame, TensorView destination, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(frame);
        DemandSameTensor(frame, destination);
        frame.CheckTiles();
        cancellationToken.ThrowIfCancellationRequested();
        switch (destination.Spec.ElementType)
        {
            case ElementType.Float32:
                Decode<float, Float32Format>(frame, destination, cancellationToken);
                break;
            case ElementType.Float16:
                Decode<ushort, Float16Format>(frame, destination, cancellationToken);
                break;
            default:
                Decode<ushort, BFloat16Format>(frame, destination, cancellationToken);
                break;
        }
    }

    /// <summary>Checks that a tensor can take a frame's content.</summary>
    /// <param name="frame">The frame.</param>
    /// <param name="destination">The tensor.</param>
    /// <exception cref="ArgumentException">Element type or shape differ.</exception>
    public static void DemandSameTensor(FrameReader frame, TensorView destination)
    {
        ArgumentNullException.ThrowIfNull(frame);
        if (frame.Header.Spec != destination.Spec)
        {
            throw new ArgumentException($"The frame holds a {frame.Header.Spec}, the destination is a {destination.Spec}.", nameof(destination));
        }
    }

    private static CompressResult EncodeScaled(TensorView source, CodecProfile profile, NativeSpan<byte> destination, CancellationToken cancellationToken)
    {
        using ScaledTensor scaled = ScaledTensor.Scan(source, profile);
        if (scaled.NonFinite)
        {
            return RawFrame.Write(source, nonFinite: true, destination);
        }

        var builder = new FrameBuilder(destination, source.Spec, profile);
        scaled.DecodeScales.CopyTo(builder.Scales);
        switch (source.Spec.ElementType)
        {
            case ElementType.Float32:
                EncodeTiles<float, Float32Format>(source, profile, scaled.EncodeScales, builder, cancellationToken);
                break;
            case ElementType.Float16:
                EncodeTiles<ushort, Float16Format>(source, profile, scaled.EncodeScales, builder, cancellationToken);
                break;
            default:
                EncodeTiles<ushort, BFloat16Format>(source, profile, scaled.EncodeScales, builder, cancellationToken);
                break;
        }

        return new CompressResult(builder.Complete(!scaled.AnyNegative), profile.Method);
    }

    private static void EncodeTiles<TBits, TFormat>(TensorView source, CodecProfile profile, NativeSpan<float> scales, FrameBuilder builder, CancellationToken cancellationToken)
        where TBits : unmanaged
        where TFormat : struct, IElementFormat<TBits>
    {
        NativeSpan<ulong> offsets = builder.TileOffsets;
        long valueBytes = 0;
        for (long tile = 0; tile < builder.Layout.Geometry.Tiles; tile++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            offsets[tile] = (ulong)valueBytes;
            valueBytes = profile.Method == CodecMethod.JpegAct
                ? TransformTileCodec.Encode<TBits, TFormat>(source, profile, scales, builder, tile, valueBytes)
                : LinearTileCodec.Encode<TBits, TFormat>(source, profile.Method, scales, builder, tile, valueBytes);
        }

        offsets[builder.Layout.Geometry.Tiles] = (ulong)valueBytes;
    }

    private static void Decode<TBits, TFormat>(FrameReader frame, TensorView destination, CancellationToken cancellationToken)
        where TBits : unmanaged
        where TFormat : struct, IElementFormat<TBits>
    {
        switch (frame.Header.Method)
        {
            case CodecMethod.Raw:
                frame.Values.CopyTo(destination.Bytes);
                return;
            case CodecMethod.Brc:
                BinaryMaskCodec.Decode<TBits, TFormat>(frame, destination);
                return;
        }

        for (long tile = 0; tile < frame.Layout.Geometry.Tiles; tile++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (frame.Header.Method == CodecMethod.JpegAct)
            {
                TransformTileCodec.Decode<TBits, TFormat>(frame, destination, tile);
            }
            else
            {
                LinearTileCodec.Decode<TBits, TFormat>(frame, destination, tile);
            }
        }
    }
}
