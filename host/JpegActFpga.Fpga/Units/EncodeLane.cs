using JpegActFpga.Codec.Staging;
using JpegActFpga.Core.Backends;
using JpegActFpga.Core.Memory;
using JpegActFpga.Core.Profiles;
using JpegActFpga.Fpga.Buffers;
using JpegActFpga.Fpga.Calls;
using JpegActFpga.Fpga.Launches;
using JpegActFpga.Xclbin;

namespace JpegActFpga.Fpga.Units;

/// <summary>Compresses parts of tensors on one compute unit of jpegact_encode.</summary>
/// <remarks>
/// Five buffers, so five transfers: blocks and an index (descriptors, then scales) to the card; an index (results, then tile
/// offsets), masks and values from it. Values of all parts lie one after the other, and come in one transfer.
/// </remarks>
internal sealed class EncodeLane : Lane<EncodeCall>
{
    private readonly EncodePlan[] _plans;
    private readonly TimeSpan _patience;
    private ScaleStep? _scaleStep;

    /// <summary>Initializes a new instance of the <see cref="EncodeLane"/> class.</summary>
    /// <param name="unit">The compute unit.</param>
    /// <param name="scaleUnit">A unit of jpegact_maximum on the same banks; null where the host finds the scales.</param>
    /// <param name="queue">Where work comes from.</param>
    /// <param name="memory">Where buffers come from.</param>
    /// <param name="options">How the card is used.</param>
    /// <param name="counters">Counts what is done.</param>
    /// <param name="owner">The card, as its lanes know it.</param>
    internal EncodeLane(ComputeUnit unit, ComputeUnit? scaleUnit, WorkQueue<EncodeCall> queue, CardMemory memory, FpgaOptions options, CardCounters counters, LaneOwner owner)
        : base(unit, new CodecArguments(unit, writesTileOffsets: true), queue, memory, options, counters, owner)
    {
        _plans = new EncodePlan[options.EffectiveLaunchParts];
        _patience = options.PartPatience;
        _scaleStep = scaleUnit is null ? null : new ScaleStep(scaleUnit, options, counters, Calls);
    }

    /// <inheritdoc/>
    protected override bool IsAbandoned => base.IsAbandoned || _scaleStep is { IsAbandoned: true };

    /// <inheritdoc/>
    protected override void Settle()
    {
        _scaleStep?.Settle();
        base.Settle();
    }

    /// <inheritdoc/>
    protected override void Close()
    {
        _scaleStep?.Dispose();
        base.Close();
    }

    /// <inheritdoc/>
    protected override void Process(LaunchBatch<EncodeCall> batch)
    {
        if (_scaleStep is { IsAbandoned: true } or { Unit.IsLost: true })
        {
            _scaleStep.Dispose();
            _scaleStep = null;
        }

        LaunchExtents extents = Plan(batch);
        Rent(extents);
        for (int i = 0; i < batch.Count; i++)
        {
            Stage(batch[i].Call, _plans[i]);
        }

        ToCard(LaunchBuffer.Data, extents.BytesOf(LaunchBuffer.Data));
        int launched = FindScales(batch);
        ulong ticket = Tickets.Next();
        for (int i = 0; i < batch.Count; i++)
        {
            if (_plans[i].Index >= 0)
            {
                Describe(batch[i].Call, ref _plans[i], ticket);
            }
        }

        if (launched != 0)
        {
            ToCard(LaunchBuffer.IndexIn, extents.BytesOf(LaunchBuffer.IndexIn));
            Launch(launched);
            SumBlocks(batch);
            Run.Wait();
            FromCard(LaunchBuffer.IndexOut, extents.BytesOf(LaunchBuffer.IndexOut));
            FromCard(LaunchBuffer.Masks, extents.BytesOf(LaunchBuffer.Masks));
            Deliver(batch, launched, extents.BytesOf(LaunchBuffer.Values));
        }
    }

    private LaunchExtents Plan(LaunchBatch<EncodeCall> batch)
    {
        int count = batch.Count;
        var extents = new LaunchExtents(count);
        for (int i = 0; i < count; i++)
        {
            EncodeCall call = batch[i].Call;
            if (_scaleStep is null && call.ScalesFromCard)
            {
                call.FindScalesOnHost();
            }

            _plans[i] = EncodePlan.Of(call, call.PartAt(batch[i].Part), i, ref extents);
        }

        return extents;
    }

    private NativeSpan<byte> Blocks(EncodeCall call, in EncodePlan plan) =>
        Host(LaunchBuffer.Data, plan.DataWord, (long)plan.Part.BlockCount * call.Element.BlockBytes());

    private void Stage(EncodeCall call, in EncodePlan plan)
    {
        NativeSpan<byte> blocks = Blocks(call, plan);
        if (call.Element == CardElement.Int8)
        {
            ByteStaging.Quantise(call.Tensor, call.Method, call.Geometry, plan.Part.FirstBlock, call.Scales, blocks);
        }
        else
        {
            BlockStaging.Gather(call.Tensor, call.Method, call.Geometry, plan.Part.FirstBlock, blocks);
        }
    }

    // Leaves tensors that are not finite out of the launch: they are done.
    private int FindScales(LaunchBatch<EncodeCall> batch)
    {
        if (_scaleStep is not null)
        {
            _scaleStep.Origin = Run.Origin;
        }

        _scaleStep?.Run(batch, _plans, Rented(LaunchBuffer.Data), Rented(LaunchBuffer.IndexIn), Rented(LaunchBuffer.IndexOut));
        int launched = 0;
        for (int i = 0; i < batch.Count; i++)
        {
            if (batch[i].Call.IsNonFinite)
            {
                _plans[i].Index = -1;
                batch.End(i, null);
            }
            else
            {
                _plans[i].Index = launched++;
            }
        }

        return launched;
    }

    private void Describe(EncodeCall call, ref EncodePlan plan, ulong ticket)
    {
        var descriptor = new Descriptor(Rented(LaunchBuffer.IndexIn).Host, plan.Index);
        descriptor.SetWork(call.Method, call.Element, call.Profile.Rounding, Descriptor.Append, plan.Part.BlockCount);
        descriptor.DataWord = plan.DataWord;
        descriptor.MasksWord = plan.MasksWord;
        descriptor.ValuesWord = (long)ticket;
        descriptor.ValueBytes = plan.ValuesRoom;
        descriptor.TileOffsetsWord = plan.TileOffsetsWord;
        if (call.Method == CodecMethod.JpegAct)
        {
            descriptor.SetShifts(call.Profile.Shifts.CoefficientOrder);
        }

        plan.IndexSum = 0;
        if (plan.HasScales)
        {
            long first = plan.Part.FirstScale(plan.TableLength);
            NativeSpan<float> scales = Host(LaunchBuffer.IndexIn, plan.CardScalesWord, plan.ScaleCount * sizeof(float)).Cast<float>();
            if (!call.ScalesFromCard)
            {
                plan.Part.CopyScales(call.Scales, scales);
            }

            descriptor.SetScales(plan.Part, plan.ScaleCount, first, plan.CardScalesWord);
            plan.IndexSum = plan.Part.SumScales(call.Method, scales, first);
        }

        plan.IndexSum += descriptor.Sum();
    }

    // While the card works.
    private void SumBlocks(LaunchBatch<EncodeCall> batch)
    {
        for (int i = 0; i < batch.Count; i++)
        {
            // A part that is done is nobody's any more: its call may serve another tensor by now.
            if (_plans[i].Index >= 0)
            {
                _plans[i].ReadSum = Checksum.Of(Blocks(batch[i].Call, _plans[i]));
            }
        }
    }

    private void Deliver(LaunchBatch<EncodeCall> batch, int launched, long valuesRoom)
    {
        NativeSpan<byte> results = Rented(LaunchBuffer.IndexOut).Host;
        long words = 0;
        for (int i = 0; i < launched; i++)
        {
            words += ValueWords(LaunchResult.Read(results, i), valuesRoom);
        }

        FromCard(LaunchBuffer.Values, Math.Min(words * KernelInterface.WordBytes, valuesRoom));
        long word = 0;
        for (int i = 0; i < batch.Count; i++)
        {
            if (_plans[i].Index < 0)
            {
                continue;
            }

            LaunchResult result = LaunchResult.Read(results, _plans[i].Index);
            try
            {
                EncodedPart part = Check(batch[i].Call, _plans[i], result, word);
                part.WriteTo(batch[i].Call, batch[i].Part, _patience);
                batch.End(i, null);
            }
            catch (BackendException error)
            {
                batch.End(i, error);
            }

            word += ValueWords(result, valuesRoom);
        }
    }

    // Nothing that a result says is believed before it is checked; here, that it fits the buffer.
    private static long ValueWords(LaunchResult result, long valuesRoom) =>
        ((long)Math.Min(result.ValueBytes, (ulong)valuesRoom) + KernelInterface.WordBytes - 1) / KernelInterface.WordBytes;

    private EncodedPart Check(EncodeCall call, in EncodePlan plan, LaunchResult result, long word)
    {
        result.Demand(Name, plan.Index, plan.Part.BlockCount, plan.IndexSum);
        long room = plan.ValuesRoom;
        if (result.ValueBytes > (ulong)room || (room != 0 && result.FirstValuesWord != (ulong)word))
        {
            throw LaunchResult.Fault(Name, $"reports {result.ValueBytes} value bytes from word {result.FirstValuesWord} on for {plan.Part.BlockCount} blocks; there is room for {room}, and word {word} is next");
        }

        LaunchResult.DemandSum(Name, "read blocks", result.ReadSum, plan.ReadSum);
        long bytes = (long)result.ValueBytes;
        NativeSpan<byte> values = Host(LaunchBuffer.Values, word, ValueWords(result, room) * KernelInterface.WordBytes);
        LaunchResult.DemandSum(Name, "wrote values", result.WrittenSum, Checksum.Of(values));
        NativeSpan<ulong> masks = plan.HasMasks
            ? Host(LaunchBuffer.Masks, plan.MasksWord, (long)plan.Part.BlockCount * sizeof(ulong)).Cast<ulong>()
            : default;
        LaunchResult.DemandSum(Name, "wrote masks", result.MaskSum, Checksum.Of(masks));
        NativeSpan<uint> offsets = Host(LaunchBuffer.IndexOut, plan.TileOffsetsWord, (plan.Part.TileCount + 1L) * sizeof(uint)).Cast<uint>();
        var part = new EncodedPart(plan.Part, masks, values.Slice(0, bytes), offsets);
        part.DemandOffsets(Name, call.Method);
        return part;
    }
}
