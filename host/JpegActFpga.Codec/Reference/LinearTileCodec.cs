using System.Numerics;
using System.Runtime.CompilerServices;
using JpegActFpga.Codec.Elements;
using JpegActFpga.Core.Frames;
using JpegActFpga.Core.Memory;
using JpegActFpga.Core.Profiles;
using JpegActFpga.Core.Tensors;

namespace JpegActFpga.Codec.Reference;

/// <summary>Methods sfpr and sfpr-zvc, whose blocks follow memory order, one tile at a time.</summary>
internal static class LinearTileCodec
{
    /// <summary>Encodes a tile.</summary>
    /// <param name="source">The tensor.</param>
    /// <param name="method">sfpr or sfpr-zvc.</param>
    /// <param name="scales">The encoder's scales.</param>
    /// <param name="builder">Receives masks and values.</param>
    /// <param name="tile">0 .. tiles - 1.</param>
    /// <param name="valueBytes">Value bytes before the tile.</param>
    /// <returns>Value bytes after the tile.</returns>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal static long Encode<TBits, TFormat>(TensorView source, CodecMethod method, NativeSpan<float> scales, FrameBuilder builder, long tile, long valueBytes)
        where TBits : unmanaged
        where TFormat : struct, IElementFormat<TBits>
    {
        BlockGeometry geometry = builder.Layout.Geometry;
        NativeSpan<TBits> elements = source.Bytes.Cast<TBits>();
        NativeSpan<byte> values = builder.Values;
        Span<sbyte> q = stackalloc sbyte[BlockGeometry.BlockValues];
        Span<byte> nonZero = stackalloc byte[BlockGeometry.BlockValues];
        long firstBlock = tile * BlockGeometry.TileBlocks;
        for (int i = 0; i < geometry.BlocksOfTile(tile); i++)
        {
            long first = (firstBlock + i) * BlockGeometry.BlockValues;
            int here = (int)Math.Min(BlockGeometry.BlockValues, geometry.Elements - first);
            ReadOnlySpan<TBits> part = elements.AsSpan(first, here);
            var cursor = new ScaleCursor(first, geometry.PlaneRows * geometry.Width, scales.Length);
            q.Clear();
            for (int k = 0; k < here; k++, cursor.Next())
            {
                q[k] = (sbyte)Quantiser8.Quantise(TFormat.Widen(part[k]), scales[cursor.Scale]);
            }

            if (method == CodecMethod.Sfpr)
            {
                System.Runtime.InteropServices.MemoryMarshal.AsBytes(q[..here]).CopyTo(values.AsSpan(valueBytes, here));
                valueBytes += here;
            }
            else
            {
                NativeSpan<ulong> masks = builder.Masks;
                masks[firstBlock + i] = ZeroValueCoder.Encode(q, nonZero, out int count);
                nonZero[..count].CopyTo(values.AsSpan(valueBytes, count));
                valueBytes += count;
            }
        }

        return valueBytes;
    }

    /// <summary>Decodes a tile.</summary>
    /// <param name="frame">The frame.</param>
    /// <param name="destination">Receives the tile's elements.</param>
    /// <param name="tile">0 .. tiles - 1.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal static void Decode<TBits, TFormat>(FrameReader frame, TensorView destination, long tile)
        where TBits : unmanaged
        where TFormat : struct, IElementFormat<TBits>
    {
        BlockGeometry geometry = frame.Layout.Geometry;
        NativeSpan<TBits> elements = destination.Bytes.Cast<TBits>();
        NativeSpan<float> scales = frame.Scales;
        NativeSpan<byte> values = frame.Values;
        Span<sbyte> q = stackalloc sbyte[BlockGeometry.BlockValues];
        long firstBlock = tile * BlockGeometry.TileBlocks;
        long valueBytes = (long)frame.TileOffsets[tile];
        for (int i = 0; i < geometry.BlocksOfTile(tile); i++)
        {
            long first = (firstBlock + i) * BlockGeometry.BlockValues;
            int here = (int)Math.Min(BlockGeometry.BlockValues, geometry.Elements - first);
            if (frame.Header.Method == CodecMethod.Sfpr)
            {
                values.AsSpan(valueBytes, here).CopyTo(System.Runtime.InteropServices.MemoryMarshal.AsBytes(q));
                valueBytes += here;
            }
            else
            {
                ulong mask = frame.Masks[firstBlock + i];
                int count = BitOperations.PopCount(mask);
                ZeroValueCoder.Decode(mask, values.AsSpan(valueBytes, count), q);
                valueBytes += count;
            }

            Span<TBits> part = elements.AsSpan(first, here);
            var cursor = new ScaleCursor(first, geometry.PlaneRows * geometry.Width, scales.Length);
            for (int k = 0; k < here; k++, cursor.Next())
            {
                part[k] = TFormat.Narrow(q[k] * scales[cursor.Scale]);
            }
        }
    }
}
