using System.Runtime.CompilerServices;
using JpegActFpga.Codec.Elements;
using JpegActFpga.Core.Backends;
using JpegActFpga.Core.Frames;
using JpegActFpga.Core.Memory;
using JpegActFpga.Core.Profiles;
using JpegActFpga.Core.Tensors;

namespace JpegActFpga.Codec.Reference;

/// <summary>Method brc: one bit an element, which is all that the backward pass of a ReLU looks at.</summary>
internal static class BinaryMaskCodec
{
    /// <summary>Encodes a tensor.</summary>
    /// <param name="source">The tensor; NaN counts as passing the gradient, as torch's backward does.</param>
    /// <param name="destination">At least <see cref="FrameLayout.MaxFrameBytes"/> bytes.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal static CompressResult Encode<TBits, TFormat>(TensorView source, NativeSpan<byte> destination)
        where TBits : unmanaged
        where TFormat : struct, IElementFormat<TBits>
    {
        var builder = new FrameBuilder(destination, source.Spec, CodecProfile.Brc);
        NativeSpan<TBits> elements = source.Bytes.Cast<TBits>();
        NativeSpan<ulong> masks = builder.Masks;
        for (long block = 0; block < masks.Length; block++)
        {
            long first = block * BlockGeometry.BlockValues;
            ReadOnlySpan<TBits> part = elements.AsSpan(first, (int)Math.Min(BlockGeometry.BlockValues, elements.Length - first));
            ulong mask = 0;
            for (int k = 0; k < part.Length; k++)
            {
                mask |= (TFormat.Widen(part[k]) <= 0f ? 0UL : 1UL) << k;
            }

            masks[block] = mask;
        }

        return new CompressResult(builder.Complete(nonNegative: false), CodecMethod.Brc);
    }

    /// <summary>Decodes a frame to ones and zeros.</summary>
    /// <param name="frame">The frame.</param>
    /// <param name="destination">Receives 1 or 0 for each element.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal static void Decode<TBits, TFormat>(FrameReader frame, TensorView destination)
        where TBits : unmanaged
        where TFormat : struct, IElementFormat<TBits>
    {
        NativeSpan<TBits> elements = destination.Bytes.Cast<TBits>();
        NativeSpan<ulong> masks = frame.Masks;
        TBits one = TFormat.Narrow(1f);
        TBits zero = TFormat.Narrow(0f);
        for (long block = 0; block < masks.Length; block++)
        {
            long first = block * BlockGeometry.BlockValues;
            Span<TBits> part = elements.AsSpan(first, (int)Math.Min(BlockGeometry.BlockValues, elements.Length - first));
            ulong mask = masks[block];
            for (int k = 0; k < part.Length; k++)
            {
                part[k] = ((mask >> k) & 1) != 0 ? one : zero;
            }
        }
    }
}
