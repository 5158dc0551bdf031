using System.Runtime.CompilerServices;
using JpegActFpga.Codec.Elements;
using JpegActFpga.Core.Memory;
using JpegActFpga.Core.Profiles;
using JpegActFpga.Core.Tensors;

namespace JpegActFpga.Codec.Staging;

/// <summary>Moves elements between a tensor and the float32 blocks that the kernels read and write (docs/kernels.md).</summary>
/// <remarks>Thread-safe for disjoint ranges of blocks.</remarks>
public static class BlockStaging
{
    private const int Side = BlockGeometry.BlockSide;

    /// <summary>Gathers consecutive blocks of a tensor; positions outside the tensor become 0.</summary>
    /// <param name="tensor">A tensor in host memory.</param>
    /// <param name="geometry">Its geometry for jpeg-act.</param>
    /// <param name="firstBlock">First block.</param>
    /// <param name="blocks">Receives 64 floats a block, row by row; its length says how many blocks.</param>
    public static void Gather(TensorView tensor, BlockGeometry geometry, long firstBlock, NativeSpan<float> blocks)
    {
        switch (tensor.Spec.ElementType)
        {
            case ElementType.Float32:
                Gather<float, Float32Format>(tensor.Bytes.Cast<float>(), geometry, firstBlock, blocks);
                break;
            case ElementType.Float16:
                Gather<ushort, Float16Format>(tensor.Bytes.Cast<ushort>(), geometry, firstBlock, blocks);
                break;
            default:
                Gather<ushort, BFloat16Format>(tensor.Bytes.Cast<ushort>(), geometry, firstBlock, blocks);
                break;
        }
    }

    /// <summary>Scatters consecutive blocks to a tensor; positions outside the tensor are dropped.</summary>
    /// <param name="blocks">64 floats a block, row by row; its length says how many blocks.</param>
    /// <param name="geometry">The tensor's geometry for jpeg-act.</param>
    /// <param name="firstBlock">First block.</param>
    /// <param name="tensor">A tensor in host memory; float32 values are narrowed to its type.</param>
    public static void Scatter(NativeSpan<float> blocks, BlockGeometry geometry, long firstBlock, TensorView tensor)
    {
        switch (tensor.Spec.ElementType)
        {
            case ElementType.Float32:
                Scatter<float, Float32Format>(blocks, geometry, firstBlock, tensor.Bytes.Cast<float>());
                break;
            case ElementType.Float16:
                Scatter<ushort, Float16Format>(blocks, geometry, firstBlock, tensor.Bytes.Cast<ushort>());
                break;
            default:
                Scatter<ushort, BFloat16Format>(blocks, geometry, firstBlock, tensor.Bytes.Cast<ushort>());
                break;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Gather<TBits, TFormat>(NativeSpan<TBits> elements, BlockGeometry geometry, long firstBlock, NativeSpan<float> blocks)
        where TBits : unmanaged
        where TFormat : struct, IElementFormat<TBits>
    {
        long rowBlock = firstBlock / geometry.BlocksPerRow;
        long columnBlock = firstBlock % geometry.BlocksPerRow;
        for (long i = 0; i < blocks.Length / BlockGeometry.BlockValues; i++)
        {
            int rowsHere = (int)Math.Min(Side, geometry.Rows - (rowBlock * Side));
            int columnsHere = (int)Math.Min(Side, geometry.Width - (columnBlock * Side));
            Span<float> block = blocks.AsSpan(i * BlockGeometry.BlockValues, BlockGeometry.BlockValues);
            if (rowsHere < Side || columnsHere < Side)
            {
                block.Clear();
            }

            for (int r = 0; r < rowsHere; r++)
            {
                ReadOnlySpan<TBits> line = elements.AsSpan((((rowBlock * Side) + r) * geometry.Width) + (columnBlock * Side), columnsHere);
                Span<float> to = block.Slice(r * Side, columnsHere);
                for (int c = 0; c < line.Length; c++)
                {
                    to[c] = TFormat.Widen(line[c]);
                }
            }

            if (++columnBlock == geometry.BlocksPerRow)
            {
                columnBlock = 0;
                rowBlock++;
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Scatter<TBits, TFormat>(NativeSpan<float> blocks, BlockGeometry geometry, long firstBlock, NativeSpan<TBits> elements)
        where TBits : unmanaged
        where TFormat : struct, IElementFormat<TBits>
    {
        long rowBlock = firstBlock / geometry.BlocksPerRow;
        long columnBlock = firstBlock % geometry.BlocksPerRow;
        for (long i = 0; i < blocks.Length / BlockGeometry.BlockValues; i++)
        {
            int rowsHere = (int)Math.Min(Side, geometry.Rows - (rowBlock * Side));
            int columnsHere = (int)Math.Min(Side, geometry.Width - (columnBlock * Side));
            ReadOnlySpan<float> block = blocks.AsSpan(i * BlockGeometry.BlockValues, BlockGeometry.BlockValues);
            for (int r = 0; r < rowsHere; r++)
            {
                Span<TBits> line = elements.AsSpan((((rowBlock * Side) + r) * geometry.Width) + (columnBlock * Side), columnsHere);
                ReadOnlySpan<float> from = block.Slice(r * Side, columnsHere);
                for (int c = 0; c < line.Length; c++)
                {
                    line[c] = TFormat.Narrow(from[c]);
                }
            }

            if (++columnBlock == geometry.BlocksPerRow)
            {
                columnBlock = 0;
                rowBlock++;
            }
        }
    }
}
