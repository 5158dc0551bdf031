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
    private const MethodImplOptions Inline = MethodImplOptions.AggressiveInlining;

    // 256 rows of eight indices each, and what a 16-byte load reads behind them; never freed, they live as long as the process.
    private const int TableRows = 257;
    private static readonly ulong* CompactRows = MakeCompactRows();
    private static readonly ulong* ExpandRows = MakeExpandRows();

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static byte* Compact(sbyte* blocks, int count, ulong* masks, byte* values)
    {
        ulong* rows = CompactRows;
        ulong* end = masks + count;
        for (; masks < end; masks++, blocks += 64)
        {
            ulong low = Vector256.Equals(Vector256.Load(blocks), Vector256<sbyte>.Zero).ExtractMostSignificantBits();
            ulong high = Vector256.Equals(Vector256.Load(blocks + 32), Vector256<sbyte>.Zero).ExtractMostSignificantBits();
            ulong mask = ~(low | (high << 32));
            *masks = mask;
            ulong* row = (ulong*)blocks;
            values = CompactFour(row, mask, rows, values);

            // High frequencies: most often there are none, or nearly every time.
            if (mask >> 32 != 0)
            {
                values = CompactFour(row + 4, mask >> 32, rows, values);
            }
        }

        return values;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Expand(ulong* masks, int count, byte* values, sbyte* blocks)
    {
        ulong* rows = ExpandRows;
        ulong* end = masks + count;
        for (; masks < end; masks++, blocks += 64)
        {
            ulong mask = *masks;
            ulong* row = (ulong*)blocks;
            values = ExpandFour(row, mask, rows, values);
            if (mask >> 32 != 0)
            {
                values = ExpandFour(row + 4, mask >> 32, rows, values);
            }
            else
            {
                Vector256<ulong>.Zero.Store(row + 4);
            }
        }
    }

    // Without a branch a row: whether a row has values is hard to predict.
    [MethodImpl(Inline)]
    private static byte* CompactFour(ulong* row, ulong mask, ulong* rows, byte* values)
    {
        *(ulong*)values = Shuffle(Vector128.CreateScalarUnsafe(row[0]), rows + (mask & 0xff));
        values += Count(mask);
        *(ulong*)values = Shuffle(Vector128.CreateScalarUnsafe(row[1]), rows + ((mask >> 8) & 0xff));
        values += Count(mask >> 8);
        *(ulong*)values = Shuffle(Vector128.CreateScalarUnsafe(row[2]), rows + ((mask >> 16) & 0xff));
        values += Count(mask >> 16);
        *(ulong*)values = Shuffle(Vector128.CreateScalarUnsafe(row[3]), rows + ((mask >> 24) & 0xff));
        return values + Count(mask >> 24);
    }

    [MethodImpl(Inline)]
    private static byte* ExpandFour(ulong* row, ulong mask, ulong* rows, byte* values)
    {
        row[0] = Shuffle(Vector128.CreateScalarUnsafe(*(ulong*)values), rows + (mask & 0xff));
        values += Count(mask);
        row[1] = Shuffle(Vector128.CreateScalarUnsafe(*(ulong*)values), rows + ((mask >> 8) & 0xff));
        values += Count(mask >> 8);
        row[2] = Shuffle(Vector128.CreateScalarUnsafe(*(ulong*)values), rows + ((mask >> 16) & 0xff));
        values += Count(mask >> 16);
        row[3] = Shuffle(Vector128.CreateScalarUnsafe(*(ulong*)values), rows + ((mask >> 24) & 0xff));
        return values + Count(mask >> 24);
    }

    [MethodImpl(Inline)]
    private static uint Count(ulong mask) => (uint)BitOperations.PopCount((uint)(mask & 0xff));

    // Index 0xff gives 0 on every processor: x86 looks at bit 7, Arm at the range, and so does the software form. Of the
    // 16 indices that are loaded the last eight belong to another row; what they give is not used.
    [MethodImpl(Inline)]
    private static ulong Shuffle(Vector128<ulong> bytes, ulong* indices) =>
        Vector128.ShuffleNative(bytes.AsByte(), Vector128.Load((byte*)indices)).AsUInt64().ToScalar();

    private static ulong* MakeCompactRows()
    {
        byte* rows = (byte*)NativeMemory.AllocZeroed(TableRows, sizeof(ulong));
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
        byte* rows = (byte*)NativeMemory.AllocZeroed(TableRows, sizeof(ulong));
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
