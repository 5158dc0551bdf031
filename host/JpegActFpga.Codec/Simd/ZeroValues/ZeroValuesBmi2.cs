using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace JpegActFpga.Codec.Simd.ZeroValues;

/// <summary>AVX2 and BMI2: the mask comes from a compare, and pext and pdep move eight bytes at a time.</summary>
internal readonly unsafe struct ZeroValuesBmi2 : IZeroValueLanes
{
    private const int BlockBytes = 64;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static byte* Compact(sbyte* blocks, int count, ulong* masks, byte* values)
    {
        // The compare's bytes are just the masks that pext wants; they go through memory, which is quicker than through
        // the few paths from vectors to general registers. The upper half, high horizontal frequencies, is often empty.
        Vector256<sbyte>* kept = stackalloc Vector256<sbyte>[2];
        ulong* keep = (ulong*)kept;
        for (int block = 0; block < count; block++, blocks += BlockBytes)
        {
            Vector256<sbyte> low = ~Vector256.Equals(Vector256.Load(blocks), Vector256<sbyte>.Zero);
            Vector256<sbyte> high = ~Vector256.Equals(Vector256.Load(blocks + 32), Vector256<sbyte>.Zero);
            ulong mask = low.ExtractMostSignificantBits() | ((ulong)high.ExtractMostSignificantBits() << 32);
            masks[block] = mask;
            kept[0] = low;
            kept[1] = high;
            ulong* row = (ulong*)blocks;
            values = CompactRow(row[0], keep[0], values);
            values = CompactRow(row[1], keep[1], values);
            values = CompactRow(row[2], keep[2], values);
            values = CompactRow(row[3], keep[3], values);

            if ((mask >> 32) != 0)
            {
                values = CompactRow(row[4], keep[4], values);
                values = CompactRow(row[5], keep[5], values);
                values = CompactRow(row[6], keep[6], values);
                values = CompactRow(row[7], keep[7], values);
            }
        }

        return values;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Expand(ulong* masks, int count, byte* values, sbyte* blocks)
    {
        Vector256<byte> bits = Vector256.Create(0x8040201008040201UL).AsByte();
        Vector256<byte> lowRows = Vector256.Create(0UL, 0x0101010101010101, 0x0202020202020202, 0x0303030303030303).AsByte();
        Vector256<byte> highRows = Vector256.Create(0x0404040404040404UL, 0x0505050505050505, 0x0606060606060606, 0x0707070707070707).AsByte();
        for (int block = 0; block < count; block++, blocks += BlockBytes)
        {
            // First the place takes the masks that pdep wants, then each row its values.
            ulong mask = masks[block];
            Vector256<byte> spread = Vector256.Create(mask).AsByte();
            Vector256.Equals(Avx2.Shuffle(spread, lowRows) & bits, bits).Store((byte*)blocks);
            Vector256.Equals(Avx2.Shuffle(spread, highRows) & bits, bits).Store((byte*)blocks + 32);
            ulong* row = (ulong*)blocks;
            values = ExpandRow(row, values);
            values = ExpandRow(row + 1, values);
            values = ExpandRow(row + 2, values);
            values = ExpandRow(row + 3, values);

            if ((mask >> 32) != 0)
            {
                values = ExpandRow(row + 4, values);
                values = ExpandRow(row + 5, values);
                values = ExpandRow(row + 6, values);
                values = ExpandRow(row + 7, values);
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static byte* CompactRow(ulong row, ulong keep, byte* values)
    {
        *(ulong*)values = Bmi2.X64.ParallelBitExtract(row, keep);
        return values + (BitOperations.PopCount(keep) >> 3);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static byte* ExpandRow(ulong* row, byte* values)
    {
        ulong keep = *row;
        *row = Bmi2.X64.ParallelBitDeposit(*(ulong*)values, keep);
        return values + (BitOperations.PopCount(keep) >> 3);
    }
}
