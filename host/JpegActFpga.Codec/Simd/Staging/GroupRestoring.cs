using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using JpegActFpga.Codec.Simd.Elements;
using JpegActFpga.Core.Profiles;

namespace JpegActFpga.Codec.Simd.Staging;

/// <summary>Inverse of <see cref="GroupStaging"/>: restores blocks of a tensor from the transform's bytes.</summary>
/// <remarks>
/// Where the width is no multiple of 8, vectors of eight columns write over the start of the next row. The blocks of a row
/// of blocks are done in an order in which what belongs there is written afterwards; only what nothing of the same tile
/// would mend is stored in parts.
/// </remarks>
internal static unsafe class GroupRestoring
{
    private const int Side = BlockGeometry.BlockSide;
    private const MethodImplOptions Inline = MethodImplOptions.AggressiveInlining;

    // A row narrower than this could be passed by what two rows above writes.
    private const int NarrowestMended = Side / 2;

    private const int CacheLineBytes = 64;

    // As far ahead as the way out reads: enough for memory, little enough for the first-level cache.
    private const int PrefetchBytes = 4096;

    /// <summary>Restores consecutive blocks of one tile.</summary>
    /// <param name="bytes">Whole groups, laid out as <see cref="GroupLayout"/> says.</param>
    /// <param name="blocks">Number of blocks.</param>
    /// <param name="blocksPerGroup">1, 2 or 4.</param>
    /// <param name="walk">Stands at the first block.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal static void Restore<TBits, TElement>(sbyte* bytes, int blocks, int blocksPerGroup, TensorWalk<TBits> walk)
        where TBits : unmanaged
        where TElement : struct, IElementLanes<TBits>
    {
        var layout = new GroupLayout(blocksPerGroup);
        for (int at = 0; at < blocks;)
        {
            walk.Describe(out TensorPart<TBits> part);
            int here = (int)Math.Min(walk.BlocksLeftInRow, blocks - at);
            int whole = (int)Math.Min(walk.WholeBlocks, here);
            Prefetch((byte*)part.Start + PrefetchBytes, here * BlockGeometry.BlockValues * sizeof(TBits));
            if (whole < here)
            {
                bool mended = part.Rows >= Side && walk.AtRowStart && part.Stride >= NarrowestMended;
                RestoreEdges<TBits, TElement>(bytes, layout, in part, at, whole, here, mended, lastMended: mended && at + here < blocks);
            }

            walk.Skip(here);
            RestoreWhole<TBits, TElement>(bytes, layout, in part, at, whole);
            at += here;
        }
    }

    // What is stored to must be in the cache first, and a row of blocks is one stretch of memory that is written across.
    [MethodImpl(Inline)]
    private static void Prefetch(byte* ahead, int bytes)
    {
        if (Sse.IsSupported)
        {
            for (int at = 0; at < bytes; at += CacheLineBytes)
            {
                Sse.Prefetch0(ahead + at);
            }
        }
    }

    [MethodImpl(Inline)]
    private static void RestoreWhole<TBits, TElement>(sbyte* bytes, GroupLayout layout, in TensorPart<TBits> part, int block, int count)
        where TBits : unmanaged
        where TElement : struct, IElementLanes<TBits>
    {
        TBits* to = part.Start;
        long stride = part.Stride;
        float* scales = part.RowScales;
        int pair = layout.Pair;
        int i = 0;
        for (; i + 2 <= count; i += 2, to += 2 * Side)
        {
            sbyte* a = layout.BlockAt(bytes, block + i);
            sbyte* b = layout.BlockAt(bytes, block + i + 1);
            TBits* row = to;
            for (int r = 0; r < Side; r += 2)
            {
                Vector256<float> even = Vector256.Create(scales[r]);
                Vector256<float> odd = Vector256.Create(scales[r + 1]);
                TElement.Store8(ByteQuantiser.Unpack8(a) * even, row);
                TElement.Store8(ByteQuantiser.Unpack8(b) * even, row + Side);
                TElement.Store8(ByteQuantiser.Unpack8(a + Side) * odd, row + stride);
                TElement.Store8(ByteQuantiser.Unpack8(b + Side) * odd, row + stride + Side);
                a += pair;
                b += pair;
                row += 2 * stride;
            }
        }

        if (i < count)
        {
            sbyte* a = layout.BlockAt(bytes, block + i);
            for (int r = 0; r < Side; r += 2)
            {
                TElement.Store8(ByteQuantiser.Unpack8(a) * Vector256.Create(scales[r]), to);
                TElement.Store8(ByteQuantiser.Unpack8(a + Side) * Vector256.Create(scales[r + 1]), to + stride);
                a += pair;
                to += 2 * stride;
            }
        }
    }

    // Blocks that reach over the right edge, or all blocks of the last rows.
    [MethodImpl(Inline)]
    private static void RestoreEdges<TBits, TElement>(sbyte* bytes, GroupLayout layout, in TensorPart<TBits> part, int at, int whole, int here, bool mended, bool lastMended)
        where TBits : unmanaged
        where TElement : struct, IElementLanes<TBits>
    {
        float* scales = part.RowScales;
        long stride = part.Stride;
        if (!mended)
        {
            for (int i = whole; i < here; i++)
            {
                int columns = (int)Math.Min(Side, part.Columns - (i * Side));
                RestoreParts<TBits, TElement>(layout.BlockAt(bytes, at + i), layout, (int)Math.Min(Side, part.Rows), columns, scales, part.Start + (i * Side), stride);
            }

            return;
        }

        // One block: the others of a row of blocks with all its rows are whole.
        sbyte* block = layout.BlockAt(bytes, at + whole);
        TBits* to = part.Start + (whole * Side);
        int pair = layout.Pair;
        for (int r = 0; r < Side - 2; r += 2)
        {
            TElement.Store8(ByteQuantiser.Unpack8(block) * Vector256.Create(scales[r]), to);
            TElement.Store8(ByteQuantiser.Unpack8(block + Side) * Vector256.Create(scales[r + 1]), to + stride);
            block += pair;
            to += 2 * stride;
        }

        TElement.Store8(ByteQuantiser.Unpack8(block) * Vector256.Create(scales[Side - 2]), to);
        Vector256<float> last = ByteQuantiser.Unpack8(block + Side) * Vector256.Create(scales[Side - 1]);
        if (lastMended)
        {
            TElement.Store8(last, to + stride);
        }
        else
        {
            TElement.StorePart(last, to + stride, (int)(part.Columns - (whole * Side)));
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    private static void RestoreParts<TBits, TElement>(sbyte* block, GroupLayout layout, int rows, int columns, float* scale, TBits* to, long stride)
        where TBits : unmanaged
        where TElement : struct, IElementLanes<TBits>
    {
        for (int r = 0; r < rows; r++, to += stride)
        {
            Vector256<float> values = ByteQuantiser.Unpack8(layout.RowOf(block, r)) * Vector256.Create(scale[r]);
            if (columns == Side)
            {
                TElement.Store8(values, to);
            }
            else
            {
                TElement.StorePart(values, to, columns);
            }
        }
    }
}
