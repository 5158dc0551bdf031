using JpegActFpga.Backends.Tests.Support;
using JpegActFpga.Codec;
using JpegActFpga.Core.Backends;
using JpegActFpga.Core.Profiles;
using JpegActFpga.Offload;
using JpegActFpga.Offload.Policy;
using JpegActFpga.Offload.Resilience;
using JpegActFpga.Offload.Statistics;
using JpegActFpga.Offload.Stores;
using Microsoft.Extensions.Time.Testing;

namespace JpegActFpga.Backends.Tests.Offload;

/// <summary>Each policy on scripted cards and a clock that the test turns: what is decided, and that it is counted and logged.</summary>
public sealed class ResilienceTests : IDisposable
{
    private static readonly CodecProfile Profile = CodecProfile.JpegAct(ShiftTables.OptsLow);

    private readonly OwnTensor _tensor = new OwnTensor(4, 3, 17, 28).Fill(seed: 3);
    private readonly OwnTensor _expanded = new(4, 3, 17, 28);
    private readonly HostMemoryStore _store = new();
    private readonly FakeTimeProvider _clock = new();
    private readonly LogRecorder _log = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private ResilienceOptions Options => new() { RetryDelay = TimeSpan.Zero, TimeProvider = _clock };

    public void Dispose()
    {
        _tensor.Dispose();
        _expanded.Dispose();
        _store.Dispose();
    }

    [Fact]
    public void Cards_share_the_work_and_a_lost_one_is_passed_by()
    {
        ScriptedBackend[] cards = [new("fpga", "card 0"), new("fpga", "card 1"), new("fpga", "card 2")];
        using OffloadEngine engine = Engine(Options, cards);
        RoundTrips(engine, 6);
        Assert.All(cards, card => Assert.Equal(4, card.Calls));
        Assert.Equal(["card 0", "card 1", "card 2"], engine.Statistics.Methods.Select(m => m.Device));

        cards[1].FailNext(BackendFailure.DeviceLost, int.MaxValue);
        RoundTrips(engine, 12);
        Assert.Equal(5, cards[1].Calls);
        Assert.Equal(32, cards[0].Calls + cards[2].Calls);
        Assert.Equal(1, Count(engine, ResilienceEvent.DeviceLost, "fpga 1"));
        Assert.Equal(1, Count(engine, ResilienceEvent.CircuitOpened, "fpga 1"));
        Assert.DoesNotContain(engine.Statistics.Methods, m => m.Backend == "cpu");
        Assert.All(engine.Statistics.Fallbacks, f => Assert.Equal("fpga 1", f.From));
        Assert.Contains(engine.Statistics.Fallbacks, f => f.Cause == "DeviceLost: as the script says" && f.To != "cpu");
    }

    [Fact]
    public void A_lost_card_that_comes_back_is_probed_in_the_background_and_then_used()
    {
        ScriptedBackend card = new();
        using OffloadEngine engine = Engine(Options with { CircuitBreak = TimeSpan.FromSeconds(30) }, card);
        card.FailNext(BackendFailure.DeviceLost, 1);
        RoundTrips(engine, 3);
        Assert.Equal(1, card.Calls);

        _clock.Advance(TimeSpan.FromSeconds(29));
        RoundTrips(engine, 3);
        Assert.Equal((1, 0L), (card.Calls, engine.Statistics.CountOf(ResilienceEvent.CircuitClosed)));

        Eventually(engine, ResilienceEvent.CircuitClosed, 1, TimeSpan.FromSeconds(1));
        int probed = card.Calls;
        Assert.Equal(3, probed);
        RoundTrips(engine, 2);
        Assert.Equal(probed + 4, card.Calls);
    }

    [Fact]
    public void A_sick_card_gets_probes_and_no_activation()
    {
        ScriptedBackend card = new() { IsSick = true };
        using OffloadEngine engine = Engine(Options with { CircuitBreak = TimeSpan.FromSeconds(10), CircuitBreakMax = TimeSpan.FromSeconds(35) }, card);
        card.FailNext(BackendFailure.DeviceLost, 1);
        RoundTrips(engine, 1);
        Eventually(engine, ResilienceEvent.ProbeFailed, 4, TimeSpan.FromSeconds(1));
        RoundTrips(engine, 2);
        Assert.Equal(0, engine.Statistics.CountOf(ResilienceEvent.CircuitClosed));
        Assert.Equal(9, card.Calls);
        Wait.Until(() => Probes().Length == 4, "each failed probe is logged, after it is counted");
        string[] probes = Probes();
        Assert.All(probes, line => Assert.Contains("CorruptOutput: a script: the probe's expanded tensor of method jpeg-act differs", line, StringComparison.Ordinal));
        Assert.Equal(["20 s", "35 s", "35 s", "35 s"], probes.Select(line => line.Split("probed in ")[1].Split(':')[0]));

        card.IsSick = false;
        Eventually(engine, ResilienceEvent.CircuitClosed, 1, TimeSpan.FromSeconds(1));

        string[] Probes() => [.. _log.Lines.Where(line => line.Contains("still out", StringComparison.Ordinal))];
    }

    [Fact]
    public void A_card_is_opened_anew_before_its_probe_and_the_old_one_is_closed()
    {
        List<ScriptedBackend> opened = [];
        int refusals = 2;
        using OffloadEngine engine = Engine(Options, new ReopeningBackend(() =>
        {
            if (opened.Count > 0 && refusals-- > 0)
            {
                throw new IOException("no such device");
            }

            opened.Add(new ScriptedBackend());
            return opened[^1];
        }));
        RoundTrips(engine, 1);
        opened[0].FailNext(BackendFailure.DeviceLost, int.MaxValue);
        RoundTrips(engine, 1);
        Eventually(engine, ResilienceEvent.CircuitClosed, 1, TimeSpan.FromSeconds(10));
        RoundTrips(engine, 1);
        Assert.Equal(2, opened.Count);
        Assert.True(opened[0].IsDisposed);
        Assert.Equal((2L, 1L), (engine.Statistics.CountOf(ResilienceEvent.ProbeFailed), engine.Statistics.CountOf(ResilienceEvent.Reopened)));
        Assert.Contains(_log.Lines, line => line.Contains("a script does not open: no such device", StringComparison.Ordinal));
        Assert.Equal(4, opened[1].Calls);
    }

    [Fact]
    public async Task A_full_queue_sends_calls_on_and_says_nothing_about_the_card()
    {
        ScriptedBackend card = new();
        TaskCompletionSource turn = new();
        card.Turn = turn.Task;
        using OffloadEngine engine = Engine(Options with { QueueDepth = 2, CircuitMinimumCalls = 2 }, card);
        Task waiting = Task.WhenAll(Task.Run(() => Stash(engine), Token), Task.Run(() => Stash(engine), Token));
        Wait.Until(() => card.Calls == 2, "both calls are at the card");
        for (int i = 0; i < 5; i++)
        {
            Stash(engine);
        }

        turn.SetResult();
        await waiting;
        Assert.Equal((2, 5L), (card.Calls, Count(engine, ResilienceEvent.QueueFull, "scripted")));
        Assert.Equal(("scripted", "cpu", "queue full", 5L), One(engine));
        Assert.Equal(0, engine.Statistics.CountOf(ResilienceEvent.CircuitOpened));
        RoundTrips(engine, 1);
        Assert.Equal(4, card.Calls);
    }

    [Fact]
    public async Task A_wait_for_a_busy_device_ends_in_time()
    {
        ScriptedBackend card = new() { Turn = new TaskCompletionSource().Task };
        using OffloadEngine engine = Engine(Options with { CallTimeout = TimeSpan.FromSeconds(5) }, card);
        Task call = Task.Run(() => Stash(engine), Token);
        Wait.Until(() => card.Calls == 1, "the call is at the card");
        await Task.Delay(20, Token);
        Assert.False(call.IsCompleted);
        _clock.Advance(TimeSpan.FromSeconds(5));
        await call.WaitAsync(Wait.Patience, Token);
        Assert.Equal(1, Count(engine, ResilienceEvent.Timeout, "scripted"));
        Assert.Equal(("scripted", "cpu", "timeout: the device was busy for 5 s", 1L), One(engine));
    }

    [Fact]
    public void Jitter_is_the_same_for_the_same_seed()
    {
        string[] first = Delays(seed: 5);
        Assert.Equal(10, first.Length);
        Assert.Equal(first, Delays(seed: 5));
        Assert.NotEqual(first, Delays(seed: 6));
        Assert.Equal(10, first.Distinct().Count());

        string[] Delays(int seed)
        {
            ScriptedBackend card = new();
            LogRecorder log = new();
            var options = new ResilienceOptions { Retries = 10, RetryDelay = TimeSpan.FromMilliseconds(0.05), JitterSeed = seed };
            using var engine = new OffloadEngine(new JpegActPolicy(Profile, minElements: 1024), [card, new CpuBackend()], _store, options, log);
            card.FailNext(BackendFailure.Transient, 10);
            Stash(engine);
            Assert.Equal((10L, 10L, 0L), (engine.Statistics.Retries, engine.Statistics.CountOf(ResilienceEvent.TransientFailure), engine.Statistics.FallbackCount));
            return [.. log.Lines.Where(line => line.Contains("retry", StringComparison.Ordinal)).Select(line => line.Split(" in ")[1])];
        }
    }

    [Fact]
    public void A_frame_that_is_refused_is_made_again_from_its_source_and_counted_as_corrupt_output()
    {
        ScriptedBackend card = new() { DamageNextFrame = true };
        using OffloadEngine engine = Engine(Options, card);
        RoundTrips(engine, 1);
        Assert.Equal(1, Count(engine, ResilienceEvent.CorruptOutput, "scripted"));
        Assert.StartsWith("CorruptOutput: Backend scripted made a frame that is refused", One(engine).Cause, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_cancelled_call_is_nobodys_failure()
    {
        ScriptedBackend card = new() { Turn = new TaskCompletionSource().Task };
        using OffloadEngine engine = Engine(Options, card);
        using var source = new CancellationTokenSource();
        Task call = Task.Run(() => engine.Stash(_tensor.View, ActivationUse.DenseValues, source.Token), Token);
        Wait.Until(() => card.Calls == 1, "the call is at the card");
        await source.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call);
        Assert.Empty(engine.Statistics.Events);
    }

    [Fact]
    public void Closing_the_engine_ends_a_recovery()
    {
        ScriptedBackend card = new();
        OffloadEngine engine = Engine(Options, card);
        card.FailNext(BackendFailure.DeviceLost, int.MaxValue);
        RoundTrips(engine, 1);
        engine.Dispose();
        _clock.Advance(TimeSpan.FromHours(1));
        Assert.Equal(1, card.Calls);
    }

    public static TheoryData<string, ResilienceOptions> BadOptions() => new()
    {
        { "Retries", new() { Retries = -1 } },
        { "RetryDelay", new() { RetryDelay = TimeSpan.FromSeconds(11) } },
        { "RetryDelayMax", new() { RetryDelayMax = TimeSpan.FromMinutes(2) } },
        { "CallTimeout", new() { CallTimeout = TimeSpan.Zero } },
        { "QueueDepth", new() { QueueDepth = 0 } },
        { "CircuitMinimumCalls", new() { CircuitMinimumCalls = 1 } },
        { "CircuitFailureRatio", new() { CircuitFailureRatio = 0 } },
        { "SamplingDuration", new() { SamplingDuration = TimeSpan.FromSeconds(0.4) } },
        { "CircuitBreak", new() { CircuitBreak = TimeSpan.FromHours(2) } },
        { "CircuitBreakMax", new() { CircuitBreakMax = TimeSpan.FromDays(2) } },
    };

    [Theory]
    [MemberData(nameof(BadOptions))]
    public void An_option_out_of_range_is_named(string name, ResilienceOptions options) =>
        Assert.Equal(name, Assert.Throws<ArgumentOutOfRangeException>(() => Engine(options)).ParamName);

    private static long Count(OffloadEngine engine, ResilienceEvent kind, string backend) =>
        engine.Statistics.Events.Where(e => e.Event == kind && e.Backend == backend).Sum(e => e.Count);

    private static (string From, string To, string Cause, long Count) One(OffloadEngine engine)
    {
        FallbackStatistics fallback = Assert.Single(engine.Statistics.Fallbacks);
        return (fallback.From, fallback.To, fallback.Cause, fallback.Count);
    }

    // The recovery sets its timer on a thread of its own: the clock goes on until it has.
    private void Eventually(OffloadEngine engine, ResilienceEvent kind, long count, TimeSpan step) => Wait.Until(() =>
    {
        if (engine.Statistics.CountOf(kind) >= count)
        {
            return true;
        }

        _clock.Advance(step);
        return false;
    }, $"{kind} happens");

    private OffloadEngine Engine(ResilienceOptions options, params ICodecBackend[] cards) =>
        new(new JpegActPolicy(Profile, minElements: 1024), [.. cards, new CpuBackend()], _store, options, _log);

    private void Stash(OffloadEngine engine) => engine.Stash(_tensor.View, ActivationUse.DenseValues, Token)!.Dispose();

    private void RoundTrips(OffloadEngine engine, int count)
    {
        for (int i = 0; i < count; i++)
        {
            using OffloadTicket ticket = engine.Stash(_tensor.View, ActivationUse.DenseValues, Token)!;
            _expanded.Elements.Clear();
            engine.Take(ticket, _expanded.View, Token);
            Assert.Equal(_tensor.ReferenceRoundTrip(Profile), _expanded.Bits());
        }
    }
}
