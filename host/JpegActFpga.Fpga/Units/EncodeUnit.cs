using System.Numerics;
using JpegActFpga.Codec.Staging;
using JpegActFpga.Core.Memory;
using JpegActFpga.Core.Profiles;
using JpegActFpga.Core.Tensors;
using JpegActFpga.Fpga.Launches;
using JpegActFpga.Xclbin;
using JpegActFpga.Xrt;

namespace JpegActFpga.Fpga.Units;

/// <summary>A compute unit of jpegact_encode. One thread at a time.</summary>
internal sealed class EncodeUnit : ComputeUnit
{
    private readonly XrtBuffer _blocks;
    private readonly XrtBuffer _scales;
    private readonly XrtBuffer _masks;
    private readonly XrtBuffer _values;
    private readonly XrtBuffer _offsets;

    internal EncodeUnit(XrtDevice device, Guid xclbin, XclbinComputeUnit unit, FpgaOptions options)
        : base(device, xclbin, unit, KernelInterface.Encode, options.LaunchTimeout)
    {
        try
        {
            long blocks = options.LaunchBlocks;
            _blocks = Allocate("blocks", blocks * BlockGeometry.BlockValues * sizeof(float));
            _scales = Allocate("scales", LaunchGeometry.MaxScales(options.LaunchBlocks) * sizeof(float));
            _masks = Allocate("masks", blocks * sizeof(ulong));
            _values = Allocate("values", blocks * BlockGeometry.BlockValues);
            _offsets = Allocate("offsets", ((blocks / BlockGeometry.TileBlocks) + 1) * sizeof(uint));
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>Gets the masks of the last launch.</summary>
    internal NativeSpan<ulong> Masks { get; private set; }

    /// <summary>Gets the value bytes of the last launch.</summary>
    internal NativeSpan<byte> Values { get; private set; }

    /// <summary>Gets the tiles' byte offsets of the last launch, one more than there are tiles.</summary>
    internal NativeSpan<uint> Offsets { get; private set; }

    /// <summary>Compresses a part of a tensor; the outputs stay good until the next call.</summary>
    /// <param name="tensor">The tensor.</param>
    /// <param name="geometry">Its geometry.</param>
    /// <param name="launch">The part.</param>
    /// <param name="scales">The encoder's scales.</param>
    /// <param name="profile">A jpeg-act profile.</param>
    internal void Encode(TensorView tensor, BlockGeometry geometry, LaunchGeometry launch, NativeSpan<float> scales, CodecProfile profile)
    {
        long blockBytes = (long)launch.BlockCount * BlockGeometry.BlockValues * sizeof(float);
        BlockStaging.Gather(tensor, geometry, launch.FirstBlock, Host(_blocks).Slice(0, blockBytes).Cast<float>());
        _blocks.Sync(XrtSyncDirection.ToDevice, 0, blockBytes);
        (uint scaleCount, uint firstScale) = launch.CopyScales(scales, Host(_scales).Cast<float>());
        _scales.Sync(XrtSyncDirection.ToDevice, 0, (long)scaleCount * sizeof(float));
        SetGeometry(launch, scaleCount, firstScale, profile.Shifts.CoefficientOrder);
        Run.SetArgument(Argument("truncate"), profile.Rounding == QuantiserRounding.Truncate ? 1u : 0u);

        LaunchResult result = Launch(launch.BlockCount);
        if (result.ValueBytes > (long)launch.BlockCount * BlockGeometry.BlockValues)
        {
            throw LaunchResult.Fault(Name, $"reports {result.ValueBytes} value bytes for {launch.BlockCount} blocks");
        }

        long maskBytes = (long)launch.BlockCount * sizeof(ulong);
        long valueWords = (result.ValueBytes + sizeof(ulong) - 1) / sizeof(ulong);
        long offsetBytes = (launch.TileCount + 1L) * sizeof(uint);
        _masks.Sync(XrtSyncDirection.FromDevice, 0, maskBytes);
        _values.Sync(XrtSyncDirection.FromDevice, 0, valueWords * sizeof(ulong));
        _offsets.Sync(XrtSyncDirection.FromDevice, 0, offsetBytes);
        Masks = Host(_masks).Slice(0, maskBytes).Cast<ulong>();
        LaunchResult.DemandSum(Name, "masks", result.MaskSum, Masks);
        LaunchResult.DemandSum(Name, "values", result.DataSum, Host(_values).Slice(0, valueWords * sizeof(ulong)).Cast<ulong>());
        Values = Host(_values).Slice(0, result.ValueBytes);
        Offsets = Host(_offsets).Slice(0, offsetBytes).Cast<uint>();
        DemandOffsets(launch, result.ValueBytes);
    }

    // The masks, whose checksum was right, say what the offsets must be; the kernel sums up no offsets.
    private void DemandOffsets(LaunchGeometry launch, uint valueBytes)
    {
        uint expected = 0;
        for (int tile = 0; tile < launch.TileCount; tile++)
        {
            DemandOffset(tile, expected);
            long first = (long)tile * BlockGeometry.TileBlocks;
            foreach (ulong mask in Masks.AsSpan(first, (int)Math.Min(BlockGeometry.TileBlocks, launch.BlockCount - first)))
            {
                expected += (uint)BitOperations.PopCount(mask);
            }
        }

        DemandOffset(launch.TileCount, expected);
        if (expected != valueBytes)
        {
            throw LaunchResult.Fault(Name, $"reports {valueBytes} value bytes; its masks name {expected}");
        }
    }

    private void DemandOffset(int tile, uint expected)
    {
        if (Offsets[tile] != expected)
        {
            throw LaunchResult.Fault(Name, $"wrote {Offsets[tile]} as the offset of tile {tile}; its masks give {expected}");
        }
    }
}
