using System.Numerics;
using System.Runtime.CompilerServices;
using JpegActFpga.Codec.Elements;
using JpegActFpga.Codec.Transform;
using JpegActFpga.Core.Frames;
using JpegActFpga.Core.Memory;
using JpegActFpga.Core.Profiles;
using JpegActFpga.Core.Tensors;

namespace JpegActFpga.Codec.Reference;

/// <summary>Method jpeg-act, one tile at a time.</summary>
internal static class TransformTileCodec
{
    private const int Side = BlockGeometry.BlockSide;

    /// <summary>Encodes a tile.</summary>
    /// <param name="source">The tensor.</param>
    /// <param name="profile">The profile.</param>
    /// <param name="scales">The encoder's scales.</param>
    /// <param name="builder">Receives masks and values.</param>
    /// <param name="tile">0 .. tiles - 1.</param>
    /// <param name="valueBytes">Value bytes before the tile.</param>
    /// <returns>Value bytes after the tile.</returns>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal static long Encode<TBits, TFormat>(TensorView source, CodecProfile profile, NativeSpan<float> scales, FrameBuilder builder, long tile, long valueBytes)
        where TBits : unmanaged
        where TFormat : struct, IElementFormat<TBits>
    {
        BlockGeometry geometry = builder.Layout.Geometry;
        NativeSpan<TBits> elements = source.Bytes.Cast<TBits>();
        NativeSpan<byte> values = builder.Values;
        NativeSpan<ulong> masks = builder.Masks;
        Span<int> x = stackalloc int[BlockGeometry.BlockValues];
        Span<sbyte> q = stackalloc sbyte[BlockGeometry.BlockValues];
        Span<byte> nonZero = stackalloc byte[BlockGeometry.BlockValues];
        long firstBlock = tile * BlockGeometry.TileBlocks;
        for (int i = 0; i < geometry.BlocksOfTile(tile); i++)
        {
            long block = firstBlock + i;
            long row = block / geometry.BlocksPerRow * Side;
            long column = block % geometry.BlocksPerRow * Side;
            int rowsHere = (int)Math.Min(Side, geometry.Rows - row);
            int columnsHere = (int)Math.Min(Side, geometry.Width - column);
            x.Clear();
            var cursor = new ScaleCursor(row, geometry.PlaneRows, scales.Length);
            for (int r = 0; r < rowsHere; r++, cursor.Next())
            {
                float scale = scales[cursor.Scale];
                ReadOnlySpan<TBits> line = elements.AsSpan(((row + r) * geometry.Width) + column, columnsHere);
                for (int c = 0; c < line.Length; c++)
                {
                    x[(Side * r) + c] = Quantiser8.Quantise(TFormat.Widen(line[c]), scale);
                }
            }

            ReferenceTransform.Forward(x, profile.Shifts.CoefficientOrder, profile.Rounding, q);
            masks[block] = ZeroValueCoder.Encode(q, nonZero, out int count);
            nonZero[..count].CopyTo(values.AsSpan(valueBytes, count));
            valueBytes += count;
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
        NativeSpan<ulong> masks = frame.Masks;
        NativeSpan<byte> values = frame.Values;
        ReadOnlySpan<byte> shifts = frame.Header.Shifts.CoefficientOrder;
        int lowest = frame.Header.NonNegative ? 0 : sbyte.MinValue;
        Span<sbyte> q = stackalloc sbyte[BlockGeometry.BlockValues];
        Span<int> y = stackalloc int[BlockGeometry.BlockValues];
        long firstBlock = tile * BlockGeometry.TileBlocks;
        long valueBytes = (long)frame.TileOffsets[tile];
        for (int i = 0; i < geometry.BlocksOfTile(tile); i++)
        {
            long block = firstBlock + i;
            ulong mask = masks[block];
            int count = BitOperations.PopCount(mask);
            ZeroValueCoder.Decode(mask, values.AsSpan(valueBytes, count), q);
            valueBytes += count;
            ReferenceTransform.Inverse(q, shifts, lowest, y);

            long row = block / geometry.BlocksPerRow * Side;
            long column = block % geometry.BlocksPerRow * Side;
            int rowsHere = (int)Math.Min(Side, geometry.Rows - row);
            int columnsHere = (int)Math.Min(Side, geometry.Width - column);
            var cursor = new ScaleCursor(row, geometry.PlaneRows, scales.Length);
            for (int r = 0; r < rowsHere; r++, cursor.Next())
            {
                float scale = scales[cursor.Scale];
                Span<TBits> line = elements.AsSpan(((row + r) * geometry.Width) + column, columnsHere);
                for (int c = 0; c < line.Length; c++)
                {
                    line[c] = TFormat.Narrow(y[(Side * r) + c] * scale);
                }
            }
        }
    }
}
