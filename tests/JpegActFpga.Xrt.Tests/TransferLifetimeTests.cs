using System.Runtime.CompilerServices;
using Xunit;

namespace JpegActFpga.Xrt.Tests;

/// <summary>A buffer that is closed during its transfers lives until the last of them ends, and no transfer begins after that.</summary>
public sealed class TransferLifetimeTests(CardFixture fixture) : CardTest(fixture)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory(Timeout = 60_000)]
    [InlineData(XrtSyncDirection.ToDevice)]
    [InlineData(XrtSyncDirection.FromDevice)]
    public async Task A_buffer_closed_during_a_transfer_is_freed_at_its_end(XrtSyncDirection direction)
    {
        using XrtDevice device = OpenLoaded(out _);
        XrtBuffer buffer = XrtBuffer.AllocateUserPointer(device, 4096, 0);
        Card.SetFaults("slow_sync=400");
        Task transfer = Task.Run(() => buffer.Sync(direction), Token);
        Eventually(() => Card.FaultHits("slow_sync") == 1, "the transfer does not begin");

        buffer.Dispose();

        Assert.Equal((2, 1L), (XrtDiagnostics.LiveHandles, Card.LiveBuffers()));
        Assert.Throws<ObjectDisposedException>(() => buffer.Sync(direction));
        Assert.Throws<ObjectDisposedException>(() => buffer.AsSpan(0, 1));
        Assert.Equal(1, Card.LiveBuffers());

        // Were it freed by now, the driver would not find it.
        await transfer;
        Assert.Equal((1, 0L), (XrtDiagnostics.LiveHandles, Card.LiveBuffers()));
    }

    [Fact(Timeout = 60_000)]
    public async Task Of_two_transfers_the_last_one_frees_the_buffer()
    {
        using XrtDevice device = OpenLoaded(out _);
        XrtBuffer buffer = XrtBuffer.Allocate(device, 4096, 0);
        using XrtBuffer other = XrtBuffer.Allocate(device, 4096, 0);
        Card.SetFaults("slow_sync=800,slow_sync=300@1");
        Task longer = Task.Run(() => buffer.Sync(XrtSyncDirection.ToDevice), Token);
        Eventually(() => Card.FaultHits("slow_sync") == 1, "the first transfer does not begin");
        Task shorter = Task.Run(() => buffer.Sync(XrtSyncDirection.FromDevice), Token);
        Eventually(() => Card.FaultHits("slow_sync") == 2, "the second transfer does not begin");
        buffer.Dispose();
        other.Sync(XrtSyncDirection.ToDevice);

        await shorter;
        Assert.False(longer.IsCompleted, "both transfers took as long: the test shows nothing");
        Assert.Equal(2, Card.LiveBuffers());
        await longer;
        Assert.Equal(1, Card.LiveBuffers());
    }

    [Fact(Timeout = 60_000)]
    public async Task A_failing_transfer_of_a_closed_buffer_frees_it_too()
    {
        using XrtDevice device = OpenLoaded(out _);
        XrtBuffer buffer = XrtBuffer.Allocate(device, 4096, 0);
        Card.SetFaults("slow_sync=300,sync_in=ETIMEDOUT");
        Task transfer = Task.Run(() => buffer.Sync(XrtSyncDirection.ToDevice), Token);
        Eventually(() => Card.FaultHits("slow_sync") == 1, "the transfer does not begin");
        buffer.Dispose();
        XrtException error = await Assert.ThrowsAsync<XrtException>(() => transfer);
        Assert.Equal(110, error.ErrorNumber);
        Assert.Equal(0, Card.LiveBuffers());
    }

    [Fact(Timeout = 60_000)]
    public async Task A_card_closed_during_a_transfer_is_closed_at_its_end()
    {
        XrtDevice device = OpenLoaded(out _);
        XrtBuffer buffer = XrtBuffer.Allocate(device, 4096, 0);
        Card.SetFaults("slow_sync=300");
        Task transfer = Task.Run(() => buffer.Sync(XrtSyncDirection.ToDevice), Token);
        Eventually(() => Card.FaultHits("slow_sync") == 1, "the transfer does not begin");
        buffer.Dispose();
        device.Dispose();
        Assert.Equal(2, XrtDiagnostics.LiveHandles);
        await transfer;
        Assert.Equal(0, XrtDiagnostics.LiveHandles);
    }

    [Fact(Timeout = 60_000)]
    public async Task A_buffer_dropped_during_a_transfer_is_finalised_after_it()
    {
        using XrtDevice device = OpenLoaded(out _);
        Card.SetFaults("slow_sync=300");
        Task transfer = TransferAndDrop(device);
        Eventually(() => Card.FaultHits("slow_sync") == 1, "the transfer does not begin");
        GC.Collect();
        GC.WaitForPendingFinalizers();
        Assert.Equal(1, Card.LiveBuffers());
        await transfer;
        Eventually(
            () =>
            {
                GC.Collect();
                GC.WaitForPendingFinalizers();
                return Card.LiveBuffers() == 0;
            },
            "the dropped buffer is not finalised");

        [MethodImpl(MethodImplOptions.NoInlining)]
        static Task TransferAndDrop(XrtDevice device)
        {
            XrtBuffer buffer = XrtBuffer.Allocate(device, 4096, 0);
            return Task.Run(() => buffer.Sync(XrtSyncDirection.ToDevice), Token);
        }
    }

    [Fact(Timeout = 120_000)]
    public async Task Under_stress_a_transfer_ends_well_or_finds_its_buffer_closed()
    {
        const int Places = 3;
        const int Threads = 4;
        using XrtDevice device = OpenLoaded(out _);
        var buffers = new XrtBuffer[Places];
        for (int i = 0; i < Places; i++)
        {
            buffers[i] = XrtBuffer.Allocate(device, 4096, 0);
        }

        using var over = new CancellationTokenSource(TimeSpan.FromSeconds(2));
        Task<(long Good, long Closed)>[] transfers = [.. Enumerable.Range(0, Threads).Select(seed => Task.Factory.StartNew(
            () =>
            {
                var random = new Random(seed);
                long good = 0;
                long closed = 0;
                while (!over.IsCancellationRequested)
                {
                    XrtBuffer buffer = Volatile.Read(ref buffers[random.Next(Places)]);
                    try
                    {
                        for (int i = 0; i < 50; i++)
                        {
                            buffer.Sync((XrtSyncDirection)(i & 1), 0, 1 + (i * 64));
                            good++;
                        }
                    }
                    catch (ObjectDisposedException)
                    {
                        closed++;
                    }
                }

                return (good, closed);
            },
            Token,
            TaskCreationOptions.LongRunning,
            TaskScheduler.Default))];

        long replaced = 0;
        for (int place = 0; !over.IsCancellationRequested; place = (place + 1) % Places)
        {
            XrtBuffer old = Interlocked.Exchange(ref buffers[place], XrtBuffer.Allocate(device, 4096, 0));
            old.Dispose();
            replaced++;
        }

        (long Good, long Closed)[] counts = await Task.WhenAll(transfers);
        Assert.True(counts.All(count => count.Good > 0) && counts.Sum(count => count.Closed) > 0 && replaced > 100, $"too little happened: {string.Join(" ", counts)}, {replaced} replaced");
        Assert.Equal((1 + Places, (long)Places), (XrtDiagnostics.LiveHandles, Card.LiveBuffers()));
        Array.ForEach(buffers, buffer => buffer.Dispose());
    }

    [Fact(Timeout = 60_000)]
    public void Threads_that_ended_during_nobodys_close_hold_no_buffer()
    {
        using XrtDevice device = OpenLoaded(out _);
        XrtBuffer buffer = XrtBuffer.Allocate(device, 4096, 0);
        for (int i = 0; i < 50; i++)
        {
            var thread = new Thread(() => buffer.Sync(XrtSyncDirection.ToDevice));
            thread.Start();
            thread.Join();
        }

        buffer.Dispose();
        Assert.Equal(0, Card.LiveBuffers());
    }
}
