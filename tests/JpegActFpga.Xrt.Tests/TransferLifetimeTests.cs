using System.Runtime.CompilerServices;
using Xunit;

namespace JpegActFpga.Xrt.Tests;

/// <summary>A buffer that is closed during its transfers lives until the last of them ends, and no transfer begins after that.</summary>
public sealed class TransferLifetimeTests(CardFixture fixture) : CardTest(fixture)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory(Timeout = 120_000)]
    [InlineData(XrtSyncDirection.ToDevice, "hold_in")]
    [InlineData(XrtSyncDirection.FromDevice, "hold_out")]
    public async Task A_buffer_closed_during_a_transfer_is_freed_at_its_end(XrtSyncDirection direction, string hold)
    {
        using XrtDevice device = OpenLoaded(out _);
        XrtBuffer buffer = XrtBuffer.AllocateUserPointer(device, 4096, 0);
        Task transfer = Held(hold, () => buffer.Sync(direction));

        buffer.Dispose();

        Assert.Equal((2, 1L), (XrtDiagnostics.LiveHandles, Card.LiveBuffers()));
        Assert.Throws<ObjectDisposedException>(() => buffer.Sync(direction));
        Assert.Throws<ObjectDisposedException>(() => buffer.AsSpan(0, 1));
        Assert.Equal(1, Card.LiveBuffers());

        // Were it freed by now, the driver would not find it.
        Card.Release(hold);
        await transfer;
        Assert.Equal((1, 0L), (XrtDiagnostics.LiveHandles, Card.LiveBuffers()));
    }

    [Theory(Timeout = 120_000)]
    [InlineData("hold_in", "hold_out")]
    [InlineData("hold_out", "hold_in")]
    public async Task Of_two_transfers_the_last_one_frees_the_buffer(string endsFirst, string endsLast)
    {
        using XrtDevice device = OpenLoaded(out _);
        XrtBuffer buffer = XrtBuffer.Allocate(device, 4096, 0);
        using XrtBuffer other = XrtBuffer.Allocate(device, 4096, 0);
        Card.SetFaults("hold_in,hold_out");
        Task toDevice = Held("hold_in", () => buffer.Sync(XrtSyncDirection.ToDevice), setFaults: false);
        Task fromDevice = Held("hold_out", () => buffer.Sync(XrtSyncDirection.FromDevice), setFaults: false);
        buffer.Dispose();
        other.Sync(XrtSyncDirection.ToDevice);

        (Task first, Task last) = endsFirst == "hold_in" ? (toDevice, fromDevice) : (fromDevice, toDevice);
        Card.Release(endsFirst);
        await first;
        Assert.False(last.IsCompleted, "the card did not hold the other transfer");
        Assert.Equal(2, Card.LiveBuffers());
        Card.Release(endsLast);
        await last;
        Assert.Equal(1, Card.LiveBuffers());
    }

    [Fact(Timeout = 120_000)]
    public async Task A_failing_transfer_of_a_closed_buffer_frees_it_too()
    {
        const int Eproto = 71;
        using XrtDevice device = OpenLoaded(out _);
        XrtBuffer buffer = XrtBuffer.Allocate(device, 4096, 0);
        Card.SetFaults("hold_in,sync_in=EPROTO");
        Task transfer = Held("hold_in", () => buffer.Sync(XrtSyncDirection.ToDevice), setFaults: false);
        buffer.Dispose();
        Assert.Equal(1, Card.LiveBuffers());
        Card.Release("hold_in");
        XrtException error = await Assert.ThrowsAsync<XrtException>(() => transfer);
        Assert.Equal(Eproto, error.ErrorNumber);
        Assert.Equal(0, Card.LiveBuffers());
    }

    [Fact(Timeout = 120_000)]
    public async Task A_card_closed_during_a_transfer_is_closed_at_its_end()
    {
        XrtDevice device = OpenLoaded(out _);
        XrtBuffer buffer = XrtBuffer.Allocate(device, 4096, 0);
        Task transfer = Held("hold_in", () => buffer.Sync(XrtSyncDirection.ToDevice));
        buffer.Dispose();
        device.Dispose();
        Assert.Equal(2, XrtDiagnostics.LiveHandles);
        Card.Release("hold_in");
        await transfer;
        Assert.Equal(0, XrtDiagnostics.LiveHandles);
    }

    [Fact(Timeout = 120_000)]
    public async Task A_buffer_dropped_during_a_transfer_is_finalised_after_it()
    {
        using XrtDevice device = OpenLoaded(out _);
        Task transfer = TransferAndDrop(this, device);
        GC.Collect();
        GC.WaitForPendingFinalizers();
        Assert.Equal(1, Card.LiveBuffers());
        Card.Release("hold_in");
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
        static Task TransferAndDrop(TransferLifetimeTests test, XrtDevice device)
        {
            XrtBuffer buffer = XrtBuffer.Allocate(device, 4096, 0);
            return test.Held("hold_in", () => buffer.Sync(XrtSyncDirection.ToDevice));
        }
    }

    [Fact(Timeout = 300_000)]
    public async Task Under_stress_a_transfer_ends_well_or_finds_its_buffer_closed()
    {
        const int Places = 3;
        const int Threads = 4;
        const long Replacements = 2_000;
        const long FoundClosed = 20;
        using XrtDevice device = OpenLoaded(out _);
        var buffers = new XrtBuffer[Places];
        for (int i = 0; i < Places; i++)
        {
            buffers[i] = XrtBuffer.Allocate(device, 4096, 0);
        }

        using var over = new CancellationTokenSource();
        long[] good = new long[Threads];
        long closed = 0;
        Task[] transfers = [.. Enumerable.Range(0, Threads).Select(seed => Task.Factory.StartNew(
            () =>
            {
                var random = new Random(seed);
                while (!over.IsCancellationRequested)
                {
                    XrtBuffer buffer = Volatile.Read(ref buffers[random.Next(Places)]);
                    try
                    {
                        for (int i = 0; i < 50; i++)
                        {
                            buffer.Sync((XrtSyncDirection)(i & 1), 0, 1 + (i * 64));
                            Interlocked.Increment(ref good[seed]);
                        }
                    }
                    catch (ObjectDisposedException)
                    {
                        Interlocked.Increment(ref closed);
                    }
                }
            },
            Token,
            TaskCreationOptions.LongRunning,
            TaskScheduler.Default))];

        // Until enough has happened, however long that takes: a slow machine does not make it less.
        long replaced = 0;
        for (int place = 0; replaced < Replacements || Interlocked.Read(ref closed) < FoundClosed || !Enumerable.Range(0, Threads).All(thread => Interlocked.Read(ref good[thread]) > 0); place = (place + 1) % Places)
        {
            Token.ThrowIfCancellationRequested();
            XrtBuffer old = Interlocked.Exchange(ref buffers[place], XrtBuffer.Allocate(device, 4096, 0));
            old.Dispose();
            replaced++;
        }

        await over.CancelAsync();
        await Task.WhenAll(transfers);
        Assert.Equal((1 + Places, (long)Places), (XrtDiagnostics.LiveHandles, Card.LiveBuffers()));
        Array.ForEach(buffers, buffer => buffer.Dispose());
    }

    [Fact(Timeout = 120_000)]
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

    /// <summary>Begins a transfer and waits until the card holds it.</summary>
    private Task Held(string hold, Action sync, bool setFaults = true)
    {
        if (setFaults)
        {
            Card.SetFaults(hold);
        }

        Task transfer = Task.Run(sync, Token);
        Eventually(() => Card.FaultHits(hold) == 1, "the transfer does not begin");
        return transfer;
    }
}
