using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using JpegActFpga.Codec.Simd.Elements;
using JpegActFpga.Core.Profiles;

namespace JpegActFpga.Codec.Simd.Staging;

/// <summary>Moves blocks between a tensor and the bytes that the transform works on, quantising or restoring on the way.</summary>
/// <remarks>
/// The bytes are groups of 8 rows; a row has 8 bytes of each block of its group. Blocks are described one by one, so
/// that a width of 7, 14 or 28 goes the same way as 32.
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
    /// <param name="bytes">Receives whole groups.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal static void Quantise<TBits, TElement>(TensorWalk<TBits> walk, TBits* end, int blocks, int blocksPerGroup, sbyte* bytes)
        where TBits : unmanaged
        where TElement : struct, IElementLanes<TBits>
    {
        TBits* padFirst = stackalloc TBits[BlockGeometry.BlockValues];
        TBits* padSecond = stackalloc TBits[BlockGeometry.BlockValues];
        int row = blocksPerGroup * Side;
        if (!Avx2.IsSupported || blocksPerGroup == 1)
        {
            for (int block = 0; block < blocks; block++, bytes += BlockGeometry.BlockValues)
            {
                walk.Next(out TensorPart<TBits> part);
                KeepInside(ref part, end, padFirst);
                QuantiseOne<TBits, TElement>(in part, row, bytes);
            }

            return;
        }

        byte* ahead = (byte*)walk.At + PrefetchBytes;
        for (int block = 0; block < blocks; block += blocksPerGroup, bytes += blocksPerGroup * BlockGeometry.BlockValues)
        {
            for (int i = 0; i < blocksPerGroup; i += 2)
            {
                // Rows of blocks are one stretch of memory, but it is read across: tell the processor what comes next.
                for (int line = 0; line < 2 * BlockGeometry.BlockValues * sizeof(TBits); line += CacheLineBytes)
                {
                    Sse.Prefetch0(ahead + line);
                }

                ahead += 2 * BlockGeometry.BlockValues * sizeof(TBits);
                if (block + i >= blocks)
                {
                    Clear(bytes + (i * Side), row);
                    continue;
                }

                walk.Next(out TensorPart<TBits> first);
                KeepInside(ref first, end, padFirst);
                TensorPart<TBits> second;
                if (block + i + 1 < blocks)
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
                    second.OneScale = first.OneScale;
                    second.Columns = 0;
                }

                QuantisePair<TBits, TElement>(in first, in second, row, bytes + (i * Side));
            }
        }
    }

    /// <summary>Restores consecutive blocks.</summary>
    /// <param name="bytes">Whole groups.</param>
    /// <param name="blocks">Number of blocks.</param>
    /// <param name="blocksPerGroup">1, 2 or 4.</param>
    /// <param name="walk">Stands at the first block.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal static void Restore<TBits, TElement>(sbyte* bytes, int blocks, int blocksPerGroup, TensorWalk<TBits> walk)
        where TBits : unmanaged
        where TElement : struct, IElementLanes<TBits>
    {
        int row = blocksPerGroup * Side;
        for (int block = 0; block < blocks; block += blocksPerGroup, bytes += blocksPerGroup * BlockGeometry.BlockValues)
        {
            int here = Math.Min(blocksPerGroup, blocks - block);
            for (int i = 0; i < here; i++)
            {
                walk.Next(out TensorPart<TBits> part);
                RestoreOne<TBits, TElement>(bytes + (i * Side), row, in part);
            }
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
    private static void QuantiseOne<TBits, TElement>(in TensorPart<TBits> part, int row, sbyte* bytes)
        where TBits : unmanaged
        where TElement : struct, IElementLanes<TBits>
    {
        float* scale = part.RowScales;
        long stride = part.Stride;
        Vector256<float> mask = ColumnMask(part.Columns);
        TBits* from = part.Start;
        for (int r = 0; r < Side; r++, from += stride, bytes += row)
        {
            *(long*)bytes = ByteQuantiser.Pack8(ByteQuantiser.Round(TElement.Load8(from) * (Vector256.Create(scale[r]) & mask)));
        }
    }

    // Two rows of two blocks make one 256-bit store, whatever lies between the blocks in the tensor.
    [MethodImpl(Inline)]
    private static void QuantisePair<TBits, TElement>(in TensorPart<TBits> first, in TensorPart<TBits> second, int row, sbyte* bytes)
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
        if (first.OneScale & second.OneScale)
        {
            maskA &= Vector256.Create(*scalesA);
            maskB &= Vector256.Create(*scalesB);
            for (int r = 0; r < Side; r += 2)
            {
                StoreTwoRows(
                    ByteQuantiser.Round(TElement.Load8(a) * maskA),
                    ByteQuantiser.Round(TElement.Load8(b) * maskB),
                    ByteQuantiser.Round(TElement.Load8(a + strideA) * maskA),
                    ByteQuantiser.Round(TElement.Load8(b + strideB) * maskB),
                    row,
                    bytes);
                a += 2 * strideA;
                b += 2 * strideB;
                bytes += 2 * row;
            }

            return;
        }

        for (int r = 0; r < Side; r += 2)
        {
            StoreTwoRows(
                ByteQuantiser.Round(TElement.Load8(a) * (Vector256.Create(scalesA[r]) & maskA)),
                ByteQuantiser.Round(TElement.Load8(b) * (Vector256.Create(scalesB[r]) & maskB)),
                ByteQuantiser.Round(TElement.Load8(a + strideA) * (Vector256.Create(scalesA[r + 1]) & maskA)),
                ByteQuantiser.Round(TElement.Load8(b + strideB) * (Vector256.Create(scalesB[r + 1]) & maskB)),
                row,
                bytes);
            a += 2 * strideA;
            b += 2 * strideB;
            bytes += 2 * row;
        }
    }

    [MethodImpl(Inline)]
    private static void StoreTwoRows(Vector256<int> a0, Vector256<int> b0, Vector256<int> a1, Vector256<int> b1, int row, sbyte* bytes)
    {
        Vector256<sbyte> packed = Avx2.PackSignedSaturate(Avx2.PackSignedSaturate(a0, b0), Avx2.PackSignedSaturate(a1, b1));
        Vector256<int> rows = Avx2.PermuteVar8x32(packed.AsInt32(), Vector256.Create(0, 4, 1, 5, 2, 6, 3, 7));
        if (row == 2 * Side)
        {
            rows.Store((int*)bytes);
            return;
        }

        rows.GetLower().Store((int*)bytes);
        rows.GetUpper().Store((int*)(bytes + row));
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Clear(sbyte* bytes, int row)
    {
        for (int r = 0; r < Side; r++, bytes += row)
        {
            Vector128<sbyte>.Zero.Store(bytes);
        }
    }

    [MethodImpl(Inline)]
    private static void RestoreOne<TBits, TElement>(sbyte* bytes, int row, in TensorPart<TBits> part)
        where TBits : unmanaged
        where TElement : struct, IElementLanes<TBits>
    {
        TBits* to = part.Start;
        long stride = part.Stride;
        float* scale = part.RowScales;
        if (part.Columns >= Side && part.Rows >= Side)
        {
            if (part.OneScale)
            {
                var scales = Vector256.Create(*scale);
                for (int r = 0; r < Side; r += 2)
                {
                    TElement.Store8(ByteQuantiser.Unpack8(bytes) * scales, to);
                    TElement.Store8(ByteQuantiser.Unpack8(bytes + row) * scales, to + stride);
                    bytes += 2 * row;
                    to += 2 * stride;
                }

                return;
            }

            for (int r = 0; r < Side; r++, bytes += row, to += stride)
            {
                TElement.Store8(ByteQuantiser.Unpack8(bytes) * Vector256.Create(scale[r]), to);
            }

            return;
        }

        if (stride is < Side and >= Side / 2 && part.Rows >= Side)
        {
            // The block is the whole width: what seven whole stores write behind their rows, the rows after them mend.
            for (int r = 0; r < Side - 1; r++, bytes += row, to += stride)
            {
                TElement.Store8(ByteQuantiser.Unpack8(bytes) * Vector256.Create(scale[r]), to);
            }

            TElement.StorePart(ByteQuantiser.Unpack8(bytes) * Vector256.Create(scale[Side - 1]), to, (int)stride);
            return;
        }

        RestoreEdge<TBits, TElement>(bytes, row, (int)Math.Min(Side, part.Rows), (int)Math.Min(Side, part.Columns), scale, to, stride);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void RestoreEdge<TBits, TElement>(sbyte* bytes, int row, int rows, int columns, float* scale, TBits* to, long stride)
        where TBits : unmanaged
        where TElement : struct, IElementLanes<TBits>
    {
        if (columns == Side)
        {
            for (int r = 0; r < rows; r++, bytes += row, to += stride)
            {
                TElement.Store8(ByteQuantiser.Unpack8(bytes) * Vector256.Create(scale[r]), to);
            }

            return;
        }

        for (int r = 0; r < rows; r++, bytes += row, to += stride)
        {
            TElement.StorePart(ByteQuantiser.Unpack8(bytes) * Vector256.Create(scale[r]), to, columns);
        }
    }
}
