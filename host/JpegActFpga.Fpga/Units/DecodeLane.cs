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
    private readonly DecodePlan[] _plans;

    /// <summary>Initializes a new instance of the <see cref="DecodeLane"/> class.</summary>
    /// <param name="unit">The compute unit.</param>
    /// <param name="queue">Where work comes from.</param>
    /// <param name="memory">Where buffers come from.</param>
    /// <param name="options">How the card is used.</param>
    /// <param name="counters">Counts what is done.</param>
    /// <param name="owner">The card, as its lanes know it.</param>
    internal DecodeLane(ComputeUnit unit, WorkQueue<DecodeCall> queue, CardMemory memory, FpgaOptions options, CardCounters counters, LaneOwner owner)
        : base(unit, new CodecArguments(unit, writesTileOffsets: false), queue, memory, options, counters, owner) => _plans = new DecodePlan[options.EffectiveLaunchParts];

    /// <inheritdoc/>
    protected override void Process(LaunchBatch<DecodeCall> batch)
    {
        var extents = new LaunchExtents(batch.Count);
        for (int i = 0; i < batch.Count; i++)
        {
            _plans[i] = DecodePlan.Of(batch[i].Call, batch[i].Call.PartAt(batch[i].Part), ref extents);
        }

        Rent(extents);
        ulong ticket = Tickets.Next();
        for (int i = 0; i < batch.Count; i++)
        {
            Stage(batch[i].Call, ref _plans[i], i, ticket);
        }

        ToCard(LaunchBuffer.IndexIn, extents.BytesOf(LaunchBuffer.IndexIn));
        ToCard(LaunchBuffer.Masks, extents.BytesOf(LaunchBuffer.Masks));
        ToCard(LaunchBuffer.Values, extents.BytesOf(LaunchBuffer.Values));
        Launch(batch.Count);

        // While the card works.
        for (int i = 0; i < batch.Count; i++)
        {
            _plans[i].MaskSum = Checksum.Of(Masks(_plans[i]));
            _plans[i].ValueSum = Checksum.Of(Values(_plans[i]));
        }

        Run.Wait();
        FromCard(LaunchBuffer.IndexOut, extents.BytesOf(LaunchBuffer.IndexOut));
        FromCard(LaunchBuffer.Data, extents.BytesOf(LaunchBuffer.Data));
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

    private NativeSpan<byte> Masks(in DecodePlan plan) => Host(LaunchBuffer.Masks, plan.MasksWord, plan.MaskBytes);

    // Whole words, as the kernel reads them.
    private NativeSpan<byte> Values(in DecodePlan plan) => Host(LaunchBuffer.Values, plan.ValuesWord, plan.ValueWords * KernelInterface.WordBytes);

    private void Stage(DecodeCall call, ref DecodePlan plan, int index, ulong ticket)
    {
        TensorPart part = plan.Part;
        if (plan.MaskBytes != 0)
        {
            call.Frame.Masks.Slice(part.FirstBlock, part.BlockCount).Cast<byte>().CopyTo(Masks(plan));
        }

        NativeSpan<byte> values = Values(plan);
        call.Frame.Values.Slice(plan.FirstValue, plan.ValueBytes).CopyTo(values);
        values.Slice(plan.ValueBytes, values.Length - plan.ValueBytes).Clear();

        var descriptor = new Descriptor(Rented(LaunchBuffer.IndexIn).Host, index);
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
            NativeSpan<float> scales = Host(LaunchBuffer.IndexIn, plan.ScalesWord, plan.ScaleCount * sizeof(float)).Cast<float>();
            part.CopyScales(table, scales);
            long first = part.FirstScale(table.Length);
            descriptor.SetScales(part, plan.ScaleCount, first, plan.ScalesWord);
            plan.IndexSum = part.SumScales(call.Method, scales, first);
        }

        plan.IndexSum += descriptor.Sum();
    }

    private void Deliver(DecodeCall call, in DecodePlan plan, int index)
    {
        LaunchResult result = LaunchResult.Read(Rented(LaunchBuffer.IndexOut).Host, index);
        result.Demand(Name, index, plan.Part.BlockCount, plan.IndexSum);
        LaunchResult.DemandSum(Name, "read masks", result.MaskSum, plan.MaskSum);
        LaunchResult.DemandSum(Name, "read values", result.ReadSum, plan.ValueSum);
        NativeSpan<byte> blocks = Host(LaunchBuffer.Data, plan.DataWord, (long)plan.Part.BlockCount * call.Element.BlockBytes());
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
