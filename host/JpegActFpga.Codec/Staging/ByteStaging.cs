using System.Runtime.CompilerServices;
using JpegActFpga.Codec.Elements;
using JpegActFpga.Codec.Reference;
using JpegActFpga.Core.Memory;
using JpegActFpga.Core.Profiles;
using JpegActFpga.Core.Tensors;

namespace JpegActFpga.Codec.Staging;

/// <summary>
/// Blocks of ready-made q8 values (docs/format.md, section 2): the host scales and rounds, so that a quarter of the bytes
/// of float32 go over the link. Thread-safe for disjoint ranges of blocks. Allocates nothing.
/// </summary>
public static class ByteStaging
{
    private const int Side = BlockGeometry.BlockSide;

    /// <summary>Quantises consecutive blocks of a tensor; positions outside the tensor become 0.</summary>
    /// <param name="tensor">A tensor of finite elements in host memory.</param>
    /// <param name="method">A method with scales.</param>
    /// <param name="geometry">The tensor's geometry for that method.</param>
    /// <param name="firstBlock">First block.</param>
    /// <param name="scales">The encoder's scales.</param>
    /// <param name="blocks">Receives 64 bytes a block; its length says how many blocks.</param>
    public static void Quantise(TensorView tensor, CodecMethod method, BlockGeometry geometry, long firstBlock, NativeSpan<float> scales, NativeSpan<byte> blocks)
    {
        switch (tensor.Spec.ElementType)
        {
            case ElementType.Float32:
                Quantise<float, Float32Format>(tensor.Bytes.Cast<float>(), method, geometry, firstBlock, scales, blocks.Cast<sbyte>());
                break;
            case ElementType.Float16:
                Quantise<ushort, Float16Format>(tensor.Bytes.Cast<ushort>(), method, geometry, firstBlock, scales, blocks.Cast<sbyte>());
                break;
            default:
                Quantise<ushort, BFloat16Format>(tensor.Bytes.Cast<ushort>(), method, geometry, firstBlock, scales, blocks.Cast<sbyte>());
                break;
        }
    }

    /// <summary>Turns blocks of integers back into elements; positions outside the tensor are dropped.</summary>
    /// <param name="blocks">64 bytes a block; its length says how many blocks.</param>
    /// <param name="method">A method with scales.</param>
    /// <param name="geometry">The tensor's geometry for that method.</param>
    /// <param name="firstBlock">First block.</param>
    /// <param name="scales">The frame's scales.</param>
    /// <param name="tensor">A tensor in host memory.</param>
    public static void Dequantise(NativeSpan<byte> blocks, CodecMethod method, BlockGeometry geometry, long firstBlock, NativeSpan<float> scales, TensorView tensor)
    {
        switch (tensor.Spec.ElementType)
        {
            case ElementType.Float32:
                Dequantise<float, Float32Format>(blocks.Cast<sbyte>(), method, geometry, firstBlock, scales, tensor.Bytes.Cast<float>());
                break;
            case ElementType.Float16:
                Dequantise<ushort, Float16Format>(blocks.Cast<sbyte>(), method, geometry, firstBlock, scales, tensor.Bytes.Cast<ushort>());
                break;
            default:
                Dequantise<ushort, BFloat16Format>(blocks.Cast<sbyte>(), method, geometry, firstBlock, scales, tensor.Bytes.Cast<ushort>());
                break;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Quantise<TBits, TFormat>(NativeSpan<TBits> elements, CodecMethod method, BlockGeometry geometry, long firstBlock, NativeSpan<float> scales, NativeSpan<sbyte> blocks)
        where TBits : unmanaged
        where TFormat : struct, IElementFormat<TBits>
    {
        blocks.Clear();
        if (method != CodecMethod.JpegAct)
        {
            long first = firstBlock * BlockGeometry.BlockValues;
            long count = Math.Min(blocks.Length, geometry.Elements - first);
            var cursor = new ScaleCursor(first, geometry.PlaneRows * geometry.Width, scales.Length);
            for (long i = 0; i < count; i++, cursor.Next())
            {
                blocks[i] = (sbyte)Quantiser8.Quantise(TFormat.Widen(elements[first + i]), scales[cursor.Scale]);
            }

            return;
        }

        var walk = new SquareWalk(geometry, firstBlock);
        for (long i = 0; i < blocks.Length / BlockGeometry.BlockValues; i++, walk.Next())
        {
            var cursor = new ScaleCursor(walk.FirstRow, geometry.PlaneRows, scales.Length);
            for (int r = 0; r < walk.Rows; r++, cursor.Next())
            {
                float scale = scales[cursor.Scale];
                ReadOnlySpan<TBits> line = elements.AsSpan(walk.FirstElement + (r * geometry.Width), walk.Columns);
                Span<sbyte> to = blocks.AsSpan((i * BlockGeometry.BlockValues) + (r * Side), line.Length);
                for (int c = 0; c < line.Length; c++)
                {
                    to[c] = (sbyte)Quantiser8.Quantise(TFormat.Widen(line[c]), scale);
                }
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Dequantise<TBits, TFormat>(NativeSpan<sbyte> blocks, CodecMethod method, BlockGeometry geometry, long firstBlock, NativeSpan<float> scales, NativeSpan<TBits> elements)
        where TBits : unmanaged
        where TFormat : struct, IElementFormat<TBits>
    {
        if (method != CodecMethod.JpegAct)
        {
            long first = firstBlock * BlockGeometry.BlockValues;
            long count = Math.Min(blocks.Length, geometry.Elements - first);
            var cursor = new ScaleCursor(first, geometry.PlaneRows * geometry.Width, scales.Length);
            for (long i = 0; i < count; i++, cursor.Next())
            {
                elements[first + i] = TFormat.Narrow(blocks[i] * scales[cursor.Scale]);
            }

            return;
        }

        var walk = new SquareWalk(geometry, firstBlock);
        for (long i = 0; i < blocks.Length / BlockGeometry.BlockValues; i++, walk.Next())
        {
            var cursor = new ScaleCursor(walk.FirstRow, geometry.PlaneRows, scales.Length);
            for (int r = 0; r < walk.Rows; r++, cursor.Next())
            {
                float scale = scales[cursor.Scale];
                Span<TBits> line = elements.AsSpan(walk.FirstElement + (r * geometry.Width), walk.Columns);
                ReadOnlySpan<sbyte> from = blocks.AsSpan((i * BlockGeometry.BlockValues) + (r * Side), line.Length);
                for (int c = 0; c < line.Length; c++)
                {
                    line[c] = TFormat.Narrow(from[c] * scale);
                }
            }
        }
    }
}
