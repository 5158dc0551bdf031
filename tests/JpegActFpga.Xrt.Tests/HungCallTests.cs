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
}
