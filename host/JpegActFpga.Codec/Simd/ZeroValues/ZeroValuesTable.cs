using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace JpegActFpga.Codec.Simd.ZeroValues;

/// <summary>Any processor: a table says for each eight mask bits how to shuffle eight bytes.</summary>
/// <remarks>Also the AVX2 path's: BMI2's pext and pdep, which need no table, took a seventh longer to decode on Zen 3.</remarks>
internal readonly unsafe struct ZeroValuesTable : IZeroValueLanes
{
    private const byte Nothing = 0xff;

    // 256 rows of eight indices each; never freed, it lives as long as the process.
    private static readonly ulong* CompactRows = MakeCompactRows();
    private static readonly ulong* ExpandRows = MakeExpandRows();

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static byte* Compact(sbyte* blocks, int count, ulong* masks, byte* values)
    {
        ulong* rows = CompactRows;
        for (int block = 0; block < count; block++, blocks += 64)
        {
            ulong mask = 0;
            for (int at = 0; at < 64; at += 16)
            {
                mask |= (ulong)(~Vector128.Equals(Vector128.Load(blocks + at), Vector128<sbyte>.Zero)).ExtractMostSignificantBits() << at;
            }

            masks[block] = mask;
            ulong* row = (ulong*)blocks;
            for (ulong left = mask; left != 0; left >>= 8, row++)
            {
                *(ulong*)values = Shuffle(*row, rows[left & 0xff]);
                values += BitOperations.PopCount(left & 0xff);
            }
        }

        return values;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Expand(ulong* masks, int count, byte* values, sbyte* blocks)
    {
        ulong* rows = ExpandRows;
        for (int block = 0; block < count; block++)
        {
            ulong mask = masks[block];
            for (int row = 0; row < 64; row += 8, blocks += 8, mask >>= 8)
            {
                *(ulong*)blocks = Shuffle(*(ulong*)values, rows[mask & 0xff]);
                values += BitOperations.PopCount(mask & 0xff);
            }
        }
    }

    // Index 0xff gives 0 on every processor: x86 looks at bit 7, Arm at the range, and so does the software form.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong Shuffle(ulong bytes, ulong indices) =>
        Vector128.ShuffleNative(Vector128.CreateScalar(bytes).AsByte(), Vector128.CreateScalar(indices).AsByte()).AsUInt64().ToScalar();

    private static ulong* MakeCompactRows()
    {
        byte* rows = (byte*)NativeMemory.Alloc(256, sizeof(ulong));
        for (int mask = 0; mask < 256; mask++)
        {
            int next = 0;
            for (int k = 0; k < 8; k++)
            {
                if (((mask >> k) & 1) != 0)
                {
                    rows[(8 * mask) + next++] = (byte)k;
                }
            }

            while (next < 8)
            {
                rows[(8 * mask) + next++] = Nothing;
            }
        }

        return (ulong*)rows;
    }

    private static ulong* MakeExpandRows()
    {
        byte* rows = (byte*)NativeMemory.Alloc(256, sizeof(ulong));
        for (int mask = 0; mask < 256; mask++)
        {
            int next = 0;
            for (int k = 0; k < 8; k++)
            {
                rows[(8 * mask) + k] = ((mask >> k) & 1) != 0 ? (byte)next++ : Nothing;
            }
        }

        return (ulong*)rows;
    }
}
