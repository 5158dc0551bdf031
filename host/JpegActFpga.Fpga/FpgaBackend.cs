using System.Collections.Frozen;
using JpegActFpga.Codec.Reference;
using JpegActFpga.Core.Backends;
using JpegActFpga.Core.Frames;
using JpegActFpga.Core.Memory;
using JpegActFpga.Core.Profiles;
using JpegActFpga.Core.Tensors;
using JpegActFpga.Fpga.Calls;
using JpegActFpga.Fpga.Launches;
using JpegActFpga.Xclbin;
using JpegActFpga.Xrt;

namespace JpegActFpga.Fpga;

/// <summary>The codec on an FPGA card over XRT: the host finds scales and assembles frames, the card does the rest.</summary>
/// <remarks>
/// Safe from any thread. Large tensors are split into parts that run on all compute units at once; small ones share a launch
/// where they wait for one anyway. Card memory stays within <see cref="FpgaOptions.DeviceMemoryBytes"/>, whatever the
/// tensors' sizes. A unit that does not answer in time is taken out of service, and its launches' buffers are leaked.
/// Compressing scans the tensor on its caller's thread; the rest happens on threads of the backend. In the steady state a
/// call allocates nothing. After <see cref="DisposeAsync"/> no call may be in flight.
/// </remarks>
public sealed class FpgaBackend : ICodecBackend
{
    /// <summary>Short name of the backend, in reports and metrics.</summary>
    public const string ShortName = "fpga";

    /// <summary>Shortest part that a tensor is split into for the sake of sharing: 512 KiB of float32, about 45 us of a gen3 x16 link.</summary>
    private const int MinSharedBlocks = 2048;

    private static readonly FrozenSet<CodecMethod> Methods =
        new[] { CodecMethod.JpegAct, CodecMethod.Sfpr, CodecMethod.SfprZvc, CodecMethod.Brc }.ToFrozenSet();

    private readonly Card _card;
    private readonly FpgaOptions _options;
    private readonly int _launchBlocks;
    private readonly CallPool<EncodeCall> _encodeCalls = new(pool => new EncodeCall(pool));
    private readonly CallPool<DecodeCall> _decodeCalls = new(pool => new DecodeCall(pool));
    private int _disposed;

    private FpgaBackend(Card card, FpgaOptions options, VerifiedBitstream bitstream)
    {
        _card = card;
        _options = options;
        _launchBlocks = options.EffectiveLaunchBlocks;
        Bitstream = bitstream;
        Capabilities = new BackendCapabilities(
            ShortName,
            DescribeDevice(options.DeviceIndex, bitstream.File),
            Methods,
            MemoryKind.Host | MemoryKind.PinnedHost,
            Math.Min(card.Encoders.Live, card.Decoders.Live));
    }

    /// <inheritdoc/>
    public BackendCapabilities Capabilities { get; }

    /// <summary>Gets the xclbin that was loaded.</summary>
    public VerifiedBitstream Bitstream { get; }

    /// <summary>Gets what the card did so far, and the state of its memory.</summary>
    public FpgaStatistics Statistics => _card.Statistics;

    /// <summary>Opens a card and loads an xclbin that fits this program.</summary>
    /// <param name="options">Which card and xclbin.</param>
    /// <exception cref="ArgumentException">An option is out of its range.</exception>
    /// <exception cref="InvalidXclbinException">The xclbin or its manifest is missing, damaged, foreign or of another layout version, or was replaced between check and loading.</exception>
    /// <exception cref="XrtNotAvailableException">XRT is not installed or <c>XILINX_XRT</c> names no installation.</exception>
    /// <exception cref="XrtException">XRT refused: there is no such card, or it does not take the xclbin.</exception>
    public static FpgaBackend Open(FpgaOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        VerifiedBitstream bitstream = BitstreamManifest.Verify(options.XclbinPath);
        return new FpgaBackend(Card.Open(options, bitstream.File), options, bitstream);
    }

    /// <inheritdoc/>
    public ValueTask<CompressResult> CompressAsync(TensorView source, CodecProfile profile, NativeSpan<byte> destination, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(profile);
        Capabilities.Demand(profile.Method, source.Memory);
        FrameLayout.DemandRoom(source.Spec, profile, destination);
        cancellationToken.ThrowIfCancellationRequested();
        var geometry = new BlockGeometry(source.Spec.Shape, profile.Method);
        TensorPart.DemandFits(profile.Method, geometry);
        CardElement element = CardElements.Of(source.Spec.ElementType, profile.Method, _options.QuantiseOnHost);
        bool scalesFromCard = ScalesFromCard(source.Spec, profile, geometry);
        int partBlocks = scalesFromCard ? _launchBlocks : PartBlocksFor(geometry.Blocks, _card.Encoders.Live);
        EncodeCall call = _encodeCalls.Take();
        try
        {
            if (!call.Begin(source, profile, destination, element, partBlocks, scalesFromCard, cancellationToken, out CompressResult result))
            {
                call.Discard();
                return ValueTask.FromResult(result);
            }

            ValueTask<CompressResult> task = call.Task;
            _card.Encoders.Add(call);
            return task;
        }
        catch
        {
            call.Discard();
            throw;
        }
    }

    /// <inheritdoc/>
    public ValueTask ExpandAsync(FrameReader frame, TensorView destination, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(frame);
        Capabilities.Demand(frame.Header.Method, destination.Memory);
        ReferenceCodec.DemandSameTensor(frame, destination);
        frame.CheckTiles();
        cancellationToken.ThrowIfCancellationRequested();
        BlockGeometry geometry = frame.Layout.Geometry;
        TensorPart.DemandFits(frame.Header.Method, geometry);
        if (geometry.Blocks == 0)
        {
            return ValueTask.CompletedTask;
        }

        CardElement element = CardElements.Of(destination.Spec.ElementType, frame.Header.Method, _options.QuantiseOnHost);
        DecodeCall call = _decodeCalls.Take();
        try
        {
            call.Begin(frame, destination, element, PartBlocksFor(geometry.Blocks, _card.Decoders.Live), cancellationToken);
            ValueTask task = call.Task;
            _card.Decoders.Add(call);
            return task;
        }
        catch
        {
            call.Discard();
            throw;
        }
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) == 0)
        {
            _card.Dispose();
            _encodeCalls.Dispose();
            _decodeCalls.Dispose();
        }

        return ValueTask.CompletedTask;
    }

    private static string DescribeDevice(int index, XclbinFile xclbin) => xclbin.Target switch
    {
        XclbinTarget.CSim => $"card {index}: {xclbin.Platform}, EMULATED CARD (C simulation of the HLS kernels on this CPU)",
        XclbinTarget.HwEmu => $"card {index}: {xclbin.Platform}, HARDWARE EMULATION",
        _ => $"card {index}: {xclbin.Platform}",
    };

    // The card needs the whole tensor in one descriptor, its table must fit the chip, and the tables must not outweigh the blocks.
    private bool ScalesFromCard(TensorSpec spec, CodecProfile profile, BlockGeometry geometry)
    {
        long scales = BlockGeometry.ScaleCount(spec.Shape, profile.ScaleMode);
        return _options.ScalesOnCard
            && profile.Method.HasScales()
            && geometry.Blocks is > 0
            && geometry.Blocks <= _launchBlocks
            && scales <= Math.Min(KernelInterface.MaxTableScales, geometry.Blocks * BlockGeometry.BlockValues / 4);
    }

    // All lanes share a tensor, unless the launches' fixed cost would outweigh that.
    private int PartBlocksFor(long blocks, int lanes)
    {
        long share = (blocks + Math.Max(1, lanes) - 1) / Math.Max(1, lanes);
        long tiles = (share + BlockGeometry.TileBlocks - 1) / BlockGeometry.TileBlocks * BlockGeometry.TileBlocks;
        return (int)Math.Min(_launchBlocks, Math.Max(MinSharedBlocks, tiles));
    }
}
