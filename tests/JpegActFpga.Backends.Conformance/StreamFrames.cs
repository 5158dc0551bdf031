using System.Numerics;
using JpegActFpga.Core.Frames;
using JpegActFpga.Core.Profiles;

namespace JpegActFpga.Backends.Conformance;

/// <summary>Valid frames with coefficients that no encoder makes: a decoder must give the same bits for every stream.</summary>
internal static class StreamFrames
{
    /// <param name="case">Tensor and profile of a method with masks and values; the pattern is not used.</param>
    /// <param name="extremes">True for -128 and 127 only, which drive the inverse transform into its clamps.</param>
    internal static byte[] Make(CodecCase @case, bool extremes)
    {
        var random = new Random(@case.Seed);
        using var memory = new GuardedBuffer(FrameLayout.MaxFrameBytes(@case.Spec, @case.Profile));
        var builder = new FrameBuilder(memory.Bytes, @case.Spec, @case.Profile);
        BlockGeometry geometry = builder.Layout.Geometry;
        for (long i = 0; i < builder.Scales.Length; i++)
        {
            builder.Scales[i] = random.NextSingle();
        }

        long valueBytes = 0;
        for (long block = 0; block < geometry.Blocks; block++)
        {
            if (block % BlockGeometry.TileBlocks == 0)
            {
                builder.TileOffsets[block / BlockGeometry.TileBlocks] = (ulong)valueBytes;
            }

            ulong mask = MaskOf(block, geometry, @case.Profile.Method, random);
            builder.Masks[block] = mask;
            int count = BitOperations.PopCount(mask);
            for (int i = 0; i < count; i++)
            {
                builder.Values[valueBytes++] = extremes ? (byte)(127 + random.Next(2)) : (byte)random.Next(256);
            }
        }

        builder.TileOffsets[geometry.Tiles] = (ulong)valueBytes;
        return memory.ToArray(builder.Complete(nonNegative: random.Next(2) == 0));
    }

    // Full, empty and random masks; bits past the tensor's last element stay 0.
    private static ulong MaskOf(long block, BlockGeometry geometry, CodecMethod method, Random random)
    {
        ulong mask = random.Next(4) switch
        {
            0 => ulong.MaxValue,
            1 => 0,
            _ => (ulong)random.NextInt64() ^ ((ulong)random.NextInt64() << 32),
        };
        long left = geometry.Elements - (block * BlockGeometry.BlockValues);
        return method == CodecMethod.JpegAct || left >= BlockGeometry.BlockValues ? mask : mask & ((1UL << (int)left) - 1);
    }
}
