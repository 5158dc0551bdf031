using System.Diagnostics;
using JpegActFpga.Fpga.Buffers;
using JpegActFpga.Fpga.Calls;
using JpegActFpga.Fpga.Units;
using JpegActFpga.Xclbin;
using JpegActFpga.Xrt;

namespace JpegActFpga.Fpga;

/// <summary>An open card: its compute units with their lanes, its buffers, and the work that waits for them.</summary>
internal sealed class Card : IDisposable
{
    private readonly XrtDevice _device;
    private readonly FpgaOptions _options;
    private readonly CardMemory _memory;
    private readonly CardCounters _counters = new();
    private readonly List<ComputeUnit> _units = [];
    private readonly List<EncodeLane> _encodeLanes = [];
    private readonly List<DecodeLane> _decodeLanes = [];

    private readonly LaneOwner _owner;

    private Card(XrtDevice device, FpgaOptions options, XclbinFile xclbin)
    {
        _owner = new LaneOwner(new XrtWatch(device.Index, options.DriverLimit), TakeOutOfService, CloseRest);
        _device = device;
        _options = options;
        _memory = new CardMemory(new BufferAllocator(device, xclbin, options.UserPointers), options.DeviceMemoryBytes, options.MemoryPatience);
        Encoders = new WorkQueue<EncodeCall>(KernelInterface.Encode.Name, options.EffectiveLaunchBlocks, options.PartPatience);
        Decoders = new WorkQueue<DecodeCall>(KernelInterface.Decode.Name, options.EffectiveLaunchBlocks, options.PartPatience);
    }

    /// <summary>Gets what waits to be compressed.</summary>
    internal WorkQueue<EncodeCall> Encoders { get; }

    /// <summary>Gets what waits to be expanded.</summary>
    internal WorkQueue<DecodeCall> Decoders { get; }

    /// <summary>Gets what the card did so far.</summary>
    internal FpgaStatistics Statistics => _counters.Snapshot(_units.Count(unit => unit.IsLost), _memory.Statistics);

    /// <summary>Opens a card.</summary>
    /// <param name="options">Which one, and how it is used.</param>
    /// <param name="xclbin">What to load; checked already.</param>
    /// <exception cref="InvalidXclbinException">It is wired in a way that this host cannot use.</exception>
    /// <exception cref="XrtException">XRT refused.</exception>
    /// <exception cref="XrtStuckException">A call into the driver has not returned within <see cref="FpgaOptions.OpenTimeout"/>, or one that was left behind earlier has not yet.</exception>
    internal static Card Open(FpgaOptions options, XclbinFile xclbin) =>
        LimitedCall.Run(options.DeviceIndex, "opening and loading", options.OpenLimit, () => OpenNow(options, xclbin), late => late.Dispose());

    /// <inheritdoc/>
    public void Dispose()
    {
        Encoders.Close();
        Decoders.Close();
        long started = Stopwatch.GetTimestamp();
        TimeSpan patience = _options.LaunchTimeout + (_options.DriverTimeout * 1.25) + TimeSpan.FromSeconds(5);
        TimeSpan Left() => patience - Stopwatch.GetElapsedTime(started) is { Ticks: > 0 } left ? left : TimeSpan.Zero;

        // Longer than the watch takes to leave a thread behind that the driver does not let go of: what that one uses keeps itself open.
        _encodeLanes.ForEach(lane => lane.Join(Left()));
        _decodeLanes.ForEach(lane => lane.Join(Left()));

        // Where it does not end in time, StuckCalls knows, and the card is not opened before it has.
        if (!_owner.TryClose() || !LimitedCall.TryClose(_device.Index, "closing", _options.DriverLimit, CloseRest))
        {
            _memory.AbandonIdle();
        }
    }

    private static Card OpenNow(FpgaOptions options, XclbinFile xclbin)
    {
        XrtDevice device = XrtDevice.OpenKept(options.DeviceIndex, options.XclbinPath, out Guid uuid);
        Card? card = null;
        try
        {
            xclbin.DemandLoaded(uuid);
            card = new Card(device, options, xclbin);
            card.OpenUnits(uuid, xclbin);
            return card;
        }
        catch
        {
            card?.DiscardLanes();
            card?.CloseRest();
            device.Dispose();
            throw;
        }
    }

    // One call that does not return is enough: the others would be stuck one after another.
    private void TakeOutOfService()
    {
        _device.DoNotKeep();
        _units.ForEach(unit => unit.Lose());
        Encoders.Wake();
        Decoders.Wake();
    }

    private void CloseRest()
    {
        _units.ForEach(unit => unit.Dispose());
        _memory.Dispose();
        _device.Dispose();
        _owner.Watch.Dispose();
    }

    private void DiscardLanes()
    {
        _encodeLanes.ForEach(lane => lane.Discard());
        _decodeLanes.ForEach(lane => lane.Discard());
    }

    private void OpenUnits(Guid uuid, XclbinFile xclbin)
    {
        List<ComputeUnit> encoders = Open(uuid, xclbin, KernelInterface.Encode);
        List<ComputeUnit> decoders = Open(uuid, xclbin, KernelInterface.Decode);
        List<ComputeUnit> scalers = _options.ScalesOnCard ? Open(uuid, xclbin, KernelInterface.Maximum) : [];
        foreach (ComputeUnit unit in encoders)
        {
            ComputeUnit? scaler = _options.ScalesOnCard ? ScalerOf(unit, scalers, xclbin) : null;
            for (int i = 0; i < _options.LaunchesInFlight; i++)
            {
                _encodeLanes.Add(new EncodeLane(unit, scaler, Encoders, _memory, _options, _counters, _owner));
            }
        }

        foreach (ComputeUnit unit in decoders)
        {
            for (int i = 0; i < _options.LaunchesInFlight; i++)
            {
                _decodeLanes.Add(new DecodeLane(unit, Decoders, _memory, _options, _counters, _owner));
            }
        }

        // Only now, when nothing can fail any more.
        _encodeLanes.ForEach(lane => lane.Start());
        _decodeLanes.ForEach(lane => lane.Start());
    }

    private List<ComputeUnit> Open(Guid uuid, XclbinFile xclbin, KernelSignature kernel)
    {
        var opened = new List<ComputeUnit>();
        foreach (XclbinComputeUnit unit in xclbin.ComputeUnits.Where(unit => unit.Kernel == kernel.Name))
        {
            var open = new ComputeUnit(_device, uuid, unit, kernel);
            _units.Add(open);
            opened.Add(open);
        }

        return opened;
    }

    private static ComputeUnit ScalerOf(ComputeUnit encoder, List<ComputeUnit> scalers, XclbinFile xclbin) =>
        scalers.FirstOrDefault(scaler => ScaleStep.Fits(scaler, encoder))
        ?? throw new InvalidXclbinException(xclbin.Path, null, $"no unit of {KernelInterface.Maximum.Name} is wired to the memory banks of {encoder.Name}", "Link one there, or let the host find the scales");
}
