using System.Runtime.Intrinsics;
using JpegActFpga.Codec.Simd;
using JpegActFpga.Codec.Simd.Elements;
using JpegActFpga.Codec.Simd.Lanes;
using JpegActFpga.Codec.Simd.Staging;
using JpegActFpga.Codec.Simd.Transform;
using JpegActFpga.Codec.Simd.ZeroValues;
using JpegActFpga.Core.Frames;
using JpegActFpga.Core.Memory;
using JpegActFpga.Core.Profiles;
using JpegActFpga.Core.Tensors;

namespace JpegActFpga.Benchmarks.Codec;

/// <summary>The stages of jpeg-act by themselves, on a float32 tensor, tile after tile as the codec runs them.</summary>
internal static unsafe class StageRun
{
    /// <summary>Adds the stages to a clock.</summary>
    /// <param name="clock">The clock.</param>
    /// <param name="isa">An instruction set with vectors.</param>
    /// <param name="tensor">A float32 tensor.</param>
    /// <param name="shifts">The quantiser's shifts.</param>
    /// <returns>Memory that the stages use until it is disposed.</returns>
    internal static NativeBuffer Add(Stopclock clock, CodecIsa isa, TensorView tensor, ShiftTable shifts) => isa switch
    {
        CodecIsa.Avx512 => Add<Lanes512, Vector512<short>, Vector512<int>, ZeroValues512>(clock, tensor, shifts),
        CodecIsa.Avx2 => Add<Lanes256, Vector256<short>, Vector256<int>, ZeroValuesTable>(clock, tensor, shifts),
        _ => Add<Lanes128, Vector128<short>, Vector128<int>, ZeroValuesTable>(clock, tensor, shifts),
    };

    private static NativeBuffer Add<TLanes, TShort, TInt, TZeroValues>(Stopclock clock, TensorView tensor, ShiftTable shifts)
        where TLanes : struct, ILanes<TShort, TInt>
        where TShort : unmanaged
        where TInt : unmanaged
        where TZeroValues : struct, IZeroValueLanes
    {
        const int TileBytes = BlockGeometry.TileBlocks * BlockGeometry.BlockValues;
        var geometry = new BlockGeometry(tensor.Spec.Shape, CodecMethod.JpegAct);
        long bytes = tensor.Spec.ByteCount;
        int tiles = (int)(geometry.Blocks / BlockGeometry.TileBlocks);
        var memory = new NativeBuffer((4L * tiles * TileBytes) + (2 * TransformTables.Bytes) + 8192);
        byte* at = memory.Bytes.Pointer;
        sbyte* spatial = (sbyte*)at;
        sbyte* coefficients = spatial + (tiles * TileBytes);
        byte* values = (byte*)coefficients + (tiles * TileBytes);
        ulong* masks = (ulong*)(values + (tiles * TileBytes) + 64);
        var tables = new TransformTables((byte*)(masks + (tiles * BlockGeometry.TileBlocks)));
        tables.Reset();
        tables.Fill(shifts.CoefficientOrder, TLanes.Blocks);
        float* scale = (float*)(at + memory.ByteLength - 64);
        float* rowScales = scale - TensorWalk<float>.RowScaleFloats - 8;
        float* tensorAt = (float*)tensor.Bytes.Pointer;
        float* end = tensorAt + tensor.Spec.Shape.ElementCount;
        int groups = BlockGeometry.TileBlocks / TLanes.Blocks;
        byte** valueAt = (byte**)(scale - 2);

        // Round: the same numbers back and forth, so that later rounds see what the first one saw.
        *scale = 50f;
        void Forward()
        {
            for (int tile = 0; tile < tiles; tile++)
            {
                var walk = new TensorWalk<float>(tensorAt, in geometry, scale, 1, tile * BlockGeometry.TileBlocks, BlockGeometry.TileBlocks, rowScales);
                GroupStaging.Quantise<float, Float32Lanes>(walk, end, BlockGeometry.TileBlocks, TLanes.Blocks, spatial + (tile * TileBytes));
            }
        }

        void Transform()
        {
            for (int tile = 0; tile < tiles; tile++)
            {
                ForwardTransform.Run<TLanes, TShort, TInt, RoundNearest>(spatial + (tile * TileBytes), groups, tables, coefficients + (tile * TileBytes));
            }
        }

        void Compact()
        {
            byte* to = values;
            for (int tile = 0; tile < tiles; tile++)
            {
                to = TZeroValues.Compact(coefficients + (tile * TileBytes), BlockGeometry.TileBlocks, masks + (tile * BlockGeometry.TileBlocks), to);
            }

            *valueAt = to;
        }

        void Checksum()
        {
            uint running = Crc32C.Append(Crc32C.Seed, new ReadOnlySpan<byte>(masks, tiles * BlockGeometry.TileBlocks * sizeof(ulong)));
            Crc32C.Append(running, new ReadOnlySpan<byte>(values, (int)(*valueAt - values)));
        }

        void Expand()
        {
            byte* from = values;
            for (int tile = 0; tile < tiles; tile++)
            {
                ulong* tileMasks = masks + (tile * BlockGeometry.TileBlocks);
                TZeroValues.Expand(tileMasks, BlockGeometry.TileBlocks, from, coefficients + (tile * TileBytes));
                for (int i = 0; i < BlockGeometry.TileBlocks; i++)
                {
                    from += System.Numerics.BitOperations.PopCount(tileMasks[i]);
                }
            }
        }

        void Inverse()
        {
            for (int tile = 0; tile < tiles; tile++)
            {
                InverseTransform.Run<TLanes, TShort, TInt>(coefficients + (tile * TileBytes), groups, tables, 0, spatial + (tile * TileBytes));
            }
        }

        var restored = new NativeBuffer(bytes);
        void Restore()
        {
            for (int tile = 0; tile < tiles; tile++)
            {
                var walk = new TensorWalk<float>((float*)restored.Bytes.Pointer, in geometry, scale, 1, tile * BlockGeometry.TileBlocks, BlockGeometry.TileBlocks, rowScales);
                GroupRestoring.Restore<float, Float32Lanes>(spatial + (tile * TileBytes), BlockGeometry.TileBlocks, TLanes.Blocks, walk);
            }
        }

        clock.Add("  scale and quantise", bytes, Forward);
        clock.Add("  forward transform", bytes, Transform);
        clock.Add("  compact zeros", bytes, Compact);
        clock.Add("  checksum (one chain)", bytes, Checksum);
        clock.Add("  expand zeros", bytes, Expand);
        clock.Add("  inverse transform", bytes, Inverse);
        clock.Add("  rescale", bytes, Restore);
        return memory;
    }
}
