using System.Numerics;
using System.Runtime.CompilerServices;
using JpegActFpga.Codec.Simd.Kernels;
using JpegActFpga.Core.Frames;
using JpegActFpga.Core.Profiles;

namespace JpegActFpga.Codec.Simd.Parallel;

/// <summary>Checksums of a chunk's tiles, side by side.</summary>
/// <remarks>One chain of the CRC instruction waits three cycles for itself; four chains hide each other's waits.</remarks>
internal static unsafe class TileChecksums
{
    private const int Chains = EncodeJob.ChunkTiles;

    /// <summary>Computes and stores the checksums of tiles whose masks, values and offsets are in place.</summary>
    /// <param name="plan">The call.</param>
    /// <param name="first">First tile.</param>
    /// <param name="tiles">Number of tiles, at most that of a chunk.</param>
    /// <param name="end">Value bytes up to the end of the last of them.</param>
    [SkipLocalsInit]
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal static void Compute(in TilePlan plan, long first, int tiles, long end)
    {
        byte** at = stackalloc byte*[Chains];
        long* left = stackalloc long[Chains];
        uint* running = stackalloc uint[Chains];
        for (int i = 0; i < Chains; i++)
        {
            running[i] = Crc32C.Seed;
            at[i] = (byte*)(plan.Masks + ((first + i) * BlockGeometry.TileBlocks));
            left[i] = plan.Method.HasMasks() && i < tiles ? plan.Geometry.BlocksOfTile(first + i) * sizeof(ulong) : 0;
        }

        Append(at, left, running);
        for (int i = 0; i < tiles; i++)
        {
            long start = (long)plan.TileOffsets[first + i];
            at[i] = plan.Values + start;
            left[i] = (i + 1 < tiles ? (long)plan.TileOffsets[first + i + 1] : end) - start;
        }

        Append(at, left, running);
        for (int i = 0; i < tiles; i++)
        {
            plan.TileChecksums[first + i] = Crc32C.Finish(running[i]);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Append(byte** at, long* left, uint* running)
    {
        long common = Math.Min(Math.Min(left[0], left[1]), Math.Min(left[2], left[3])) / sizeof(ulong) * sizeof(ulong);
        byte* p0 = at[0];
        byte* p1 = at[1];
        byte* p2 = at[2];
        byte* p3 = at[3];
        uint c0 = running[0];
        uint c1 = running[1];
        uint c2 = running[2];
        uint c3 = running[3];
        for (long i = 0; i < common; i += sizeof(ulong))
        {
            c0 = BitOperations.Crc32C(c0, *(ulong*)(p0 + i));
            c1 = BitOperations.Crc32C(c1, *(ulong*)(p1 + i));
            c2 = BitOperations.Crc32C(c2, *(ulong*)(p2 + i));
            c3 = BitOperations.Crc32C(c3, *(ulong*)(p3 + i));
        }

        (running[0], running[1], running[2], running[3]) = (c0, c1, c2, c3);
        for (int i = 0; i < Chains; i++)
        {
            if (left[i] > common)
            {
                running[i] = Crc32C.Append(running[i], new ReadOnlySpan<byte>(at[i] + common, (int)(left[i] - common)));
            }

            left[i] = 0;
        }
    }
}
