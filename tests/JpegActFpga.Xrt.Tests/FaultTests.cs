using Xunit;

namespace JpegActFpga.Xrt.Tests;

/// <summary>Every failure of the card becomes an exception or a state, and nothing is left behind (see <see cref="CardTest"/>).</summary>
public sealed class FaultTests(CardFixture fixture) : CardTest(fixture)
{
    private const int Eio = 5;
    private const int Eagain = 11;
    private const int Enomem = 12;
    private const int Ebusy = 16;
    private const int Enodev = 19;
    private const int Etimedout = 110;

    [Fact]
    public void A_card_that_does_not_open()
    {
        Card.SetFaults("open");
        Expect("xrtDeviceOpen", Enodev, isTransient: false, isLost: true, () => XrtDevice.Open(0));
        Card.SetFaults("open=EBUSY");
        Expect("xrtDeviceOpen", Ebusy, isTransient: true, isLost: false, () => XrtDevice.Open(0));
        XrtDevice.Open(0).Dispose();
    }

    [Fact]
    public void A_load_that_fails()
    {
        using XrtDevice device = XrtDevice.Open(0);
        Card.SetFaults("load");
        Expect("xrtDeviceLoadXclbinFile", Eio, isTransient: true, isLost: false, () => device.LoadXclbin(Image.XclbinPath));
        Assert.NotEqual(Guid.Empty, device.LoadXclbin(Image.XclbinPath));
    }

    [Fact]
    public void A_context_that_is_refused()
    {
        using XrtDevice device = OpenLoaded(out Guid xclbin);
        Card.SetFaults("context");
        Expect("xrtPLKernelOpen", Ebusy, isTransient: true, isLost: false, () => XrtKernel.Open(device, xclbin, "copy_words"));
        XrtKernel.Open(device, xclbin, "copy_words").Dispose();
    }

    [Fact]
    public void Memory_that_is_refused()
    {
        using XrtDevice device = OpenLoaded(out _);
        Card.SetFaults("alloc*2");
        Expect("xrtBOAlloc", Enomem, isTransient: false, isLost: false, () => XrtBuffer.Allocate(device, 4096, 0));
        Expect("xrtBOAllocUserPtr", Enomem, isTransient: false, isLost: false, () => XrtBuffer.AllocateUserPointer(device, 4096, 0));
        XrtBuffer.Allocate(device, 4096, 0).Dispose();
    }

    [Fact]
    public void Memory_that_cannot_be_mapped()
    {
        using XrtDevice device = OpenLoaded(out _);
        Card.SetFaults("map");
        // Of the others XRT 2.13 allocates the host memory itself, and maps nothing.
        Assert.Throws<XrtException>(() => XrtBuffer.Allocate(device, 4096, TestImage.HostBank, XrtBufferKind.HostOnly));
        Assert.Equal(1, Card.FaultHits("map"));
        XrtBuffer.Allocate(device, 4096, TestImage.HostBank, XrtBufferKind.HostOnly).Dispose();
    }

    [Theory]
    [InlineData("EIO", Eio, true, false)]
    [InlineData("ETIMEDOUT", Etimedout, true, false)]
    [InlineData("EAGAIN", Eagain, true, false)]
    [InlineData("EINVAL", 22, false, false)]
    [InlineData("ENODEV", Enodev, false, true)]
    public void A_transfer_that_fails(string name, int errorNumber, bool isTransient, bool isLost)
    {
        using CopySession session = new(OpenLoaded(out Guid xclbin), xclbin, 16);
        Card.SetFaults($"sync_in={name},sync_out={name}");
        XrtException toDevice = Expect("xrtBOSync", errorNumber, isTransient, isLost, () => session.Input.Sync(XrtSyncDirection.ToDevice, 4, 60));
        Assert.Contains("ToDevice, 60 bytes at 4 of 64 in memory bank 0", toDevice.Message, StringComparison.Ordinal);
        Expect("xrtBOSync", errorNumber, isTransient, isLost, () => session.Output.Sync(XrtSyncDirection.FromDevice));
        session.CheckRoundTrip(session.Run, 5);
    }

    [Theory]
    [InlineData("EBUSY", Ebusy)]
    [InlineData("EAGAIN", Eagain)]
    public void A_run_whose_start_failed_is_dead_and_another_works(string name, int errorNumber)
    {
        using CopySession session = new(OpenLoaded(out Guid xclbin), xclbin, 16);
        Card.SetFaults($"submit={name}");
        Expect("xrtRunStart", errorNumber, isTransient: true, isLost: false, session.Run.Start);
        Assert.True(session.Run.IsDead);
        Assert.Throws<InvalidOperationException>(session.Run.Start);
        session.Run.Dispose();
        using XrtRun another = session.OpenRun();
        session.CheckRoundTrip(another, 6);
    }

    [Fact]
    public void Failed_starts_among_good_ones_leave_the_good_ones_alone()
    {
        using CopySession session = new(OpenLoaded(out Guid xclbin), xclbin, 16, "copy_words");
        Card.SetFaults("submit~0.5/7");
        int good = 0;
        int failed = 0;
        for (int i = 0; i < 50; i++)
        {
            List<XrtRun> started = [];
            for (int n = 0; n < 8; n++)
            {
                XrtRun run = session.OpenRun();
                try
                {
                    run.Start();
                    started.Add(run);
                }
                catch (XrtException exception) when (exception.IsTransient)
                {
                    failed++;
                    run.Dispose();
                }
            }

            foreach (XrtRun run in started)
            {
                run.WaitCompleted(Patience);
                run.Dispose();
                good++;
            }
        }

        Assert.Equal((400, Card.FaultHits("submit")), (good + failed, (long)failed));
        Assert.InRange(failed, 100, 300);
    }

    [Theory]
    [InlineData("error", XrtRunState.Error)]
    [InlineData("timeout", XrtRunState.DriverTimeout)]
    [InlineData("firewall", XrtRunState.Error)]
    public async Task A_run_that_ends_badly(string fault, XrtRunState expected)
    {
        using CopySession session = new(OpenLoaded(out Guid xclbin), xclbin, 16);
        Card.SetFaults($"{fault}*2");
        session.Run.Start();
        XrtRunException bad = Assert.Throws<XrtRunException>(() => session.Run.WaitCompleted(Patience));
        Assert.Equal((expected, false), (bad.State, bad.IsTimeout));
        Assert.Equal(expected, await session.Run.StartAsync(Patience, TestContext.Current.CancellationToken));
        session.CheckRoundTrip(session.Run, 7);
    }

    [Fact]
    public void A_dropped_run_says_completed_but_its_output_is_old()
    {
        using CopySession session = new(OpenLoaded(out Guid xclbin), xclbin, 16);
        session.CheckRoundTrip(session.Run, 7);
        Card.SetFaults("drop");
        session.InputWords.Fill(1);
        session.Input.Sync(XrtSyncDirection.ToDevice);
        session.Run.Start();
        session.Run.WaitCompleted(Patience);
        session.Output.Sync(XrtSyncDirection.FromDevice);
        Assert.Equal(7u, session.OutputWords[0]);
    }

    [Fact]
    public void A_corrupted_run_says_completed_and_one_bit_of_its_output_differs()
    {
        using CopySession session = new(OpenLoaded(out Guid xclbin), xclbin, 16);
        session.CheckRoundTrip(session.Run, 7);
        Card.SetFaults("corrupt=3");
        session.InputWords.Fill(uint.MaxValue);
        session.Input.Sync(XrtSyncDirection.ToDevice);
        session.Run.Start();
        session.Run.WaitCompleted(Patience);
        session.Output.Sync(XrtSyncDirection.FromDevice);
        int flipped = 0;
        foreach (uint word in session.OutputWords)
        {
            flipped += System.Numerics.BitOperations.PopCount(~word);
        }

        Assert.Equal(1, flipped);
    }

    [Fact]
    public void A_card_that_leaves_while_a_run_is_submitted()
    {
        using (CopySession session = new(OpenLoaded(out Guid xclbin), xclbin, 16))
        {
            Card.SetFaults("remove");
            Expect("xrtRunStart", Enodev, isTransient: false, isLost: true, session.Run.Start);
            Assert.True(session.Run.IsDead);
            Card.Restore();
        }

        using CopySession again = new(OpenLoaded(out Guid reloaded), reloaded, 16);
        again.CheckRoundTrip(again.Run, 9);
    }

    [Fact]
    public void A_hung_run_is_noticed_and_a_reset_frees_it()
    {
        using CopySession session = new(OpenLoaded(out Guid xclbin), xclbin, 16);
        Card.SetFaults("hang");
        session.Run.Start();
        Assert.True(Assert.Throws<XrtRunException>(() => session.Run.WaitCompleted(TimeSpan.FromMilliseconds(30))).IsTimeout);
        Eventually(() => Card.FaultHits("hang") == 1, "the fault does not fire");
        Card.Reset();
        Assert.Equal(XrtRunState.Aborted, session.Run.Wait(Patience));
        session.CheckRoundTrip(session.Run, 8);
    }

    [Theory]
    [InlineData("hang", "reset")]
    [InlineData("hang", "remove")]
    [InlineData("lost", "reset")]
    public void What_a_hung_run_leaked_is_freed_once_the_card_has_ended_it(string fault, string end)
    {
        (int Live, int Leaked, long Buffers) before = (XrtDiagnostics.LiveHandles, XrtDiagnostics.LeakedHandles, Card.LiveBuffers());
        CopySession session = new(OpenLoaded(out Guid xclbin), xclbin, 16);
        Card.SetFaults(fault);
        session.Run.Start();
        Eventually(() => Card.FaultHits(fault) == 1, "the fault does not fire");
        Assert.False(session.Run.Wait(TimeSpan.FromMilliseconds(20)).IsFinal());
        session.Run.Abandon();
        Assert.Equal((before.Leaked + 3, 1), (XrtDiagnostics.LeakedHandles, XrtDiagnostics.LeakedRuns));
        Assert.Equal(0, XrtDiagnostics.ReclaimLeaked());
        session.Dispose();
        Assert.Equal(0, XrtDiagnostics.ReclaimLeaked());
        Assert.Equal((1, 0), (XrtDiagnostics.HangingRuns(0), XrtDiagnostics.HangingRuns(1)));
        Assert.Equal(before.Buffers + 2, Card.LiveBuffers());

        if (end == "reset")
        {
            Card.Reset();
        }
        else
        {
            Card.Remove();
            Card.Restore();
        }

        Eventually(() => XrtDiagnostics.ReclaimLeaked() == 1, "the run does not end");
        Assert.Equal(before, (XrtDiagnostics.LiveHandles, XrtDiagnostics.LeakedHandles, Card.LiveBuffers()));
    }

    [Fact]
    public async Task A_card_removed_in_mid_run_and_put_back()
    {
        using (CopySession session = new(OpenLoaded(out Guid xclbin), xclbin, 16))
        {
            Card.SetFaults("hang");
            ValueTask<XrtRunState> wait = session.Run.StartAsync(Patience, TestContext.Current.CancellationToken);
            Eventually(() => Card.FaultHits("hang") == 1, "the fault does not fire");
            Card.Remove();
            Assert.Equal(XrtRunState.Aborted, await wait);
            Expect("xrtBOSync", Enodev, isTransient: false, isLost: true, () => session.Input.Sync(XrtSyncDirection.ToDevice));
            Expect("xrtRunStart", Enodev, isTransient: false, isLost: true, session.Run.Start);
            Expect("xrtBOAlloc", Enodev, isTransient: false, isLost: true, () => XrtBuffer.Allocate(session.Device, 1, 0));
            Expect("xrtDeviceOpen", Enodev, isTransient: false, isLost: true, () => XrtDevice.Open(0));
            Assert.Equal(0, XrtDevice.Count());
            Card.Restore();
            Expect("xrtBOSync", Enodev, isTransient: false, isLost: true, () => session.Input.Sync(XrtSyncDirection.ToDevice));
        }

        using CopySession again = new(OpenLoaded(out Guid reloaded), reloaded, 16);
        again.CheckRoundTrip(again.Run, 9);
    }

    private static XrtException Expect(string function, int errorNumber, bool isTransient, bool isLost, Action call)
    {
        XrtException exception = Assert.Throws<XrtException>(call);
        Assert.Equal((function, errorNumber, isTransient, isLost), (exception.Function, exception.ErrorNumber, exception.IsTransient, exception.DeviceLost));
        return exception;
    }
}
