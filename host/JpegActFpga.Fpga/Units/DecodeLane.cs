using JpegActFpga.Codec.Staging;
using JpegActFpga.Core.Backends;
using JpegActFpga.Core.Memory;
using JpegActFpga.Core.Profiles;
using JpegActFpga.Fpga.Buffers;
using JpegActFpga.Fpga.Calls;
using JpegActFpga.Fpga.Launches;
using JpegActFpga.Xclbin;

namespace JpegActFpga.Fpga.Units;

/// <summary>Expands parts of frames on one compute unit of jpegact_decode.</summary>
internal sealed class DecodeLane : Lane<DecodeCall>
{
    private const int Data = 0;
    private const int IndexIn = 1;
    private const int Results = 2;
    private const int Masks = 3;
    private const int Values = 4;
    private const int BufferCount = 5;
    private const int WordBytes = KernelInterface.WordBytes;

    private readonly DecodeArguments _arguments;
    private readonly DecodePlan[] _plans;

    /// <summary>Initializes a new instance of the <see cref="DecodeLane"/> class.</summary>
    /// <param name="unit">The compute unit.</param>
    /// <param name="queue">Where work comes from.</param>
    /// <param name="memory">Where buffers come from.</param>
    /// <param name="options">How the card is used.</param>
    /// <param name="counters">Counts what is done.</param>
    internal DecodeLane(ComputeUnit unit, WorkQueue<DecodeCall> queue, CardMemory memory, FpgaOptions options, CardCounters counters)
        : base(unit, queue, memory, options, counters, BufferCount)
    {
        _arguments = new DecodeArguments(unit);
        _plans = new DecodePlan[options.LaunchParts];
    }

    /// <inheritdoc/>
    protected override void Process(LaunchBatch<DecodeCall> batch)
    {
        var extents = new DecodeExtents(batch.Count);
        for (int i = 0; i < batch.Count; i++)
        {
            _plans[i] = extents.Add(batch[i].Call, batch[i].Call.PartAt(batch[i].Part));
        }

        Need(Data, _arguments.DataBank, extents.DataBytes);
        Need(IndexIn, _arguments.IndexInBank, extents.IndexInBytes);
        Need(Results, _arguments.ResultsBank, (long)batch.Count * LaunchResult.Bytes);
        Need(Masks, _arguments.MasksBank, extents.MasksBytes);
        Need(Values, _arguments.ValuesBank, extents.ValuesBytes);
        Rent();
        ulong ticket = Tickets.Next();
        for (int i = 0; i < batch.Count; i++)
        {
            Stage(batch[i].Call, ref _plans[i], i, ticket);
        }

        ToCard(IndexIn, extents.IndexInBytes);
        ToCard(Masks, extents.MasksBytes);
        ToCard(Values, extents.ValuesBytes);
        _arguments.Set(Run, Rented(Data), Rented(IndexIn), Rented(Results), Rented(Masks), Rented(Values), batch.Count);
        Run.Start();

        // While the card works.
        for (int i = 0; i < batch.Count; i++)
        {
            _plans[i].MaskSum = Checksum.Of(Rented(Masks).Host.Slice(_plans[i].MasksWord * WordBytes, _plans[i].MaskBytes));
            _plans[i].ValueSum = Checksum.Of(Rented(Values).Host.Slice(_plans[i].ValuesWord * WordBytes, _plans[i].ValueWords * WordBytes));
        }

        Run.Wait();
        FromCard(Results, (long)batch.Count * LaunchResult.Bytes);
        FromCard(Data, extents.DataBytes);
        for (int i = 0; i < batch.Count; i++)
        {
            try
            {
                Deliver(batch[i].Call, _plans[i], i);
                batch.End(i, null);
            }
            catch (BackendException error)
            {
                batch.End(i, error);
            }
        }
    }

    private void Stage(DecodeCall call, ref DecodePlan plan, int index, ulong ticket)
    {
        TensorPart part = plan.Part;
        if (plan.MaskBytes != 0)
        {
            call.Frame.Masks.Slice(part.FirstBlock, part.BlockCount).Cast<byte>().CopyTo(Rented(Masks).Host.Slice(plan.MasksWord * WordBytes, plan.MaskBytes));
        }

        NativeSpan<byte> values = Rented(Values).Host.Slice(plan.ValuesWord * WordBytes, plan.ValueWords * WordBytes);
        call.Frame.Values.Slice(plan.FirstValue, plan.ValueBytes).CopyTo(values);
        values.Slice(plan.ValueBytes, values.Length - plan.ValueBytes).Clear();

        NativeSpan<byte> host = Rented(IndexIn).Host;
        var descriptor = new Descriptor(host, index);
        uint flags = call.Method == CodecMethod.JpegAct && call.Frame.Header.NonNegative ? Descriptor.NonNegative : 0;
        descriptor.SetWork(call.Method, call.Element, QuantiserRounding.Nearest, flags, part.BlockCount);
        descriptor.DataWord = plan.DataWord;
        descriptor.MasksWord = plan.MasksWord;
        descriptor.ValuesWord = plan.ValuesWord;
        descriptor.ValueBytes = plan.ValueBytes;
        descriptor.TileOffsetsWord = (long)ticket;
        if (call.Method == CodecMethod.JpegAct)
        {
            descriptor.SetShifts(call.Frame.Header.Shifts.CoefficientOrder);
        }

        plan.IndexSum = 0;
        if (plan.ScaleCount != 0)
        {
            NativeSpan<float> table = call.Frame.Scales;
            NativeSpan<float> scales = host.Slice(plan.ScalesWord * WordBytes, plan.ScaleCount * sizeof(float)).Cast<float>();
            part.CopyScales(table, scales);
            long first = part.FirstScale(table.Length);
            descriptor.SetScales(part, plan.ScaleCount, first, plan.ScalesWord);
            plan.IndexSum = part.SumScales(call.Method, scales, first);
        }

        plan.IndexSum += descriptor.Sum();
    }

    private void Deliver(DecodeCall call, in DecodePlan plan, int index)
    {
        LaunchResult result = LaunchResult.Read(Rented(Results).Host, index);
        result.Demand(Name, index, plan.Part.BlockCount, plan.IndexSum);
        LaunchResult.DemandSum(Name, "read masks", result.MaskSum, plan.MaskSum);
        LaunchResult.DemandSum(Name, "read values", result.ReadSum, plan.ValueSum);
        NativeSpan<byte> blocks = Rented(Data).Host.Slice(plan.DataWord * WordBytes, (long)plan.Part.BlockCount * call.Element.BlockBytes());
        LaunchResult.DemandSum(Name, "wrote blocks", result.WrittenSum, Checksum.Of(blocks));
        if (call.Element == CardElement.Int8)
        {
            ByteStaging.Dequantise(blocks, call.Method, call.Geometry, plan.Part.FirstBlock, call.Frame.Scales, call.Tensor);
        }
        else
        {
            BlockStaging.Scatter(blocks, call.Method, call.Geometry, plan.Part.FirstBlock, call.Tensor);
        }
    }
}
