using System.Runtime.InteropServices;
using Xunit;

namespace JpegActFpga.Xrt.Tests;

/// <summary>Opening a card again and again must not fill the process with what XRT keeps for each device object.</summary>
public sealed class KeptDeviceTests(CardFixture fixture) : CardTest(fixture)
{
    private const int Reopenings = 150;

    // XRT 2.13 makes a thread for each device object on which a kernel is opened, and never ends it. The runtime's own
    // threads come and go, so a few more than before prove nothing.
    private const int OtherThreads = Reopenings / 2;

    [Fact]
    public void Reopening_leaves_neither_threads_nor_devices_behind()
    {
        Reopen();
        (int threads, int kept) = (Threads(), XrtDiagnostics.KeptDevices);
        Shaken(Reopenings, Reopen);

        Assert.InRange(Threads() - threads, int.MinValue, OtherThreads);
        Assert.Equal(kept, XrtDiagnostics.KeptDevices);
    }

    [Fact]
    public void Devices_in_use_at_once_are_different_ones()
    {
        Reopen();
        int kept = XrtDiagnostics.KeptDevices;
        using (XrtDevice first = XrtDevice.OpenKept(0, Image.XclbinPath, out Guid xclbin))
        {
            Assert.Equal(kept - 1, XrtDiagnostics.KeptDevices);
            while (XrtDiagnostics.KeptDevices > 0)
            {
                Card.SetFaults("load");
                Assert.Throws<XrtException>(Reopen);
            }

            using CopySession second = new(XrtDevice.OpenKept(0, Image.XclbinPath, out _), xclbin, 16);
            first.Dispose();
            second.CheckRoundTrip(second.Run, 5);
            Assert.Equal(1, XrtDiagnostics.KeptDevices);
        }

        Assert.Equal(2, XrtDiagnostics.KeptDevices);
    }

    [Fact]
    public void A_kept_device_is_open_until_its_last_child_is_closed()
    {
        XrtDevice device = XrtDevice.OpenKept(0, Image.XclbinPath, out Guid xclbin);
        int kept = XrtDiagnostics.KeptDevices;
        using (CopySession session = new(device, xclbin, 16))
        {
            device.Dispose();
            Assert.Equal(kept, XrtDiagnostics.KeptDevices);
            session.CheckRoundTrip(session.Run, 3);
        }

        Assert.Equal(kept + 1, XrtDiagnostics.KeptDevices);
    }

    [Fact]
    public void A_kept_device_whose_card_has_gone_makes_room_for_the_one_that_came_back()
    {
        Reopen();
        Card.Remove();
        Assert.True(Assert.Throws<XrtException>(Reopen).DeviceLost);
        Assert.Equal(0, XrtDiagnostics.KeptDevices);
        Card.Restore();
        Reopen();

        Card.Remove();
        Card.Restore();
        Reopen();
        Assert.Equal(1, XrtDiagnostics.KeptDevices);
    }

    [Fact]
    public void A_device_whose_card_went_while_it_was_in_use_is_closed_though_others_are_kept_too()
    {
        while (XrtDiagnostics.KeptDevices > 0)
        {
            Card.SetFaults("load");
            Assert.Throws<XrtException>(Reopen);
        }

        XrtDevice gone = XrtDevice.OpenKept(0, Image.XclbinPath, out _);
        Card.Remove();
        Card.Restore();
        using (XrtDevice.OpenKept(0, Image.XclbinPath, out _))
        {
            gone.Dispose();
        }

        Assert.Equal(2, XrtDiagnostics.KeptDevices);
        Reopen();
        Assert.Equal(1, XrtDiagnostics.KeptDevices);
    }

    [Fact]
    public void A_device_that_refused_its_xclbin_is_not_kept()
    {
        Reopen();
        while (XrtDiagnostics.KeptDevices > 0)
        {
            Card.SetFaults("load");
            Assert.Equal("xrtDeviceLoadXclbinFile", Assert.Throws<XrtException>(Reopen).Function);
        }

        Card.SetFaults("open");
        Assert.Equal("xrtDeviceOpen", Assert.Throws<XrtException>(Reopen).Function);
        Reopen();
    }

    private static int Threads() => Directory.GetDirectories("/proc/self/task").Length;

    // What a busy process does to the heap in between: without it, malloc gives a new device object the address of the last.
    private static void Shaken(int times, Action action)
    {
        Random random = new(1);
        List<nint> held = [];
        for (int i = 0; i < times; i++)
        {
            action();
            for (int j = 0; j < 8; j++)
            {
                held.Add(Allocate(16 + random.Next(1500)));
            }
        }

        held.ForEach(Free);
    }

    private static unsafe nint Allocate(int bytes) => (nint)NativeMemory.Alloc((nuint)bytes);

    private static unsafe void Free(nint memory) => NativeMemory.Free((void*)memory);

    private void Reopen()
    {
        using CopySession session = new(XrtDevice.OpenKept(0, Image.XclbinPath, out Guid xclbin), xclbin, 16);
        session.CheckRoundTrip(session.Run, 7);
    }
}
