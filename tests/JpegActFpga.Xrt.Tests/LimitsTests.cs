using Xunit;

namespace JpegActFpga.Xrt.Tests;

/// <summary>Calls that do not return are left behind, and noted until they do. No card takes part: what is watched is a thread.</summary>
public sealed class LimitsTests
{
    // Far from any card of a test.
    private const int Card = 200;

    private static readonly TimeSpan Soon = TimeSpan.FromMilliseconds(40);
    private static readonly TimeSpan Never = TimeSpan.FromMinutes(30);

    [Fact(Timeout = 60_000)]
    public async Task A_watched_call_that_does_not_return_is_told_once_and_forgotten_when_its_thread_is_done()
    {
        using var watch = new XrtWatch(Card, Soon);
        using var gate = new ManualResetEventSlim();
        var told = new TaskCompletionSource<XrtStuckException>(TaskCreationOptions.RunContinuationsAsynchronously);
        WatchedThread calls = watch.Add(told.SetResult);
        Task<bool> work = Task.Run(
            () =>
            {
                _ = calls.Enter("a call");
                gate.Wait(CancellationToken.None);
                Assert.Throws<XrtStuckException>(calls.Leave);

                // What it calls from now on, to close what it has, is nobody's business.
                _ = calls.Enter("another");
                Assert.False(calls.TryLeave());
                return calls.TryEnd();
            },
            CancellationToken.None);
        XrtStuckException error = await told.Task;
        Assert.Equal("a call", error.Function);
        Assert.True(calls.IsLeftBehind);
        Assert.Equal(1, StuckCalls.On(Card));
        Assert.Throws<XrtStuckException>(() => LimitedCall.Run(Card, "opening", Never, () => 1));
        gate.Set();
        Assert.False(await work);
        Assert.Equal(1, StuckCalls.On(Card));
        calls.Returned();
        Assert.Equal(0, StuckCalls.On(Card));
        Assert.Equal(1, LimitedCall.Run(Card, "opening", Never, () => 1));
    }

    [Fact(Timeout = 60_000)]
    public async Task Calls_that_return_are_not_told_however_many_they_are()
    {
        using var watch = new XrtWatch(Card, TimeSpan.FromSeconds(30));
        WatchedThread calls = watch.Add(_ => Assert.Fail("nothing is stuck"));
        await Task.Run(
            () =>
            {
                for (int i = 0; i < 100_000; i++)
                {
                    using (calls.Enter("short"))
                    {
                    }
                }
            },
            TestContext.Current.CancellationToken);
        Assert.True(calls.TryEnd());
    }

    [Fact]
    public void What_a_thread_that_is_left_behind_holds_of_the_topology_counts_no_more()
    {
        using var watch = new XrtWatch(Card, Soon);
        using var gate = new ManualResetEventSlim();
        WatchedThread calls = watch.Add(_ => { });
        var stuck = new Thread(() =>
        {
            using (CardTopology.Change("a call that hangs"))
            {
                _ = calls.Enter("a call");
                gate.Wait(CancellationToken.None);
                _ = calls.TryLeave();
            }

            calls.TryEnd();
            calls.Returned();
        });
        stuck.Start();

        // Waits until the call is left behind, two minutes at the most.
        using (CardTopology.Change("another card's call"))
        {
            Assert.True(SpinWait.SpinUntil(() => calls.IsLeftBehind, TimeSpan.FromSeconds(50)));
        }

        gate.Set();
        stuck.Join();
        Assert.Equal(0, StuckCalls.On(Card));
    }

    [Fact(Timeout = 60_000)]
    public async Task A_watched_call_that_waits_for_another_cards_is_not_told()
    {
        var overdue = new OverdueWhileWaiting();
        using var watch = new XrtWatch(Card, overdue.Limit);
        WatchedThread calls = watch.Add(_ => Assert.Fail("nothing is stuck"));
        await overdue.WaitBehindAnotherCardAsync(() =>
        {
            using (calls.Enter("a call"))
            using (CardTopology.Use("a call"))
            {
            }
        });
        Assert.True(calls.TryEnd());
        Assert.Equal(0, StuckCalls.On(Card));
    }

    [Fact(Timeout = 60_000)]
    public async Task A_limited_call_that_waits_for_another_cards_is_not_left_behind()
    {
        var overdue = new OverdueWhileWaiting();
        int result = 0;
        await overdue.WaitBehindAnotherCardAsync(() => result = LimitedCall.Run(Card, "opening", overdue.Limit, () =>
        {
            using (CardTopology.Change("opening"))
            {
                return 7;
            }
        }));
        Assert.Equal(7, result);
        Assert.Equal(0, StuckCalls.On(Card));
    }

    [Fact]
    public void A_limited_call_gives_its_result_or_its_error()
    {
        Assert.Equal(7, LimitedCall.Run(Card, "a call", Never, () => 7));
        InvalidOperationException error = Assert.Throws<InvalidOperationException>(() => LimitedCall.Run<int>(Card, "a call", Never, () => throw new InvalidOperationException("as it is")));
        Assert.Equal("as it is", error.Message);
    }

    [Fact(Timeout = 60_000)]
    public async Task What_a_limited_call_gives_too_late_is_closed_before_its_card_is_free_again()
    {
        using var gate = new ManualResetEventSlim();
        var closed = new TaskCompletionSource<(int Result, int Stuck)>(TaskCreationOptions.RunContinuationsAsynchronously);
        XrtStuckException error = Assert.Throws<XrtStuckException>(() => LimitedCall.Run(
            Card,
            "opening",
            Soon,
            () =>
            {
                gate.Wait(CancellationToken.None);
                return 7;
            },
            late => closed.SetResult((late, StuckCalls.On(Card)))));
        Assert.Equal("opening", error.Function);
        Assert.Throws<XrtStuckException>(() => LimitedCall.Run(Card, "opening", Never, () => 1));

        // To close what is open is still tried.
        Assert.True(LimitedCall.TryClose(Card, "closing", Never, () => { }));
        gate.Set();
        Assert.Equal((7, 1), await closed.Task);
        Assert.True(SpinWait.SpinUntil(() => StuckCalls.On(Card) == 0, TimeSpan.FromSeconds(50)));
    }

    // A limit that is long reached at every look that finds the call waiting for its turn in CardTopology.
    private sealed class OverdueWhileWaiting
    {
        private volatile bool _isOverdue = true;
        private int _looks;

        internal OverdueWhileWaiting() => Limit = new CallLimit(Never, thread =>
        {
            if (!CardTopology.IsWaiting(thread))
            {
                return false;
            }

            Interlocked.Increment(ref _looks);
            return _isOverdue;
        });

        internal CallLimit Limit { get; }

        internal async Task WaitBehindAnotherCardAsync(Action call)
        {
            Task calling;
            using (CardTopology.Change("another card's call"))
            {
                calling = Task.Factory.StartNew(call, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
                Looks(3);

                // No look of before is under way when the call goes on.
                _isOverdue = false;
                Looks(2);
            }

            await calling;
        }

        private void Looks(int more)
        {
            int until = Volatile.Read(ref _looks) + more;
            Assert.True(SpinWait.SpinUntil(() => Volatile.Read(ref _looks) >= until, TimeSpan.FromSeconds(50)));
        }
    }
}
