using JpegActFpga.Codec.Staging;
using JpegActFpga.Core.Frames;
using JpegActFpga.Core.Memory;
using JpegActFpga.Core.Profiles;
using JpegActFpga.Core.Tensors;
using JpegActFpga.Fpga.Launches;
using JpegActFpga.Xclbin;
using JpegActFpga.Xrt;

namespace JpegActFpga.Fpga.Units;

/// <summary>A compute unit of jpegact_decode. One thread at a time.</summary>
internal sealed class DecodeUnit : ComputeUnit
{
    private readonly XrtBuffer _masks;
    private readonly XrtBuffer _values;
    private readonly XrtBuffer _scales;
    private readonly XrtBuffer _blocks;

    internal DecodeUnit(XrtDevice device, Guid xclbin, XclbinComputeUnit unit, FpgaOptions options)
        : base(device, xclbin, unit, KernelInterface.Decode, options.LaunchTimeout)
    {
        try
        {
            long blocks = options.LaunchBlocks;
            _masks = Allocate("masks", blocks * sizeof(ulong));
            _values = Allocate("values", blocks * BlockGeometry.BlockValues);
            _scales = Allocate("scales", LaunchGeometry.MaxScales(options.LaunchBlocks) * sizeof(float));
            _blocks = Allocate("blocks", blocks * BlockGeometry.BlockValues * sizeof(float));
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>Expands a part of a frame into a tensor.</summary>
    /// <param name="frame">A jpeg-act frame.</param>
    /// <param name="launch">The part.</param>
    /// <param name="destination">The tensor.</param>
    internal void Decode(FrameReader frame, LaunchGeometry launch, TensorView destination)
    {
        long maskBytes = (long)launch.BlockCount * sizeof(ulong);
        NativeSpan<ulong> masks = frame.Masks.Slice(launch.FirstBlock, launch.BlockCount);
        masks.Cast<byte>().CopyTo(Host(_masks));
        _masks.Sync(XrtSyncDirection.ToDevice, 0, maskBytes);

        NativeSpan<ulong> offsets = frame.TileOffsets;
        long firstValue = (long)offsets[launch.FirstTile];
        long valueBytes = (long)offsets[launch.FirstTile + launch.TileCount] - firstValue;
        frame.Values.Slice(firstValue, valueBytes).CopyTo(Host(_values));
        _values.Sync(XrtSyncDirection.ToDevice, 0, valueBytes);

        (uint scaleCount, uint firstScale) = launch.CopyScales(frame.Scales, Host(_scales).Cast<float>());
        _scales.Sync(XrtSyncDirection.ToDevice, 0, (long)scaleCount * sizeof(float));
        SetGeometry(launch, scaleCount, firstScale, frame.Header.Shifts.CoefficientOrder);
        Run.SetArgument(Argument("value_bytes"), (uint)valueBytes);
        Run.SetArgument(Argument("non_negative"), frame.Header.NonNegative ? 1u : 0u);

        LaunchResult result = Launch(launch.BlockCount);
        if (result.ValueBytes != valueBytes)
        {
            throw LaunchResult.Fault(Name, $"read {result.ValueBytes} value bytes; {valueBytes} were given");
        }

        LaunchResult.DemandSum(Name, "masks read", result.MaskSum, masks);
        long blockBytes = (long)launch.BlockCount * BlockGeometry.BlockValues * sizeof(float);
        _blocks.Sync(XrtSyncDirection.FromDevice, 0, blockBytes);
        NativeSpan<byte> blocks = Host(_blocks).Slice(0, blockBytes);
        LaunchResult.DemandSum(Name, "blocks", result.DataSum, blocks.Cast<ulong>());
        BlockStaging.Scatter(blocks.Cast<float>(), frame.Layout.Geometry, launch.FirstBlock, destination);
    }
}
