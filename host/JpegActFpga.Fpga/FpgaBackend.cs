using System.Collections.Frozen;
using JpegActFpga.Codec.Reference;
using JpegActFpga.Codec.Scales;
using JpegActFpga.Core.Backends;
using JpegActFpga.Core.Frames;
using JpegActFpga.Core.Memory;
using JpegActFpga.Core.Profiles;
using JpegActFpga.Core.Tensors;
using JpegActFpga.Fpga.Launches;
using JpegActFpga.Fpga.Units;
using JpegActFpga.Xclbin;
using JpegActFpga.Xrt;

namespace JpegActFpga.Fpga;

/// <summary>The codec on an FPGA card over XRT: the host finds scales and assembles frames, the card does the rest.</summary>
/// <remarks>
/// Safe from any thread. Large tensors are split into launches that run on all compute units at once; card memory is what
/// the units' buffers take, whatever the tensor's size. A unit that does not answer in time is taken out of service with its
/// buffers. After <see cref="DisposeAsync"/> no call may be in flight.
/// </remarks>
public sealed class FpgaBackend : ICodecBackend
{
    /// <summary>Shortest launch that a tensor is split into for the sake of sharing: 128 KiB of float32, about 11 us of a gen3 x16 link.</summary>
    private const int MinSharedLaunchBlocks = 512;

    private readonly XrtDevice _device;
    private readonly UnitPool<EncodeUnit> _encoders;
    private readonly UnitPool<DecodeUnit> _decoders;
    private readonly int _launchBlocks;
    private int _disposed;

    private FpgaBackend(XrtDevice device, FpgaOptions options, VerifiedBitstream bitstream, List<EncodeUnit> encoders, List<DecodeUnit> decoders)
    {
        _device = device;
        _launchBlocks = options.LaunchBlocks;
        Bitstream = bitstream;
        _encoders = new UnitPool<EncodeUnit>("jpegact_encode", encoders);
        _decoders = new UnitPool<DecodeUnit>("jpegact_decode", decoders);
        Capabilities = new BackendCapabilities(
            "fpga",
            DescribeDevice(options.DeviceIndex, bitstream.File),
            new[] { CodecMethod.JpegAct }.ToFrozenSet(),
            MemoryKind.Host | MemoryKind.PinnedHost,
            Math.Min(encoders.Count, decoders.Count));
    }

    /// <inheritdoc/>
    public BackendCapabilities Capabilities { get; }

    /// <summary>Gets the xclbin that was loaded.</summary>
    public VerifiedBitstream Bitstream { get; }

    /// <summary>Opens a card and loads an xclbin that fits this program.</summary>
    /// <param name="options">Which card and xclbin.</param>
    /// <exception cref="InvalidXclbinException">The xclbin or its manifest is missing, damaged, foreign or of another layout version.</exception>
    /// <exception cref="XrtNotAvailableException">XRT is not installed or <c>XILINX_XRT</c> names no installation.</exception>
    /// <exception cref="XrtException">XRT refused: there is no such card, or it does not take the xclbin.</exception>
    public static FpgaBackend Open(FpgaOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        VerifiedBitstream bitstream = BitstreamManifest.Verify(options.XclbinPath);
        XrtDevice device = XrtDevice.Open(options.DeviceIndex);
        var encoders = new List<EncodeUnit>();
        var decoders = new List<DecodeUnit>();
        try
        {
            Guid uuid = device.LoadXclbin(options.XclbinPath);
            foreach (XclbinComputeUnit unit in bitstream.File.ComputeUnits)
            {
                if (unit.Kernel == KernelInterface.Encode.Name)
                {
                    encoders.Add(new EncodeUnit(device, uuid, unit, options));
                }
                else if (unit.Kernel == KernelInterface.Decode.Name)
                {
                    decoders.Add(new DecodeUnit(device, uuid, unit, options));
                }
            }

            return new FpgaBackend(device, options, bitstream, encoders, decoders);
        }
        catch
        {
            encoders.ForEach(unit => unit.Dispose());
            decoders.ForEach(unit => unit.Dispose());
            device.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public async ValueTask<CompressResult> CompressAsync(TensorView source, CodecProfile profile, NativeSpan<byte> destination, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(profile);
        Capabilities.Demand(profile.Method, source.Memory);
        FrameLayout.DemandRoom(source.Spec, profile, destination);
        cancellationToken.ThrowIfCancellationRequested();
        using ScaledTensor scaled = ScaledTensor.Scan(source, profile);
        if (scaled.NonFinite)
        {
            return RawFrame.Write(source, nonFinite: true, destination);
        }

        var builder = new FrameBuilder(destination, source.Spec, profile);
        scaled.DecodeScales.CopyTo(builder.Scales);
        await EncodeLaunchesAsync(source, profile, scaled.EncodeScales, builder, cancellationToken).ConfigureAwait(false);
        return new CompressResult(builder.Complete(!scaled.AnyNegative), CodecMethod.JpegAct);
    }

    /// <inheritdoc/>
    public async ValueTask ExpandAsync(FrameReader frame, TensorView destination, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(frame);
        Capabilities.Demand(frame.Header.Method, destination.Memory);
        ReferenceCodec.DemandSameTensor(frame, destination);
        cancellationToken.ThrowIfCancellationRequested();
        LaunchGeometry[] launches = LaunchGeometry.Split(frame.Layout.Geometry, LaunchBlocksFor(frame.Layout.Geometry.Blocks, _decoders.Live));
        var running = new List<Task>(launches.Length);
        try
        {
            foreach (LaunchGeometry launch in launches)
            {
                DecodeUnit unit = await _decoders.RentAsync(cancellationToken).ConfigureAwait(false);
                running.Add(Task.Run(() => UseUnit(_decoders, unit, () => unit.Decode(frame, launch, destination)), CancellationToken.None));
            }
        }
        finally
        {
            await Settle(running).ConfigureAwait(false);
        }

        await Task.WhenAll(running).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) == 0)
        {
            _encoders.Close();
            _decoders.Close();
            _device.Dispose();
        }

        return ValueTask.CompletedTask;
    }

    private static string DescribeDevice(int index, XclbinFile xclbin) => xclbin.Target switch
    {
        XclbinTarget.CSim => $"card {index}: {xclbin.Platform}, EMULATED CARD (C simulation of the HLS kernels on this CPU)",
        XclbinTarget.HwEmu => $"card {index}: {xclbin.Platform}, HARDWARE EMULATION",
        _ => $"card {index}: {xclbin.Platform}",
    };

    // All units share a tensor, unless the launches' fixed cost would outweigh that.
    private int LaunchBlocksFor(long blocks, int units)
    {
        long share = (blocks + Math.Max(1, units) - 1) / Math.Max(1, units);
        long tiles = (share + BlockGeometry.TileBlocks - 1) / BlockGeometry.TileBlocks * BlockGeometry.TileBlocks;
        return (int)Math.Min(_launchBlocks, Math.Max(MinSharedLaunchBlocks, tiles));
    }

    // Values of a launch follow those of the launch before it, so each launch passes on how many bytes there are so far.
    // A launch gets its unit before the next one asks for a unit: whoever waits for a predecessor waits for a running one.
    private async Task EncodeLaunchesAsync(TensorView source, CodecProfile profile, NativeSpan<float> scales, FrameBuilder builder, CancellationToken cancellationToken)
    {
        BlockGeometry geometry = builder.Layout.Geometry;
        LaunchGeometry[] launches = LaunchGeometry.Split(geometry, LaunchBlocksFor(geometry.Blocks, _encoders.Live));
        var running = new List<Task>(launches.Length);
        Task<long> bytesBefore = Task.FromResult(0L);
        try
        {
            foreach (LaunchGeometry launch in launches)
            {
                EncodeUnit unit = await _encoders.RentAsync(cancellationToken).ConfigureAwait(false);
                Task<long> before = bytesBefore;
                var after = new TaskCompletionSource<long>(TaskCreationOptions.RunContinuationsAsynchronously);
                running.Add(Task.Run(
                    () => UseUnit(_encoders, unit, () =>
                    {
                        try
                        {
                            unit.Encode(source, geometry, launch, scales, profile);
                            long start = before.GetAwaiter().GetResult();
                            after.SetResult(start + unit.Values.Length);
                            Assemble(unit, launch, builder, start);
                        }
                        catch (Exception error)
                        {
                            after.TrySetException(error);
                            throw;
                        }
                    }),
                    CancellationToken.None));
                bytesBefore = after.Task;
            }
        }
        finally
        {
            await Settle(running).ConfigureAwait(false);
        }

        await Task.WhenAll(running).ConfigureAwait(false);
        long valueBytes = await bytesBefore.ConfigureAwait(false);
        builder.TileOffsets[geometry.Tiles] = (ulong)valueBytes;
    }

    private static void Assemble(EncodeUnit unit, LaunchGeometry launch, FrameBuilder builder, long start)
    {
        unit.Masks.CopyTo(builder.Masks.Slice(launch.FirstBlock, launch.BlockCount));
        unit.Values.CopyTo(builder.Values.Slice(start, unit.Values.Length));
        NativeSpan<ulong> offsets = builder.TileOffsets;
        for (int tile = 0; tile < launch.TileCount; tile++)
        {
            offsets[launch.FirstTile + tile] = (ulong)start + unit.Offsets[tile];
        }
    }

    private static void UseUnit<TUnit>(UnitPool<TUnit> pool, TUnit unit, Action work)
        where TUnit : ComputeUnit
    {
        try
        {
            work();
        }
        catch (XrtException error)
        {
            throw unit.Translate(error);
        }
        finally
        {
            if (unit.IsHung)
            {
                unit.Dispose();
                pool.Retire();
            }
            else
            {
                pool.Return(unit);
            }
        }
    }

    // The tensor and the frame are in use until every launch has ended, however it ended.
    private static async Task Settle(List<Task> running)
    {
        try
        {
            await Task.WhenAll(running).ConfigureAwait(false);
        }
        catch (Exception error) when (error is BackendException or OperationCanceledException)
        {
            // Thrown again by the caller's own wait; a failure to rent a unit, which came first, goes before it.
        }
    }
}
