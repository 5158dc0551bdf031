using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace JpegActFpga.Codec.Simd.ZeroValues;

/// <summary>AVX-512 VBMI2: one instruction compacts or expands a block. Without it, the table does, for tests.</summary>
internal readonly unsafe struct ZeroValues512 : IZeroValueLanes
{
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static byte* Compact(sbyte* blocks, int count, ulong* masks, byte* values)
    {
        if (!Avx512Vbmi2.IsSupported)
        {
            return ZeroValuesTable.Compact(blocks, count, masks, values);
        }

        for (int block = 0; block < count; block++, blocks += 64)
        {
            Vector512<sbyte> bytes = Vector512.Load(blocks);
            Vector512<sbyte> nonZero = ~Vector512.Equals(bytes, Vector512<sbyte>.Zero);
            ulong mask = nonZero.ExtractMostSignificantBits();
            masks[block] = mask;

            // In a register and then 64 bytes at once: the form that stores as it compacts is slow on some processors.
            Avx512Vbmi2.Compress(Vector512<sbyte>.Zero, nonZero, bytes).Store((sbyte*)values);
            values += BitOperations.PopCount(mask);
        }

        return values;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Expand(ulong* masks, int count, byte* values, sbyte* blocks)
    {
        if (!Avx512Vbmi2.IsSupported)
        {
            ZeroValuesTable.Expand(masks, count, values, blocks);
            return;
        }

        Vector512<byte> bits = Vector512.Create(0x8040201008040201UL).AsByte();
        for (int block = 0; block < count; block++, blocks += 64)
        {
            ulong mask = masks[block];
            Vector512<byte> spread = Avx512BW.Shuffle(Vector512.Create(mask).AsByte(), SpreadIndices);
            Vector512<byte> nonZero = Vector512.Equals(spread & bits, bits);
            Avx512Vbmi2.Expand(Vector512<byte>.Zero, nonZero, Vector512.Load(values)).Store((byte*)blocks);
            values += BitOperations.PopCount(mask);
        }
    }

    // Byte i of the mask, eight times; each 128-bit part holds the whole mask, so the indices run on.
    private static Vector512<byte> SpreadIndices
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => Vector512.Create(
            0UL,
            0x0101010101010101,
            0x0202020202020202,
            0x0303030303030303,
            0x0404040404040404,
            0x0505050505050505,
            0x0606060606060606,
            0x0707070707070707).AsByte();
    }
}
