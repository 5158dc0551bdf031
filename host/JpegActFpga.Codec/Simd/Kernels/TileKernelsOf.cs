using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using JpegActFpga.Codec.Simd.Elements;
using JpegActFpga.Codec.Simd.Lanes;
using JpegActFpga.Codec.Simd.Staging;
using JpegActFpga.Codec.Simd.Transform;
using JpegActFpga.Codec.Simd.ZeroValues;
using JpegActFpga.Core.Profiles;

namespace JpegActFpga.Codec.Simd.Kernels;

/// <summary>The kernels, put together from what each instruction set and element type does its own way.</summary>
internal sealed unsafe class TileKernelsOf<TLanes, TShort, TInt, TZeroValues, TBits, TElement> : TileKernels
    where TLanes : struct, ILanes<TShort, TInt>
    where TShort : unmanaged
    where TInt : unmanaged
    where TZeroValues : struct, IZeroValueLanes
    where TBits : unmanaged
    where TElement : struct, IElementLanes<TBits>
{
    private const int BlockValues = BlockGeometry.BlockValues;
    private const int TileValues = BlockGeometry.TileBlocks * BlockValues;

    internal override int GroupBlocks => TLanes.Blocks;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal override bool Scan(byte* tensor, long first, long count, long planeElements, uint* maxBits, long scaleCount)
    {
        (long plane, long inPlane) = Math.DivRem(first, planeElements);
        long scale = plane % scaleCount;
        TBits* at = (TBits*)tensor + first;
        TBits* end = at + count;
        Vector256<uint> seen = Vector256<uint>.Zero;
        while (at < end)
        {
            long run = Math.Min(end - at, planeElements - inPlane);
            uint largest = TElement.LargestMagnitude(at, run, TLanes.Blocks == 4, ref seen);
            if (largest > Volatile.Read(ref maxBits[scale]))
            {
                Raise(ref maxBits[scale], largest);
            }

            at += run;
            inPlane = 0;
            scale = scale + 1 == scaleCount ? 0 : scale + 1;
        }

        return TElement.AnyNegative(seen);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal override int EncodeTile(in TilePlan plan, long tile, byte* values, in TileScratch scratch)
    {
        int blocks = plan.Geometry.BlocksOfTile(tile);
        ulong* masks = plan.Masks + (tile * BlockGeometry.TileBlocks);
        switch (plan.Method)
        {
            case CodecMethod.JpegAct:
                int groups = (blocks + TLanes.Blocks - 1) / TLanes.Blocks;
                var walk = new TensorWalk<TBits>((TBits*)plan.Tensor, in plan.Geometry, plan.Scales, plan.ScaleCount, tile * BlockGeometry.TileBlocks, blocks, scratch.RowScales);
                GroupStaging.Quantise<TBits, TElement>(walk, (TBits*)plan.Tensor + plan.Geometry.Elements, blocks, TLanes.Blocks, scratch.Spatial);
                if (plan.Rounding == QuantiserRounding.Nearest)
                {
                    ForwardTransform.Run<TLanes, TShort, TInt, RoundNearest>(scratch.Spatial, groups, plan.Tables, scratch.Coefficients);
                }
                else
                {
                    ForwardTransform.Run<TLanes, TShort, TInt, RoundTowardZero>(scratch.Spatial, groups, plan.Tables, scratch.Coefficients);
                }

                return (int)(TZeroValues.Compact(scratch.Coefficients, blocks, masks, values) - values);

            case CodecMethod.SfprZvc:
                int elements = Linear(in plan, tile, scratch.Spatial, restore: false);
                new Span<sbyte>(scratch.Spatial + elements, (blocks * BlockValues) - elements).Clear();
                return (int)(TZeroValues.Compact(scratch.Spatial, blocks, masks, values) - values);

            case CodecMethod.Sfpr:
                return Linear(in plan, tile, (sbyte*)values, restore: false);

            default:
                EncodeMasks(in plan, tile, masks, (TBits*)scratch.Spatial);
                return 0;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal override void DecodeTile(in TilePlan plan, long tile, in TileScratch scratch)
    {
        int blocks = plan.Geometry.BlocksOfTile(tile);
        ulong* masks = plan.Masks + (tile * BlockGeometry.TileBlocks);
        if (plan.Method == CodecMethod.Brc)
        {
            DecodeMasks(in plan, tile, masks);
            return;
        }

        byte* values = plan.Values + plan.TileOffsets[tile];
        if (plan.Method == CodecMethod.Sfpr)
        {
            Linear(in plan, tile, (sbyte*)values, restore: true);
            return;
        }

        if ((long)plan.TileOffsets[tile + 1] + BlockValues > plan.ValueRoom)
        {
            // The frame may end where the memory does.
            Unsafe.CopyBlockUnaligned(scratch.Values, values, (uint)(plan.TileOffsets[tile + 1] - plan.TileOffsets[tile]));
            values = scratch.Values;
        }

        if (plan.Method == CodecMethod.SfprZvc)
        {
            TZeroValues.Expand(masks, blocks, values, scratch.Spatial);
            Linear(in plan, tile, scratch.Spatial, restore: true);
            return;
        }

        int groups = (blocks + TLanes.Blocks - 1) / TLanes.Blocks;
        TZeroValues.Expand(masks, blocks, values, scratch.Coefficients);
        InverseTransform.Run<TLanes, TShort, TInt>(scratch.Coefficients, groups, plan.Tables, plan.Lowest, scratch.Spatial);
        var walk = new TensorWalk<TBits>((TBits*)plan.Tensor, in plan.Geometry, plan.Scales, plan.ScaleCount, tile * BlockGeometry.TileBlocks, blocks, scratch.RowScales);
        GroupRestoring.Restore<TBits, TElement>(scratch.Spatial, blocks, TLanes.Blocks, walk);
    }

    // Elements in memory order, in runs that share a scale.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static int Linear(in TilePlan plan, long tile, sbyte* bytes, bool restore)
    {
        long first = tile * TileValues;
        int count = plan.Geometry.ElementsOfTile(tile);
        long planeElements = plan.Geometry.PlaneRows * plan.Geometry.Width;
        (long plane, long inPlane) = Math.DivRem(first, planeElements);
        long scale = plane % plan.ScaleCount;
        TBits* elements = (TBits*)plan.Tensor + first;
        for (int done = 0; done < count;)
        {
            int run = (int)Math.Min(count - done, planeElements - inPlane);
            if (restore)
            {
                ByteQuantiser.RestoreRun<TBits, TElement>(bytes + done, run, plan.Scales[scale], elements + done);
            }
            else
            {
                ByteQuantiser.QuantiseRun<TBits, TElement>(elements + done, run, plan.Scales[scale], bytes + done);
            }

            done += run;
            inPlane = 0;
            scale = scale + 1 == plan.ScaleCount ? 0 : scale + 1;
        }

        return count;
    }

    // Another thread may scan another plane of the same channel.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Raise(ref uint target, uint value)
    {
        uint seen = Volatile.Read(ref target);
        while (value > seen)
        {
            uint found = Interlocked.CompareExchange(ref target, value, seen);
            if (found == seen)
            {
                return;
            }

            seen = found;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void EncodeMasks(in TilePlan plan, long tile, ulong* masks, TBits* pad)
    {
        TBits* elements = (TBits*)plan.Tensor + (tile * TileValues);
        int count = plan.Geometry.ElementsOfTile(tile);
        int full = count / BlockValues;
        for (int block = 0; block < full; block++)
        {
            masks[block] = TElement.PositiveMask64(elements + (block * BlockValues));
        }

        if (count > full * BlockValues)
        {
            // Zeros are not above zero: the bits past the last element stay 0.
            new Span<TBits>(pad, BlockValues).Clear();
            new Span<TBits>(elements + (full * BlockValues), count - (full * BlockValues)).CopyTo(new Span<TBits>(pad, BlockValues));
            masks[full] = TElement.PositiveMask64(pad);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void DecodeMasks(in TilePlan plan, long tile, ulong* masks)
    {
        byte* bits = (byte*)masks;
        TBits* elements = (TBits*)plan.Tensor + (tile * TileValues);
        int count = plan.Geometry.ElementsOfTile(tile);
        int i = 0;
        for (; i + 8 <= count; i += 8)
        {
            TElement.StoreOnes8(bits[i >> 3], elements + i);
        }

        for (; i < count; i++)
        {
            elements[i] = ((bits[i >> 3] >> (i & 7)) & 1) != 0 ? TElement.One : default;
        }
    }
}
