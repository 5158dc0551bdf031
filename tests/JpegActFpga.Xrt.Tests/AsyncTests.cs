using Xunit;

namespace JpegActFpga.Xrt.Tests;

/// <summary>Awaiting runs.</summary>
public sealed class AsyncTests(CardFixture fixture) : CardTest(fixture)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Awaited_runs_complete_with_their_data()
    {
        using XrtDevice device = OpenLoaded(out Guid xclbin);
        await Task.WhenAll(Enumerable.Range(0, 16).Select(async index =>
        {
            using CopySession session = new(OpenLoaded(out _), xclbin, 100, "copy_words");
            for (uint i = 0; i < 50; i++)
            {
                session.InputWords.Fill(((uint)index << 16) + i);
                session.Input.Sync(XrtSyncDirection.ToDevice);
                Assert.Equal(XrtRunState.Completed, await session.Run.StartAsync(Patience, Token));
                session.Output.Sync(XrtSyncDirection.FromDevice);
                Assert.Equal(-1, session.OutputWords.IndexOfAnyExcept(((uint)index << 16) + i));
            }
        }));
    }

    [Fact]
    public async Task An_awaited_run_out_of_time_gives_a_state_that_is_not_final()
    {
        using XrtDevice device = OpenLoaded(out Guid xclbin);
        using GateSession gate = new(device, xclbin);
        Assert.False((await gate.Run.StartAsync(TimeSpan.FromMilliseconds(10), Token)).IsFinal());
        ValueTask<XrtRunState> again = gate.Run.WaitAsync(Patience, Token);
        Assert.False(again.IsCompleted);
        gate.Open(1);
        Assert.Equal(XrtRunState.Completed, await again);
        Assert.Equal(XrtRunState.Completed, await gate.Run.WaitAsync(TimeSpan.Zero, Token));
    }

    [Fact]
    public async Task Cancellation_ends_the_wait_and_not_the_run()
    {
        using XrtDevice device = OpenLoaded(out Guid xclbin);
        using GateSession gate = new(device, xclbin);
        using CancellationTokenSource cancellation = new();
        ValueTask<XrtRunState> wait = gate.Run.StartAsync(Patience, cancellation.Token);
        await cancellation.CancelAsync();
        OperationCanceledException cancelled = await Assert.ThrowsAsync<OperationCanceledException>(async () => await wait);
        Assert.Equal(cancellation.Token, cancelled.CancellationToken);
        Assert.False(gate.Run.State.IsFinal());
        gate.Open(4);
        Assert.Equal(XrtRunState.Completed, await gate.Run.WaitAsync(Patience, Token));
        Assert.Equal(4u, gate.ReadOutput());
    }

    [Fact]
    public async Task A_cancelled_token_starts_nothing()
    {
        using CopySession session = new(OpenLoaded(out Guid xclbin), xclbin, 16);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await session.Run.StartAsync(Patience, new CancellationToken(canceled: true)));
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(async () => await session.Run.StartAsync(Timeout.InfiniteTimeSpan, Token));
        Assert.Equal(XrtRunState.New, session.Run.State);
    }

    [Fact]
    public async Task A_run_has_one_wait_at_a_time()
    {
        using XrtDevice device = OpenLoaded(out Guid xclbin);
        using GateSession gate = new(device, xclbin);
        ValueTask<XrtRunState> first = gate.Run.StartAsync(Patience, Token);
        await Assert.ThrowsAsync<InvalidOperationException>(async () => await gate.Run.WaitAsync(Patience, Token));
        gate.Open(1);
        Assert.Equal(XrtRunState.Completed, await first);
    }

    [Fact]
    public async Task Closing_an_awaited_run_ends_the_wait()
    {
        using XrtDevice device = OpenLoaded(out Guid xclbin);
        using GateSession gate = new(device, xclbin);
        ValueTask<XrtRunState> wait = gate.Run.StartAsync(Patience, Token);
        gate.Run.Dispose();
        await Assert.ThrowsAsync<ObjectDisposedException>(async () => await wait);
        gate.Open(1);
        Eventually(() => XrtDiagnostics.OrphanedRuns == 0, "the run is not freed");
    }

    [Fact]
    public async Task A_continuation_that_blocks_does_not_hold_up_other_runs()
    {
        using XrtDevice device = OpenLoaded(out Guid xclbin);
        using GateSession first = new(device, xclbin);
        using CopySession second = new(OpenLoaded(out _), xclbin, 16, "copy_words:{copy_words_2}");
        using ManualResetEventSlim release = new();
        Task blocked = BlockAfter(first.Run);
        first.Open(1);
        first.Run.WaitCompleted(Patience);
        for (int i = 0; i < 20; i++)
        {
            Assert.Equal(XrtRunState.Completed, await second.Run.StartAsync(Patience, Token));
        }

        release.Set();
        await blocked;

        async Task BlockAfter(XrtRun run)
        {
            Assert.Equal(XrtRunState.Completed, await run.StartAsync(Patience, Token).ConfigureAwait(false));
            Assert.True(release.Wait(Patience, Token));
        }
    }
}
