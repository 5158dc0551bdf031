using System.Runtime.CompilerServices;
using JpegActFpga.Codec.Simd.Kernels;
using JpegActFpga.Core.Frames;
using JpegActFpga.Core.Profiles;

namespace JpegActFpga.Codec.Simd.Parallel;

/// <summary>Checksums of a chunk's tiles, side by side.</summary>
internal static unsafe class TileChecksums
{
    private const int Chains = Crc32C.Chains;

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

        Crc32C.Append(at, left, running);
        for (int i = 0; i < tiles; i++)
        {
            long start = (long)plan.TileOffsets[first + i];
            at[i] = plan.Values + start;
            left[i] = (i + 1 < tiles ? (long)plan.TileOffsets[first + i + 1] : end) - start;
        }

        Crc32C.Append(at, left, running);
        for (int i = 0; i < tiles; i++)
        {
            plan.TileChecksums[first + i] = Crc32C.Finish(running[i]);
        }
    }
}
