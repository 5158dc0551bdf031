using System.Numerics;
using JpegActFpga.Cli.Files;
using JpegActFpga.Core.Frames;
using JpegActFpga.Core.Memory;
using JpegActFpga.Core.Profiles;
using JpegActFpga.Core.Tensors;

namespace JpegActFpga.Cli.Validation;

/// <summary>Frames that no encoder writes but every decoder must expand alike: any coefficients under any table and scales.</summary>
internal static class AnyStream
{
    /// <summary>Makes a frame in memory that the caller disposes.</summary>
    /// <param name="shape">Shape.</param>
    /// <param name="nonZeroOf64">About how many coefficients of a block are stored, 0 .. 64.</param>
    /// <param name="nonNegative">The frame's flag.</param>
    /// <param name="random">The generator.</param>
    /// <returns>The frame and its memory.</returns>
    internal static (FrameReader Frame, NativeBuffer Memory) Create(TensorShape shape, int nonZeroOf64, bool nonNegative, Random random)
    {
        var spec = new TensorSpec(ElementType.Float32, shape);
        CodecProfile profile = CodecProfile.JpegAct(TensorCases.RandomTable(random));
        NativeBuffer memory = HostMemory.Allocate(FrameLayout.MaxFrameBytes(spec, profile), "a frame");
        var builder = new FrameBuilder(memory.Bytes, spec, profile);
        for (long i = 0; i < builder.Scales.Length; i++)
        {
            builder.Scales[i] = MathF.ScaleB(random.NextSingle(), random.Next(-90, 90));
        }

        BlockGeometry geometry = builder.Layout.Geometry;
        NativeSpan<ulong> masks = builder.Masks;
        NativeSpan<ulong> offsets = builder.TileOffsets;
        NativeSpan<byte> values = builder.Values;
        long at = 0;
        for (long block = 0; block < geometry.Blocks; block++)
        {
            if (block % BlockGeometry.TileBlocks == 0)
            {
                offsets[block / BlockGeometry.TileBlocks] = (ulong)at;
            }

            masks[block] = Mask(nonZeroOf64, random);
            for (int i = BitOperations.PopCount(masks[block]); i > 0; i--)
            {
                // The ends of the range are where sums are largest.
                values[at++] = (byte)(random.Next(4) == 0 ? (random.Next(2) == 0 ? 0x80 : 0x7f) : random.Next(1, 256));
            }
        }

        offsets[geometry.Tiles] = (ulong)at;
        long bytes = builder.Complete(nonNegative);
        return (FrameReader.Open(memory.Bytes.Slice(0, bytes)), memory);
    }

    private static ulong Mask(int nonZeroOf64, Random random)
    {
        ulong mask = 0;
        for (int bit = 0; bit < BlockGeometry.BlockValues; bit++)
        {
            mask |= random.Next(BlockGeometry.BlockValues) < nonZeroOf64 ? 1UL << bit : 0;
        }

        return mask;
    }
}
