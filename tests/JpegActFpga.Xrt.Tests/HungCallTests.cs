using Xunit;

namespace JpegActFpga.Xrt.Tests;

/// <summary>XRT's tables are of all cards: a call that does not return, on one of them, must not stop all for ever.</summary>
public sealed class HungCallTests(CardFixture fixture) : CardTest(fixture)
{
    [Fact]
    public void Calls_behind_one_that_does_not_return_fail_and_may_be_repeated()
    {
        TimeSpan limit = CardTopology.Limit;
        using CopySession session = new(OpenLoaded(out Guid xclbin), xclbin, 16);
        using var isIn = new ManualResetEventSlim();
        using var goOn = new ManualResetEventSlim();
        var hung = new Thread(() =>
        {
            using (CardTopology.Change("a call that hangs"))
            {
                isIn.Set();
                goOn.Wait();
            }
        });
        hung.Start();
        isIn.Wait(TestContext.Current.CancellationToken);
        try
        {
            CardTopology.Limit = TimeSpan.FromMilliseconds(20);
            (string Function, Action Call)[] calls =
            [
                ("xrtDeviceOpen", () => XrtDevice.Open(0).Dispose()),
                ("xrtDeviceLoadXclbinFile", () => session.Device.LoadXclbin(Image.XclbinPath)),
                ("xrtPLKernelOpen", () => XrtKernel.Open(session.Device, xclbin, "copy_words:{copy_words_1}").Dispose()),
                ("xrtBOAlloc", () => XrtBuffer.Allocate(session.Device, 64, TestImage.InputBank).Dispose()),
                ("xrtBOAllocUserPtr", () => XrtBuffer.AllocateUserPointer(session.Device, 64, TestImage.InputBank).Dispose()),
                ("xrtRunOpen", () => session.OpenRun().Dispose()),
                ("xrtRunStart", session.Run.Start),
            ];
            foreach ((string function, Action call) in calls)
            {
                XrtException error = Assert.Throws<XrtException>(call);
                Assert.Equal((function, true, false), (error.Function, error.IsTransient, error.DeviceLost));
            }
        }
        finally
        {
            CardTopology.Limit = limit;
            goOn.Set();
            hung.Join();
        }

        using XrtRun run = session.OpenRun();
        session.CheckRoundTrip(run, 7);
    }

    [Theory(Timeout = 60_000)]
    [InlineData("hold_free", "xrtBOFree")]
    [InlineData("hold_close_context", "xrtKernelClose")]
    [InlineData("hold_close", "xrtDeviceClose")]
    public async Task Freeing_and_closing_that_does_not_return_is_left_behind(string point, string function)
    {
        using CopySession session = new(OpenLoaded(out Guid xclbin), xclbin, 16);
        using XrtDevice other = XrtDevice.Open(0);
        XrtBuffer buffer = XrtBuffer.Allocate(session.Device, 4096, TestImage.InputBank);
        XrtKernel kernel = XrtKernel.Open(session.Device, xclbin, "copy_words:{copy_words_2}");
        Action close = function switch
        {
            "xrtBOFree" => buffer.Dispose,
            "xrtKernelClose" => kernel.Dispose,
            _ => other.Dispose,
        };
        Card.SetFaults(point + "=600000");
        try
        {
            // Nothing else is: only what the card holds is taken for stuck.
            var limit = new CallLimit(TimeSpan.FromMinutes(30), EmulatedCard.IsHeld);
            Assert.False(await Task.Run(() => LimitedCall.TryClose(0, function, limit, close), TestContext.Current.CancellationToken));
            Assert.Equal((1, 1), (Card.FaultHits(point), StuckCalls.On(0)));
            Assert.Throws<XrtStuckException>(() => XrtDevice.Open(0));

            // Calls on other cards do not wait for it to be the only one in XRT's tables: it counts no more.
            using (CardTopology.Change("another card's call"))
            {
            }
        }
        finally
        {
            Card.SetFaults(string.Empty);
            Eventually(() => StuckCalls.On(0) == 0, "what was released does not come back");
            buffer.Dispose();
            kernel.Dispose();
        }

        XrtDevice.Open(0).Dispose();
    }

    [Fact(Timeout = 60_000)]
    public async Task Freeing_what_had_leaked_has_a_limit_too()
    {
        using XrtDevice device = OpenLoaded(out Guid xclbin);
        using (GateSession session = new(device, xclbin))
        {
            session.Run.Start();
            session.WaitUntilRunning();
            session.Run.Abandon();
            session.Open(1);
            Eventually(() => session.ReadOutput() == 1, "the kernel does not end");
        }

        Assert.Equal(1, XrtDiagnostics.LeakedRuns);
        Card.SetFaults("hold_free=600000");
        try
        {
            await Assert.ThrowsAsync<XrtStuckException>(() => Task.Run(() => XrtDiagnostics.ReclaimLeaked(0, new CallLimit(TimeSpan.FromMinutes(30), EmulatedCard.IsHeld)), TestContext.Current.CancellationToken));
            Assert.Equal(1, StuckCalls.On(0));

            // Of other cards, and of the rest of this one, everything is known.
            Assert.Equal((0, 0), (XrtDiagnostics.HangingRuns(0), XrtDiagnostics.ReclaimLeaked()));
        }
        finally
        {
            Card.SetFaults(string.Empty);
            Eventually(() => StuckCalls.On(0) == 0, "what was released does not come back");
        }

        Assert.Equal(0, XrtDiagnostics.LeakedHandles);
    }
}
