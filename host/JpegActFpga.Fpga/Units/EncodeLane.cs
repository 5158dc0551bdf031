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
    private const int Data = 0;
    private const int IndexIn = 1;
    private const int IndexOut = 2;
    private const int Masks = 3;
    private const int Values = 4;
    private const int BufferCount = 5;
    private const int WordBytes = KernelInterface.WordBytes;

    private readonly EncodeArguments _arguments;
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
    internal EncodeLane(ComputeUnit unit, ComputeUnit? scaleUnit, WorkQueue<EncodeCall> queue, CardMemory memory, FpgaOptions options, CardCounters counters)
        : base(unit, queue, memory, options, counters, BufferCount)
    {
        _arguments = new EncodeArguments(unit);
        _plans = new EncodePlan[options.LaunchParts];
        _patience = options.PartPatience;
        _scaleStep = scaleUnit is null ? null : new ScaleStep(scaleUnit, options, counters);
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

        EncodeExtents extents = Plan(batch);
        Need(Data, _arguments.DataBank, extents.DataBytes);
        Need(IndexIn, _arguments.IndexInBank, extents.IndexInBytes);
        Need(IndexOut, _arguments.IndexOutBank, extents.IndexOutBytes);
        Need(Masks, _arguments.MasksBank, extents.MasksBytes);
        Need(Values, _arguments.ValuesBank, extents.ValuesBytes);
        Rent();
        NativeSpan<byte> data = Rented(Data).Host;
        for (int i = 0; i < batch.Count; i++)
        {
            Stage(batch[i].Call, ref _plans[i], data);
        }

        ToCard(Data, extents.DataBytes);
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
            ToCard(IndexIn, extents.IndexInBytes);
            Launch(batch, launched, extents);
            Deliver(batch, launched, extents);
        }
    }

    private EncodeExtents Plan(LaunchBatch<EncodeCall> batch)
    {
        int count = batch.Count;
        var extents = new EncodeExtents(count);
        for (int i = 0; i < count; i++)
        {
            EncodeCall call = batch[i].Call;
            if (_scaleStep is null && call.ScalesFromCard)
            {
                call.FindScalesOnHost();
            }

            _plans[i] = extents.Add(call, call.PartAt(batch[i].Part), i);
        }

        return extents;
    }

    private static void Stage(EncodeCall call, ref EncodePlan plan, NativeSpan<byte> data)
    {
        NativeSpan<byte> blocks = data.Slice(plan.DataWord * WordBytes, (long)plan.Part.BlockCount * call.Element.BlockBytes());
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

        _scaleStep?.Run(batch, _plans, Rented(Data), Rented(IndexIn), Rented(IndexOut));
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
        NativeSpan<byte> index = Rented(IndexIn).Host;
        var descriptor = new Descriptor(index, plan.Index);
        descriptor.SetWork(call.Method, call.Element, call.Profile.Rounding, Descriptor.Append, plan.Part.BlockCount);
        descriptor.DataWord = plan.DataWord;
        descriptor.MasksWord = plan.MasksWord;
        descriptor.ValuesWord = (long)ticket;
        descriptor.ValueBytes = plan.HasValues ? (long)plan.Part.BlockCount * BlockGeometry.BlockValues : 0;
        descriptor.TileOffsetsWord = plan.TileOffsetsWord;
        if (call.Method == CodecMethod.JpegAct)
        {
            descriptor.SetShifts(call.Profile.Shifts.CoefficientOrder);
        }

        plan.IndexSum = 0;
        if (plan.HasScales)
        {
            long first = plan.Part.FirstScale(plan.TableLength);
            NativeSpan<float> scales = index.Slice(plan.CardScalesWord * WordBytes, plan.ScaleCount * sizeof(float)).Cast<float>();
            if (!call.ScalesFromCard)
            {
                plan.Part.CopyScales(call.Scales, scales);
            }

            descriptor.SetScales(plan.Part, plan.ScaleCount, first, plan.CardScalesWord);
            plan.IndexSum = plan.Part.SumScales(call.Method, scales, first);
        }

        plan.IndexSum += descriptor.Sum();
    }

    private void Launch(LaunchBatch<EncodeCall> batch, int launched, EncodeExtents extents)
    {
        _arguments.Set(Run, Rented(Data), Rented(IndexIn), Rented(IndexOut), Rented(Masks), Rented(Values), launched);
        Run.Start();

        // While the card works.
        NativeSpan<byte> data = Rented(Data).Host;
        for (int i = 0; i < batch.Count; i++)
        {
            // A part that is done is nobody's any more: its call may serve another tensor by now.
            if (_plans[i].Index >= 0)
            {
                _plans[i].ReadSum = Checksum.Of(data.Slice(_plans[i].DataWord * WordBytes, (long)_plans[i].Part.BlockCount * batch[i].Call.Element.BlockBytes()));
            }
        }

        Run.Wait();
        FromCard(IndexOut, extents.IndexOutBytes);
        FromCard(Masks, extents.MasksBytes);
    }

    private void Deliver(LaunchBatch<EncodeCall> batch, int launched, EncodeExtents extents)
    {
        NativeSpan<byte> results = Rented(IndexOut).Host;
        long words = 0;
        for (int i = 0; i < launched; i++)
        {
            words += ValueWords(LaunchResult.Read(results, i), extents);
        }

        FromCard(Values, Math.Min(words * WordBytes, extents.ValuesBytes));
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

            word += ValueWords(result, extents);
        }
    }

    // Nothing that a result says is believed before it is checked; here, that it fits the buffer.
    private static long ValueWords(LaunchResult result, EncodeExtents extents) =>
        ((long)Math.Min(result.ValueBytes, (ulong)extents.ValuesBytes) + WordBytes - 1) / WordBytes;

    private EncodedPart Check(EncodeCall call, in EncodePlan plan, LaunchResult result, long word)
    {
        result.Demand(Name, plan.Index, plan.Part.BlockCount, plan.IndexSum);
        long room = plan.HasValues ? (long)plan.Part.BlockCount * BlockGeometry.BlockValues : 0;
        if (result.ValueBytes > (ulong)room || (plan.HasValues && result.FirstValuesWord != (ulong)word))
        {
            throw LaunchResult.Fault(Name, $"reports {result.ValueBytes} value bytes from word {result.FirstValuesWord} on for {plan.Part.BlockCount} blocks; there is room for {room}, and word {word} is next");
        }

        LaunchResult.DemandSum(Name, "read blocks", result.ReadSum, plan.ReadSum);
        long bytes = (long)result.ValueBytes;
        NativeSpan<byte> values = Rented(Values).Host.Slice(word * WordBytes, (bytes + WordBytes - 1) / WordBytes * WordBytes);
        LaunchResult.DemandSum(Name, "wrote values", result.WrittenSum, Checksum.Of(values));
        NativeSpan<ulong> masks = plan.HasMasks
            ? Rented(Masks).Host.Slice(plan.MasksWord * WordBytes, (long)plan.Part.BlockCount * sizeof(ulong)).Cast<ulong>()
            : default;
        LaunchResult.DemandSum(Name, "wrote masks", result.MaskSum, Checksum.Of(masks));
        NativeSpan<uint> offsets = Rented(IndexOut).Host.Slice(plan.TileOffsetsWord * WordBytes, (plan.Part.TileCount + 1L) * sizeof(uint)).Cast<uint>();
        var part = new EncodedPart(plan.Part, masks, values.Slice(0, bytes), offsets);
        part.DemandOffsets(Name, call.Method);
        return part;
    }
}
