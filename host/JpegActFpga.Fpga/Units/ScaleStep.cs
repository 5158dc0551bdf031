using JpegActFpga.Core.Backends;
using JpegActFpga.Core.Memory;
using JpegActFpga.Core.Observability;
using JpegActFpga.Core.Profiles;
using JpegActFpga.Fpga.Buffers;
using JpegActFpga.Fpga.Calls;
using JpegActFpga.Fpga.Launches;
using JpegActFpga.Xclbin;
using JpegActFpga.Xrt;

namespace JpegActFpga.Fpga.Units;

/// <summary>
/// Finds tensors' scales with jpegact_maximum, from the blocks that the encoder reads next: they cross the link once. The
/// card derives the scales as well, and leaves them where the encoder looks for them.
/// </summary>
internal sealed class ScaleStep : IDisposable
{
    private const int WordBytes = KernelInterface.WordBytes;

    private readonly UnitRun _run;
    private readonly ulong[] _sums;
    private readonly int _descriptors;
    private readonly int _results;
    private readonly int _data;
    private readonly int _scales;
    private readonly int _count;
    private readonly int _firstSize;

    /// <summary>Initializes a new instance of the <see cref="ScaleStep"/> class.</summary>
    /// <param name="unit">A unit that <see cref="Fits"/> the encoder's.</param>
    /// <param name="options">How the card is used.</param>
    /// <param name="counters">Counts what is done.</param>
    /// <param name="calls">Watches the lane's calls into the driver.</param>
    internal ScaleStep(ComputeUnit unit, FpgaOptions options, CardCounters counters, WatchedThread calls)
    {
        _run = new UnitRun(unit, options, counters, calls);
        _sums = new ulong[options.EffectiveLaunchParts];
        _descriptors = unit.IndexOf("descriptors");
        _results = unit.IndexOf("results");
        _data = unit.IndexOf("data");
        _scales = unit.IndexOf("scales");
        _count = unit.IndexOf("descriptor_count");
        _firstSize = unit.IndexOf("data_words");
    }

    /// <summary>Gets the unit.</summary>
    internal ComputeUnit Unit => _run.Unit;

    /// <summary>Sets what the work belongs to, for a trace.</summary>
    internal StageOrigin Origin
    {
        set => _run.Origin = value;
    }

    /// <summary>Gets a value indicating whether the last launch hung.</summary>
    internal bool IsAbandoned => _run.IsAbandoned;

    /// <summary>Tells whether a unit reaches the buffers of an encoder.</summary>
    /// <param name="unit">A unit of jpegact_maximum.</param>
    /// <param name="encoder">A unit of jpegact_encode.</param>
    internal static bool Fits(ComputeUnit unit, ComputeUnit encoder) =>
        unit.BankOf("data") == encoder.BankOf("data")
        && unit.SharedBankOf("descriptors", "scales") == encoder.SharedBankOf("descriptors", "scales")
        && unit.BankOf("results") == encoder.BankOf("results");

    /// <inheritdoc/>
    public void Dispose() => _run.Dispose();

    /// <summary>Finds the scales of the calls that ask for it.</summary>
    /// <param name="batch">The batch; its blocks are on the card.</param>
    /// <param name="plans">Where its parts lie.</param>
    /// <param name="data">The blocks.</param>
    /// <param name="index">Descriptors and scales; both are written over.</param>
    /// <param name="results">Results; written over.</param>
    /// <exception cref="BackendException">The unit hung, failed, or read or wrote something else than it should.</exception>
    internal void Run(LaunchBatch<EncodeCall> batch, ReadOnlySpan<EncodePlan> plans, CardBuffer data, CardBuffer index, CardBuffer results)
    {
        ulong ticket = Tickets.Next();
        int count = 0;
        long tablesStart = long.MaxValue;
        long tablesEnd = 0;
        for (int i = 0; i < batch.Count; i++)
        {
            if (batch[i].Call.ScalesFromCard)
            {
                _sums[count] = Describe(batch[i].Call, plans[i], new Descriptor(index.Host, count), ticket);
                count++;
                tablesStart = Math.Min(tablesStart, plans[i].ScalesWord * WordBytes);
                tablesEnd = Math.Max(tablesEnd, (plans[i].ScalesWord * WordBytes) + TableBytes(plans[i]));
            }
        }

        if (count == 0)
        {
            return;
        }

        _run.ToCard(index, 0, (long)count * KernelInterface.DescriptorBytes);
        _run.Set(_descriptors, index);
        _run.Set(_results, results);
        _run.Set(_data, data);
        _run.Set(_scales, index);
        _run.Set32(_count, count);
        _run.Set64(_firstSize, data.Length / WordBytes);
        _run.Set64(_firstSize + 1, index.Length / WordBytes);
        _run.Start();
        _run.Wait();
        _run.FromCard(results, 0, (long)count * LaunchResult.Bytes);
        _run.FromCard(index, tablesStart, tablesEnd - tablesStart);
        for (int i = 0, at = 0; i < batch.Count; i++)
        {
            if (batch[i].Call.ScalesFromCard)
            {
                Deliver(batch[i].Call, plans[i], LaunchResult.Read(results.Host, at), at++, data.Host, index.Host);
            }
        }
    }

    /// <summary>Waits for a launch that was left in flight by a failure.</summary>
    internal void Settle() => _run.Settle();

    private static long TableBytes(in EncodePlan plan) => 3 * (plan.CardScalesWord - plan.ScalesWord) * WordBytes;

    private static ulong Describe(EncodeCall call, in EncodePlan plan, Descriptor descriptor, ulong ticket)
    {
        descriptor.SetWork(call.Method, call.Element, QuantiserRounding.Nearest, Descriptor.WriteScales, plan.Part.BlockCount);
        descriptor.DataWord = plan.DataWord;
        descriptor.TileOffsetsWord = (long)ticket;
        descriptor.FullScale = call.Profile.FullScale;
        descriptor.SetScales(plan.Part, plan.TableLength, 0, plan.ScalesWord);
        return descriptor.Sum();
    }

    private void Deliver(EncodeCall call, in EncodePlan plan, LaunchResult result, int at, NativeSpan<byte> data, NativeSpan<byte> index)
    {
        result.Demand(Unit.Name, at, plan.Part.BlockCount, _sums[at]);
        NativeSpan<byte> blocks = data.Slice(plan.DataWord * WordBytes, (long)plan.Part.BlockCount * call.Element.BlockBytes());
        LaunchResult.DemandSum(Unit.Name, "read blocks", result.ReadSum, Checksum.Of(blocks));
        NativeSpan<byte> tables = index.Slice(plan.ScalesWord * WordBytes, TableBytes(plan));
        LaunchResult.DemandSum(Unit.Name, "wrote scales", result.WrittenSum, Checksum.Of(tables));
        long inverse = 2 * (plan.CardScalesWord - plan.ScalesWord) * WordBytes;
        tables.Slice(inverse, plan.TableLength * sizeof(float)).Cast<float>().CopyTo(call.Builder.Scales);
        call.Observe((result.Status & LaunchResult.AnyNegative) != 0, (result.Status & LaunchResult.NonFinite) != 0);
    }
}
