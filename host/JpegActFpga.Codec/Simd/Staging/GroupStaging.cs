using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using JpegActFpga.Codec.Simd.Elements;
using JpegActFpga.Core.Profiles;

namespace JpegActFpga.Codec.Simd.Staging;

/// <summary>Quantises blocks of a tensor to the bytes that the transform works on.</summary>
/// <remarks>
/// Blocks wholly inside the tensor go in pairs that are neighbours; all others are described one by one, so that a width
/// of 7, 14 or 28 goes nearly the same way as 32.
/// </remarks>
internal static unsafe class GroupStaging
{
    private const int Side = BlockGeometry.BlockSide;
    private const int CacheLineBytes = 64;

    // A few microseconds of work ahead: enough for memory, little enough for the first-level cache.
    private const int PrefetchBytes = 4096;
    private const MethodImplOptions Inline = MethodImplOptions.AggressiveInlining;

    /// <summary>Quantises consecutive blocks; blocks that the last group lacks become zeros.</summary>
    /// <param name="walk">Stands at the first block; a copy, so that the JIT may keep it in registers.</param>
    /// <param name="end">End of the tensor: nothing at or behind it is read.</param>
    /// <param name="blocks">Number of blocks.</param>
    /// <param name="blocksPerGroup">1, 2 or 4.</param>
    /// <param name="bytes">Receives whole groups, laid out as <see cref="GroupLayout"/> says.</param>
    [SkipLocalsInit]
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal static void Quantise<TBits, TElement>(TensorWalk<TBits> walk, TBits* end, int blocks, int blocksPerGroup, sbyte* bytes)
        where TBits : unmanaged
        where TElement : struct, IElementLanes<TBits>
    {
        TBits* padFirst = stackalloc TBits[BlockGeometry.BlockValues];
        TBits* padSecond = stackalloc TBits[BlockGeometry.BlockValues];
        var layout = new GroupLayout(blocksPerGroup);
        if (!Avx2.IsSupported || blocksPerGroup == 1)
        {
            for (int block = 0; block < blocks; block++)
            {
                walk.Next(out TensorPart<TBits> part);
                KeepInside(ref part, end, padFirst);
                QuantiseOne<TBits, TElement>(in part, layout, layout.BlockAt(bytes, block));
            }

            return;
        }

        byte* ahead = (byte*)walk.At + PrefetchBytes;
        int at = 0;
        while (at < blocks)
        {
            int whole = (int)Math.Min(walk.WholeBlocks, blocks - at) & ~1;
            if (whole > 0)
            {
                walk.Describe(out TensorPart<TBits> part);
                walk.Skip(whole);
                for (int last = at + whole; at < last; at += 2, part.Start += 2 * Side)
                {
                    QuantiseNeighbours<TBits, TElement>(part.Start, part.Stride, part.RowScales, layout.Pair, layout.BlockAt(bytes, at), ahead);
                    ahead += 2 * BlockGeometry.BlockValues * sizeof(TBits);
                }

                continue;
            }

            walk.Next(out TensorPart<TBits> first);
            KeepInside(ref first, end, padFirst);
            TensorPart<TBits> second;
            if (at + 1 < blocks)
            {
                walk.Next(out second);
                KeepInside(ref second, end, padSecond);
            }
            else
            {
                // No columns: whatever is read there becomes zeros.
                second.Start = first.Start;
                second.RowScales = first.RowScales;
                second.Stride = first.Stride;
                second.Rows = first.Rows;
                second.Columns = 0;
            }

            QuantisePair<TBits, TElement>(in first, in second, layout.Pair, layout.BlockAt(bytes, at), ahead);
            ahead += 2 * BlockGeometry.BlockValues * sizeof(TBits);
            at += 2;
        }

        for (at = (blocks + 1) & ~1; (at & (blocksPerGroup - 1)) != 0; at++)
        {
            Clear(layout.BlockAt(bytes, at), layout);
        }
    }

    // Rows of blocks are one stretch of memory, but it is read across: tell the processor what comes next, as many bytes as
    // two rows of two blocks have.
    [MethodImpl(Inline)]
    private static void Prefetch<TBits>(byte* ahead, int row)
        where TBits : unmanaged
    {
        ahead += row * 2 * Side * sizeof(TBits);
        Sse.Prefetch0(ahead);
        if (sizeof(TBits) == sizeof(float))
        {
            Sse.Prefetch0(ahead + CacheLineBytes);
        }
    }

    // Vectors read eight columns. Where that would pass the tensor's end, or rows are missing, a copy padded with zeros
    // takes the block's place.
    [MethodImpl(Inline)]
    private static void KeepInside<TBits>(ref TensorPart<TBits> part, TBits* end, TBits* pad)
        where TBits : unmanaged
    {
        if (part.Start + ((Side - 1) * part.Stride) + Side > end)
        {
            CopyPadded(part.Start, part.Stride, (int)Math.Min(Side, part.Rows), (int)Math.Min(Side, part.Columns), pad);
            part.Start = pad;
            part.Stride = Side;
            part.Columns = Side;
        }
    }

    // Takes no struct by reference: that would keep it in memory on the way that is taken nearly always.
    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    private static void CopyPadded<TBits>(TBits* from, long stride, int rows, int columns, TBits* pad)
        where TBits : unmanaged
    {
        new Span<TBits>(pad, BlockGeometry.BlockValues).Clear();
        for (int r = 0; r < rows; r++, from += stride, pad += Side)
        {
            for (int c = 0; c < columns; c++)
            {
                pad[c] = from[c];
            }
        }
    }

    // Scales of columns outside the tensor are 0, and so are their bytes, whatever finite number is read there.
    [MethodImpl(Inline)]
    private static Vector256<float> ColumnMask(long columns) =>
        Vector256.LessThan(Vector256.Create(0, 1, 2, 3, 4, 5, 6, 7), Vector256.Create((int)Math.Min(columns, Side))).AsSingle();

    [MethodImpl(Inline)]
    private static void QuantiseOne<TBits, TElement>(in TensorPart<TBits> part, GroupLayout layout, sbyte* block)
        where TBits : unmanaged
        where TElement : struct, IElementLanes<TBits>
    {
        float* scale = part.RowScales;
        long stride = part.Stride;
        Vector256<float> mask = ColumnMask(part.Columns);
        TBits* from = part.Start;
        for (int r = 0; r < Side; r++, from += stride)
        {
            *(long*)layout.RowOf(block, r) = ByteQuantiser.Pack8(ByteQuantiser.Round(TElement.Load8(from) * (Vector256.Create(scale[r]) & mask)));
        }
    }

    // Two blocks side by side, wholly inside the tensor.
    [MethodImpl(Inline)]
    private static void QuantiseNeighbours<TBits, TElement>(TBits* from, long stride, float* scales, int pair, sbyte* bytes, byte* ahead)
        where TBits : unmanaged
        where TElement : struct, IElementLanes<TBits>
    {
        for (int r = 0; r < Side; r += 2)
        {
            Prefetch<TBits>(ahead, r);
            Vector256<float> even = Vector256.Create(scales[r]);
            Vector256<float> odd = Vector256.Create(scales[r + 1]);
            StoreTwoRows(
                ByteQuantiser.Round(TElement.Load8(from) * even),
                ByteQuantiser.Round(TElement.Load8(from + Side) * even),
                ByteQuantiser.Round(TElement.Load8(from + stride) * odd),
                ByteQuantiser.Round(TElement.Load8(from + stride + Side) * odd),
                bytes);
            from += 2 * stride;
            bytes += pair;
        }
    }

    // Two blocks, whatever lies between them in the tensor.
    [MethodImpl(Inline)]
    private static void QuantisePair<TBits, TElement>(in TensorPart<TBits> first, in TensorPart<TBits> second, int pair, sbyte* bytes, byte* ahead)
        where TBits : unmanaged
        where TElement : struct, IElementLanes<TBits>
    {
        TBits* a = first.Start;
        TBits* b = second.Start;
        long strideA = first.Stride;
        long strideB = second.Stride;
        float* scalesA = first.RowScales;
        float* scalesB = second.RowScales;
        Vector256<float> maskA = ColumnMask(first.Columns);
        Vector256<float> maskB = ColumnMask(second.Columns);
        for (int r = 0; r < Side; r += 2)
        {
            Prefetch<TBits>(ahead, r);
            StoreTwoRows(
                ByteQuantiser.Round(TElement.Load8(a) * (Vector256.Create(scalesA[r]) & maskA)),
                ByteQuantiser.Round(TElement.Load8(b) * (Vector256.Create(scalesB[r]) & maskB)),
                ByteQuantiser.Round(TElement.Load8(a + strideA) * (Vector256.Create(scalesA[r + 1]) & maskA)),
                ByteQuantiser.Round(TElement.Load8(b + strideB) * (Vector256.Create(scalesB[r + 1]) & maskB)),
                bytes);
            a += 2 * strideA;
            b += 2 * strideB;
            bytes += pair;
        }
    }

    // Packing leaves the halves of rows in two places; one permutation puts each block's rows one behind the other.
    [MethodImpl(Inline)]
    private static void StoreTwoRows(Vector256<int> a0, Vector256<int> b0, Vector256<int> a1, Vector256<int> b1, sbyte* bytes)
    {
        Vector256<sbyte> packed = Avx2.PackSignedSaturate(Avx2.PackSignedSaturate(a0, b0), Avx2.PackSignedSaturate(a1, b1));
        Avx2.PermuteVar8x32(packed.AsInt32(), Vector256.Create(0, 4, 2, 6, 1, 5, 3, 7)).Store((int*)bytes);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Clear(sbyte* block, GroupLayout layout)
    {
        for (int r = 0; r < Side; r += 2)
        {
            Vector128<sbyte>.Zero.Store(layout.RowOf(block, r));
        }
    }
}
