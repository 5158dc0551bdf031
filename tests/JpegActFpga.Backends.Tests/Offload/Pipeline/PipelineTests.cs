using JpegActFpga.Backends.Tests.Support;
using JpegActFpga.Core.Profiles;
using JpegActFpga.Core.Tensors;
using JpegActFpga.Offload;
using JpegActFpga.Offload.Pipeline;
using JpegActFpga.Offload.Policy;
using JpegActFpga.Offload.Resilience;
using JpegActFpga.Offload.Stores;

namespace JpegActFpga.Backends.Tests.Offload.Pipeline;

/// <summary>Overlap: what is done when, by whom, and that it changes no bit.</summary>
public sealed class PipelineTests : IAsyncDisposable
{
    private static readonly CodecProfile Profile = CodecProfile.JpegAct(ShiftTables.OptsLow);

    private readonly HostMemoryStore _store = new();
    private readonly List<TestOwner> _owners = [];
    private TimedBackend _backend = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask DisposeAsync()
    {
        _backend.Open();
        Assert.Equal(0, _store.HeldBytes);
        foreach (TestOwner owner in _owners)
        {
            Assert.Equal(1, owner.Released);
            Assert.All(owner.Threads, thread => Assert.Equal(Environment.CurrentManagedThreadId, thread));
            owner.Dispose();
        }

        await _backend.DisposeAsync();
        _store.Dispose();
    }

    [Fact]
    public void Stash_returns_before_the_work_is_done_and_the_source_is_kept_until_it_is()
    {
        using OffloadEngine engine = Engine(new() { Overlap = OverlapMode.On });
        _backend.Close();
        (TestOwner owner, OffloadTicket ticket) = Stash(engine, 1);
        Assert.Equal(0, owner.Released);
        _backend.Open();
        engine.Take(ticket, Token);
        Assert.Equal(1, owner.Released);
        Assert.Equal(ticket.FrameBytes, owner.StoredBytes);
        AssertRoundTrip(owner);
        ticket.Dispose();
    }

    [Theory]
    [InlineData(1, 1)]
    [InlineData(2, 2)]
    [InlineData(4, 3)]
    public async Task Random_delays_change_no_bit_and_leave_nothing_behind(int workers, int seed)
    {
        await _backend.DisposeAsync();
        _backend = new TimedBackend(workers, delaySeed: seed);
        using OffloadEngine engine = Engine(new() { Overlap = OverlapMode.On, Workers = workers, MaxPendingCount = 5 });
        var random = new Random(seed);
        for (int pass = 0; pass < 4; pass++)
        {
            List<(TestOwner Owner, OffloadTicket Ticket)> stashed = [.. Enumerable.Range(0, 24).Select(i => Stash(engine, (100 * pass) + i, width: 16 + (8 * random.Next(4))))];
            stashed.Reverse();
            foreach ((TestOwner owner, OffloadTicket ticket) in stashed)
            {
                // Now and then a graph is dropped, whatever is under way.
                if (random.Next(6) != 0)
                {
                    engine.Take(ticket, Token);
                    AssertRoundTrip(owner);
                }

                ticket.Dispose();
                ticket.Dispose();
            }
        }

        PipelineStatistics statistics = engine.Statistics.Pipeline!;
        Assert.Equal(workers, statistics.Workers);
        Assert.Equal(96, statistics.Queued + statistics.CallerCompressed);
        Assert.True(statistics.Queued > 10, $"{statistics}");
        Assert.True(statistics.Prefetched + statistics.PrefetchWaits > 10, $"{statistics}");
        engine.Dispose();
        Assert.Equal(0, engine.Statistics.Pipeline!.BoundedBytes);
        Assert.Equal(0, engine.Statistics.HeldBytes);
    }

    [Fact]
    public void A_full_queue_leaves_the_work_to_the_caller_and_counts_it()
    {
        using OffloadEngine engine = Engine(new() { Overlap = OverlapMode.On, Workers = 1, MaxPendingCount = 2 });
        _backend.Close();
        List<OffloadTicket> tickets = [Stash(engine, 1).Ticket, Stash(engine, 2).Ticket];
        Thread opening = OpenWhen(() => _backend.Compressing == 2); // the worker at one of the two, and the caller
        (TestOwner owner, OffloadTicket ticket) = Stash(engine, 3);
        Assert.Equal(1, owner.Released); // done when Stash returned
        tickets.Add(ticket);
        Assert.True(opening.Join(Wait.Patience));
        Assert.Equal((2L, 1L), (engine.Statistics.Pipeline!.Queued, engine.Statistics.Pipeline.CallerCompressed));
        tickets.ForEach(t => t.Dispose());
        engine.Dispose();
    }

    [Fact]
    public void Take_of_what_is_still_queued_compresses_it_itself()
    {
        using OffloadEngine engine = Engine(new() { Overlap = OverlapMode.On, Workers = 1 });
        _backend.Close();
        (_, OffloadTicket first) = Stash(engine, 1);
        Wait.Until(() => _backend.Compressing == 1, "the only worker is at the first");

        (TestOwner owner, OffloadTicket second) = Stash(engine, 2);
        Thread opening = OpenWhen(() => _backend.Compressing == 2);
        engine.Take(second, Token);
        Assert.True(opening.Join(Wait.Patience));
        AssertRoundTrip(owner);
        Assert.Equal(1, engine.Statistics.Pipeline!.TakenFromQueue);
        first.Dispose();
        second.Dispose();
        engine.Dispose();
    }

    [Fact]
    public void A_source_changed_before_its_frame_was_stored_is_an_error_and_never_a_number()
    {
        using OffloadEngine engine = Engine(new() { Overlap = OverlapMode.On });
        (TestOwner owner, OffloadTicket ticket) = Stash(engine, 1);
        owner.IsSourceUnchanged = false;
        Assert.Contains("modified in place", Assert.Throws<ActivationChangedException>(() => engine.Take(ticket, Token)).Message, StringComparison.Ordinal);
        Assert.Equal(0, owner.Created);
        ticket.Dispose();
    }

    [Theory]
    [InlineData(3)]
    [InlineData(0)]
    public void Backward_prefetches_in_reverse_order_within_the_window(int window)
    {
        using OffloadEngine engine = Engine(new() { Overlap = OverlapMode.On, Workers = 1, Prefetch = window });
        List<(TestOwner Owner, OffloadTicket Ticket)> stashed = [.. Enumerable.Range(0, 8).Select(i => Stash(engine, i, width: 8 * (i + 1)))];
        foreach ((_, OffloadTicket ticket) in stashed)
        {
            _ = ticket.FrameBytes; // stored
        }

        engine.Take(stashed[7].Ticket, Token);
        Wait.Until(() => _backend.Expanded.Length >= 1 + window, "the window is filled");

        Assert.Equal(window, stashed.Count(s => s.Owner.Created > 0) - 1);
        for (int i = 6; i >= 0; i--)
        {
            engine.Take(stashed[i].Ticket, Token);
            AssertRoundTrip(stashed[i].Owner);
            Assert.Equal(1, stashed[i].Owner.Created);
        }

        // One worker: its expansions are in order. The taker's own may come between them.
        long[] expected = [.. Enumerable.Range(1, 8).Reverse().Select(i => 8L * i)];
        Assert.Equal(expected.Order(), _backend.Expanded.Order());
        Assert.Equal(window > 0, engine.Statistics.Pipeline!.Prefetched + engine.Statistics.Pipeline.PrefetchWaits > 0);
        stashed.ForEach(s => s.Ticket.Dispose());
        engine.Dispose();
    }

    [Fact]
    public void An_expansion_ahead_that_failed_is_counted_and_told_and_cured_by_take()
    {
        var log = new LogRecorder();
        using OffloadEngine engine = new(new JpegActPolicy(Profile, minElements: 1), [_backend], _store, logger: log, options: new() { Overlap = OverlapMode.On, Workers = 1, Prefetch = 1 });
        List<(TestOwner Owner, OffloadTicket Ticket)> stashed = [.. Enumerable.Range(0, 3).Select(i => Stash(engine, i))];
        stashed.ForEach(s => _ = s.Ticket.FrameBytes); // stored
        (TestOwner lost, TestOwner refused) = (stashed[1].Owner, stashed[0].Owner);
        _backend.FailExpansionsAhead = 1;
        engine.Take(stashed[2].Ticket, Token);
        Wait.Until(() => _backend.FailExpansionsAhead == 0, "the expansion ahead fails");
        refused.RefuseDestinations = 1;
        engine.Take(stashed[1].Ticket, Token);
        engine.Take(stashed[0].Ticket, Token);
        stashed.ForEach(s => AssertRoundTrip(s.Owner));
        Assert.Equal((1, 0), (lost.Created, refused.RefuseDestinations));
        Assert.Equal(2, engine.Statistics.CountOf(ResilienceEvent.PrefetchFailed));
        Assert.Equal(0, engine.Statistics.CountOf(ResilienceEvent.FrameLost));
        Assert.Equal(_store.Name, Assert.Single(engine.Statistics.Events).Backend);
        const string told = "An activation could not be expanded ahead of need, and will be when it is needed: ";
        Assert.Equal([told + "as the test says", told + "no room for a tensor"], log.Lines.Order(StringComparer.Ordinal));
        stashed.ForEach(s => s.Ticket.Dispose());
        engine.Dispose();
    }

    [Fact]
    public void Without_overlap_nothing_is_done_beside_the_caller()
    {
        using OffloadEngine engine = Engine(new() { Overlap = OverlapMode.Off, Workers = 3 });
        (TestOwner owner, OffloadTicket ticket) = Stash(engine, 1);
        Assert.Equal(1, owner.Released);
        engine.Take(ticket, Token);
        AssertRoundTrip(owner);
        Assert.Equal(0, engine.Statistics.Pipeline!.Workers);
        ticket.Dispose();
    }

    [Fact]
    public void An_engine_that_is_disposed_lets_go_of_sources_that_wait()
    {
        OffloadEngine engine = Engine(new() { Overlap = OverlapMode.On, Workers = 1 });
        _backend.Close();
        List<(TestOwner Owner, OffloadTicket Ticket)> stashed = [.. Enumerable.Range(0, 5).Select(i => Stash(engine, i))];
        Wait.Until(() => _backend.Compressing == 1, "the only worker is at the first");
        Thread here = Thread.CurrentThread;
        Thread opening = OpenWhen(() => here.ThreadState.HasFlag(ThreadState.WaitSleepJoin)); // Dispose waits for the worker
        engine.Dispose();
        Assert.True(opening.Join(Wait.Patience));
        Assert.Equal(1, _backend.Compressing);
        Assert.All(stashed, s => Assert.Equal(1, s.Owner.Released));
        Assert.Throws<ObjectDisposedException>(() => engine.Stash(stashed[0].Owner.Source.View, ActivationUse.DenseValues, Token));
        stashed.ForEach(s => s.Ticket.Dispose());
    }

    [Theory]
    [InlineData(OverlapMode.Off)]
    [InlineData(OverlapMode.On)]
    public void Nothing_is_taken_from_an_engine_that_was_disposed(OverlapMode overlap)
    {
        OffloadEngine engine = Engine(new() { Overlap = overlap });
        (TestOwner owner, OffloadTicket ticket) = Stash(engine, 1);
        Assert.True(ticket.FrameBytes > 0);
        engine.Dispose();
        Assert.Throws<ObjectDisposedException>(() => engine.Take(ticket, Token));
        Assert.Throws<ObjectDisposedException>(() => engine.Take(ticket, owner.Source.View, Token));
        Assert.Equal(0, owner.Created);
        ticket.Dispose();
    }

    [Theory]
    [InlineData(OverlapMode.Off)]
    [InlineData(OverlapMode.On)]
    public void A_stash_that_is_refused_gives_its_source_back(OverlapMode overlap)
    {
        OffloadEngine engine = Engine(new() { Overlap = overlap });
        engine.Dispose();
        Assert.Throws<ObjectDisposedException>(() => Stash(engine, 1));

        using var choosy = new OffloadEngine(new ThrowingPolicy(), [_backend], _store, options: new() { Overlap = overlap });
        Assert.Throws<NotSupportedException>(() => Stash(choosy, 2));
        Assert.Equal([1, 1], _owners.Select(owner => owner.Released));
    }

    [Fact]
    public void A_cancelled_call_is_told_by_take()
    {
        using OffloadEngine engine = Engine(new() { Overlap = OverlapMode.On });
        using var cancel = new CancellationTokenSource();
        cancel.Cancel();
        var owner = new TestOwner(1, 2, 3, 16, 16);
        _owners.Add(owner);
        OffloadTicket ticket = engine.Stash(owner.Source.View, ActivationUse.DenseValues, owner, null, cancel.Token);
        Assert.ThrowsAny<OperationCanceledException>(() => engine.Take(ticket, Token));
        ticket.Dispose();
    }

    private OffloadEngine Engine(OffloadEngineOptions options) => new(new JpegActPolicy(Profile, minElements: 1), [_backend], _store, options: options);

    private (TestOwner Owner, OffloadTicket Ticket) Stash(OffloadEngine engine, int seed, long width = 16)
    {
        var owner = new TestOwner(seed, 2, 3, 16, width);
        _owners.Add(owner);
        return (owner, engine.Stash(owner.Source.View, ActivationUse.DenseValues, owner, null, Token));
    }

    private sealed class ThrowingPolicy : IOffloadPolicy
    {
        public CodecProfile? Choose(TensorSpec spec, ActivationUse use) => throw new NotSupportedException("no idea");
    }

    // On a thread of its own: this one is about to wait for what the gate holds.
    private Thread OpenWhen(Func<bool> condition)
    {
        var opening = new Thread(() =>
        {
            SpinWait.SpinUntil(condition, Wait.Patience);
            _backend.Open();
        });
        opening.Start();
        return opening;
    }

    private static void AssertRoundTrip(TestOwner owner)
    {
        using var original = new OwnTensor(owner.Source.Spec.Shape.Dimensions.ToArray());
        owner.Original.CopyTo(original.View.Bytes.AsSpan(0, owner.Original.Length));
        Assert.Equal(original.ReferenceRoundTrip(Profile), owner.Destination!.Bits());
    }
}
