using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.Metrics;
using JpegActFpga.Backends.Tests.Support;
using JpegActFpga.Codec;
using JpegActFpga.Core.Backends;
using JpegActFpga.Core.Observability;
using JpegActFpga.Core.Profiles;
using JpegActFpga.Offload;
using JpegActFpga.Offload.Policy;
using JpegActFpga.Offload.Resilience;
using JpegActFpga.Offload.Statistics;
using JpegActFpga.Offload.Stores;

namespace JpegActFpga.Backends.Tests.Offload;

/// <summary>Meters and activities belong to the process: these tests run alone.</summary>
[CollectionDefinition(nameof(TelemetryTests), DisableParallelization = true)]
public sealed class AloneInTheProcess;

/// <summary>What a listener hears of the engine, and what it costs where none listens.</summary>
[Collection(nameof(TelemetryTests))]
public sealed class TelemetryTests : IDisposable
{
    private readonly OwnTensor _tensor = new OwnTensor(4, 3, 16, 32).Fill(seed: 3);
    private readonly OwnTensor _expanded = new(4, 3, 16, 32);
    private readonly HostMemoryStore _store = new();
    private readonly ScriptedBackend _card = new();
    private readonly OffloadEngine _engine;

    public TelemetryTests() => _engine = new OffloadEngine(
        new JpegActPolicy(CodecProfile.JpegAct(ShiftTables.OptsLow), minElements: 1024),
        [_card, new CpuBackend()],
        _store,
        new ResilienceOptions { RetryDelay = TimeSpan.Zero });

    public void Dispose()
    {
        _engine.Dispose();
        _tensor.Dispose();
        _expanded.Dispose();
        _store.Dispose();
    }

    [Fact]
    public void The_meter_tells_bytes_ratio_time_and_what_is_held()
    {
        using var heard = new Listener();
        long frameBytes;
        using (OffloadTicket ticket = Stash())
        {
            _engine.Take(ticket, _expanded.View, Token);
            frameBytes = ticket.FrameBytes;
            heard.Observe();
            Assert.Equal(frameBytes, heard.Sum("jpegact.held.frames"));
            Assert.Equal(_tensor.Spec.ByteCount, heard.Sum("jpegact.held.tensors"));
        }

        heard.Observe();
        Assert.Equal(0, heard.Last("jpegact.held.frames"));
        Assert.Equal(_tensor.Spec.ByteCount, heard.Sum("jpegact.compress.input", "jpegact.backend=scripted", "jpegact.method=jpeg-act"));
        Assert.Equal(frameBytes, heard.Sum("jpegact.compress.output", "jpegact.backend=scripted"));
        Assert.Equal((double)_tensor.Spec.ByteCount / frameBytes, heard.Sum("jpegact.compress.ratio"), 1e-12);
        Assert.Equal(frameBytes, heard.Sum("jpegact.expand.input", "jpegact.backend=scripted"));
        Assert.Equal(_tensor.Spec.ByteCount, heard.Sum("jpegact.expand.output"));
        foreach (string stage in new[] { "stash", "encode", "store", "take", "decode" })
        {
            Assert.Equal(1, heard.Count("jpegact.stage.duration", $"jpegact.stage={stage}"));
        }

        Assert.True(heard.Sum("jpegact.stage.duration", "jpegact.stage=stash") >= heard.Sum("jpegact.stage.duration", "jpegact.stage=encode"));
        Assert.Equal(("By", "s", "1", "{call}"), (heard.Unit("jpegact.compress.input"), heard.Unit("jpegact.stage.duration"), heard.Unit("jpegact.compress.ratio"), heard.Unit("jpegact.fallbacks")));
    }

    [Fact]
    public void Failures_are_counted_by_cause()
    {
        using var heard = new Listener();
        _card.FailNext(BackendFailure.Transient, times: 1);
        Stash().Dispose();
        _card.FailNext(BackendFailure.DeviceFault, times: 1);
        Stash().Dispose();
        Assert.Equal(1, heard.Sum("jpegact.retries", "jpegact.backend=scripted", "jpegact.cause=Transient"));
        Assert.Equal(1, heard.Sum("jpegact.fallbacks", "jpegact.from=scripted", "jpegact.to=cpu", "jpegact.cause=DeviceFault"));
        _tensor.Elements[7] = float.NaN;
        Stash().Dispose();
        Assert.Equal(1, heard.Sum("jpegact.tensors.non_finite"));
    }

    [Fact]
    public void Activities_nest_and_carry_layer_and_bytes()
    {
        var ended = new ConcurrentQueue<Activity>();
        using var listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name == "JpegActFpga",
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllData,
            ActivityStopped = ended.Enqueue,
        };
        ActivitySource.AddActivityListener(listener);
        using (OffloadTicket ticket = Stash())
        {
            _engine.Take(ticket, _expanded.View, Token);
        }

        Assert.Equal(["encode", "store", "stash", "decode", "take"], ended.Select(activity => activity.OperationName));
        Activity encode = ended.Single(activity => activity.OperationName == "encode");
        Assert.Equal("stash", encode.Parent!.OperationName);
        Assert.Equal("block1.conv", StageOrigin.LayerOf(encode));
        Assert.Equal(_tensor.Spec.ByteCount, encode.GetTagItem(StageTelemetry.BytesInTag));
        Assert.Equal("compress scripted", encode.GetTagItem(StageTelemetry.LaneTag));
        Assert.All(ended, activity => Assert.True(activity.Parent is null || activity.Duration <= activity.Parent.Duration));
    }

    [Fact]
    public void Statistics_are_told_by_label()
    {
        Stash().Dispose();
        using (OffloadTicket ticket = Stash())
        {
            _engine.Take(ticket, _expanded.View, Token);
        }

        LabelStatistics label = Assert.Single(_engine.Statistics.Labels);
        Assert.Equal((Label, 2L, 2 * _tensor.Spec.ByteCount, 1L), (label.Label, label.Tensors, label.TensorBytes, label.Expansions));
        Assert.True(label.CompressTime > TimeSpan.Zero && label.ExpandTime > TimeSpan.Zero);
    }

    [Fact]
    public void Where_nobody_listens_nothing_is_allocated()
    {
        Assert.Equal(0, LeastAllocatedByTouching());
    }

    [Fact]
    public void A_meter_that_is_read_costs_no_allocation_either()
    {
        using var meter = new MeterListener { InstrumentPublished = (instrument, self) => self.EnableMeasurementEvents(instrument) };
        long sum = 0;
        meter.SetMeasurementEventCallback<long>((_, value, _, _) => sum += value);
        meter.SetMeasurementEventCallback<double>((_, value, _, _) => sum += (long)value);
        meter.Start();
        Assert.Equal(0, LeastAllocatedByTouching());
        Assert.True(sum > 0);
    }

    private static readonly ActivationLabel Label = new("block1.conv", "ReluBackward0", "values");

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    // .NET itself allocates once in a while, as it recompiles a hot path: one clean pass of several is asked for.
    private static long LeastAllocatedByTouching()
    {
        long least = long.MaxValue;
        for (int pass = 0; pass < 30 && least != 0; pass++)
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            for (int i = 0; i < 1000; i++)
            {
                Touch();
            }

            least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
        }

        return least;
    }

    /// <summary>Everything that a stash and a take may report.</summary>
    private static void Touch()
    {
        StageOrigin origin = StageOrigin.Current;
        OffloadTelemetry.Queued(Backlog.Compress, 1);
        using (StageScope stage = StageTelemetry.Start(Stage.Encode, "cpu", "compress cpu", "layer", origin))
        {
            stage.Moved(100, 10);
            stage.Note("jpegact.method", "jpeg-act");
            stage.Note("jpegact.step", 12);
        }

        OffloadTelemetry.Queued(Backlog.Compress, -1);
        OffloadTelemetry.Compressed("cpu", CodecMethod.JpegAct, 100, 10);
        OffloadTelemetry.Expanded("cpu", CodecMethod.JpegAct, 10, 100);
        OffloadTelemetry.Held(10, 100);
        OffloadTelemetry.Held(-10, -100);
        OffloadTelemetry.FellBack("fpga", "cpu", "DeviceLost");
        OffloadTelemetry.Retried("fpga", "Transient");
        OffloadTelemetry.CircuitChanged("fpga", "open");
        OffloadTelemetry.Leaked("fpga", 2, 100);
        OffloadTelemetry.Verified("fpga", equal: true);
    }

    private OffloadTicket Stash() => _engine.Stash(_tensor.View, ActivationUse.DenseValues, Label, Token)!;

    /// <summary>Hears every instrument of the meter.</summary>
    private sealed class Listener : IDisposable
    {
        private readonly MeterListener _listener = new();
        private readonly ConcurrentQueue<(string Name, double Value, string[] Tags)> _heard = new();
        private readonly ConcurrentDictionary<string, string?> _units = new();

        public Listener()
        {
            _listener.InstrumentPublished = (instrument, self) =>
            {
                if (instrument.Meter.Name == "JpegActFpga")
                {
                    _units[instrument.Name] = instrument.Unit;
                    self.EnableMeasurementEvents(instrument);
                }
            };
            _listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => Hear(instrument, value, tags));
            _listener.SetMeasurementEventCallback<double>((instrument, value, tags, _) => Hear(instrument, value, tags));
            _listener.Start();
        }

        public void Dispose() => _listener.Dispose();

        internal void Observe() => _listener.RecordObservableInstruments();

        internal string? Unit(string name) => _units[name];

        internal double Sum(string name, params string[] tags) => Of(name, tags).Sum(heard => heard.Value);

        internal double Last(string name) => Of(name, []).Last().Value;

        internal int Count(string name, params string[] tags) => Of(name, tags).Count();

        private IEnumerable<(string Name, double Value, string[] Tags)> Of(string name, string[] tags) =>
            _heard.Where(heard => heard.Name == name && tags.All(heard.Tags.Contains));

        private void Hear(Instrument instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
        {
            string[] texts = new string[tags.Length];
            for (int i = 0; i < tags.Length; i++)
            {
                texts[i] = $"{tags[i].Key}={tags[i].Value}";
            }

            _heard.Enqueue((instrument.Name, value, texts));
        }
    }
}
