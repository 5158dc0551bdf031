using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace JpegActFpga.Codec.Simd.ZeroValues;

/// <summary>AVX2 and BMI2: the mask comes from a compare, and pext and pdep move eight bytes at a time.</summary>
internal readonly unsafe struct ZeroValuesBmi2 : IZeroValueLanes
{
    private const ulong EveryByte = 0x0101010101010101;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static byte* Compact(sbyte* blocks, int count, ulong* masks, byte* values)
    {
        for (int block = 0; block < count; block++, blocks += 64)
        {
            uint low = ~Vector256.Equals(Vector256.Load(blocks), Vector256<sbyte>.Zero).ExtractMostSignificantBits();
            uint high = ~Vector256.Equals(Vector256.Load(blocks + 32), Vector256<sbyte>.Zero).ExtractMostSignificantBits();
            ulong mask = low | ((ulong)high << 32);
            masks[block] = mask;

            // Non-zero values cluster at low horizontal frequencies: most blocks end early.
            ulong* row = (ulong*)blocks;
            for (ulong left = mask; left != 0; left >>= 8, row++)
            {
                ulong here = left & 0xff;
                *(ulong*)values = Bmi2.X64.ParallelBitExtract(*row, Bmi2.X64.ParallelBitDeposit(here, EveryByte) * 0xff);
                values += BitOperations.PopCount(here);
            }
        }

        return values;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Expand(ulong* masks, int count, byte* values, sbyte* blocks)
    {
        for (int block = 0; block < count; block++)
        {
            ulong mask = masks[block];
            for (int row = 0; row < 64; row += 8, blocks += 8, mask >>= 8)
            {
                ulong here = mask & 0xff;
                *(ulong*)blocks = Bmi2.X64.ParallelBitDeposit(*(ulong*)values, Bmi2.X64.ParallelBitDeposit(here, EveryByte) * 0xff);
                values += BitOperations.PopCount(here);
            }
        }
    }
}
