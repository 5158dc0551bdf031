using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using JpegActFpga.Core.Memory;
using JpegActFpga.Core.Profiles;
using JpegActFpga.Core.Tensors;

namespace JpegActFpga.Codec.Staging;

/// <summary>Moves elements, as they are, between a tensor and the blocks that a card reads and writes (docs/kernels.md).</summary>
/// <remarks>Thread-safe for disjoint ranges of blocks. Allocates nothing.</remarks>
public static unsafe class BlockStaging
{
    private const int Side = BlockGeometry.BlockSide;

    /// <summary>Gathers consecutive blocks of a tensor; positions outside the tensor become 0.</summary>
    /// <param name="tensor">A tensor in host memory.</param>
    /// <param name="method">jpeg-act, whose blocks are squares of the image, or another, whose blocks follow memory.</param>
    /// <param name="geometry">The tensor's geometry for that method.</param>
    /// <param name="firstBlock">First block.</param>
    /// <param name="blocks">Receives 64 elements of the tensor's type a block; its length says how many blocks.</param>
    public static void Gather(TensorView tensor, CodecMethod method, BlockGeometry geometry, long firstBlock, NativeSpan<byte> blocks)
    {
        if (method != CodecMethod.JpegAct)
        {
            GatherMemory(tensor, firstBlock, blocks);
        }
        else if (tensor.Spec.ElementType == ElementType.Float32)
        {
            GatherSquares(tensor.Bytes.Cast<uint>(), geometry, firstBlock, blocks.Cast<uint>());
        }
        else
        {
            GatherSquares(tensor.Bytes.Cast<ushort>(), geometry, firstBlock, blocks.Cast<ushort>());
        }
    }

    /// <summary>Scatters consecutive blocks to a tensor; positions outside the tensor are dropped.</summary>
    /// <param name="blocks">64 elements of the tensor's type a block; its length says how many blocks.</param>
    /// <param name="method">As for <see cref="Gather"/>.</param>
    /// <param name="geometry">The tensor's geometry for that method.</param>
    /// <param name="firstBlock">First block.</param>
    /// <param name="tensor">A tensor in host memory.</param>
    public static void Scatter(NativeSpan<byte> blocks, CodecMethod method, BlockGeometry geometry, long firstBlock, TensorView tensor)
    {
        if (method != CodecMethod.JpegAct)
        {
            long start = firstBlock * BlockGeometry.BlockValues * tensor.Spec.ElementType.ByteSize();
            long bytes = Math.Min(blocks.Length, tensor.Bytes.Length - start);
            blocks.Slice(0, bytes).CopyTo(tensor.Bytes.Slice(start, bytes));
        }
        else if (tensor.Spec.ElementType == ElementType.Float32)
        {
            ScatterSquares(blocks.Cast<uint>(), geometry, firstBlock, tensor.Bytes.Cast<uint>());
        }
        else
        {
            ScatterSquares(blocks.Cast<ushort>(), geometry, firstBlock, tensor.Bytes.Cast<ushort>());
        }
    }

    private static void GatherMemory(TensorView tensor, long firstBlock, NativeSpan<byte> blocks)
    {
        long start = firstBlock * BlockGeometry.BlockValues * tensor.Spec.ElementType.ByteSize();
        long bytes = Math.Min(blocks.Length, tensor.Bytes.Length - start);
        tensor.Bytes.Slice(start, bytes).CopyTo(blocks);
        blocks.Slice(bytes, blocks.Length - bytes).Clear();
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void GatherSquares<TBits>(NativeSpan<TBits> elements, BlockGeometry geometry, long firstBlock, NativeSpan<TBits> blocks)
        where TBits : unmanaged
    {
        var walk = new SquareWalk(geometry, firstBlock);
        for (long i = 0; i < blocks.Length / BlockGeometry.BlockValues; i++, walk.Next())
        {
            NativeSpan<TBits> block = blocks.Slice(i * BlockGeometry.BlockValues, BlockGeometry.BlockValues);
            if (walk.IsWhole)
            {
                // The slice checks the first and the last row, and so those between.
                TBits* from = elements.Slice(walk.FirstElement, ((Side - 1) * geometry.Width) + Side).Pointer;
                for (int r = 0; r < Side; r++)
                {
                    CopyLine(from + (r * geometry.Width), block.Pointer + (r * Side));
                }

                continue;
            }

            block.Clear();
            for (int r = 0; r < walk.Rows; r++)
            {
                elements.AsSpan(walk.FirstElement + (r * geometry.Width), walk.Columns).CopyTo(block.AsSpan(r * Side, walk.Columns));
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void ScatterSquares<TBits>(NativeSpan<TBits> blocks, BlockGeometry geometry, long firstBlock, NativeSpan<TBits> elements)
        where TBits : unmanaged
    {
        var walk = new SquareWalk(geometry, firstBlock);
        for (long i = 0; i < blocks.Length / BlockGeometry.BlockValues; i++, walk.Next())
        {
            NativeSpan<TBits> block = blocks.Slice(i * BlockGeometry.BlockValues, BlockGeometry.BlockValues);
            if (walk.IsWhole)
            {
                TBits* to = elements.Slice(walk.FirstElement, ((Side - 1) * geometry.Width) + Side).Pointer;
                for (int r = 0; r < Side; r++)
                {
                    CopyLine(block.Pointer + (r * Side), to + (r * geometry.Width));
                }

                continue;
            }

            for (int r = 0; r < walk.Rows; r++)
            {
                block.AsSpan(r * Side, walk.Columns).CopyTo(elements.AsSpan(walk.FirstElement + (r * geometry.Width), walk.Columns));
            }
        }
    }

    // Eight elements: 32 or 16 bytes.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void CopyLine<TBits>(TBits* from, TBits* to)
        where TBits : unmanaged
    {
        if (sizeof(TBits) == sizeof(uint))
        {
            Vector256.Load((byte*)from).Store((byte*)to);
        }
        else
        {
            Vector128.Load((byte*)from).Store((byte*)to);
        }
    }
}
