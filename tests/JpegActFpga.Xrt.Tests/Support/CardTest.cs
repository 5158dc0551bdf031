using System.Diagnostics;
using Xunit;

namespace JpegActFpga.Xrt.Tests;

/// <summary>A test on the emulated card. It fails where it leaves a native object or a buffer of the card behind.</summary>
[Collection(CardCollection.Name)]
public abstract class CardTest : IDisposable
{
    /// <summary>Far longer than anything here takes, on a machine that stalls too: only a failing test waits for it.</summary>
    internal static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly CardFixture _fixture;
    private readonly (int, int, int, long) _openBefore;

    protected CardTest(CardFixture fixture)
    {
        Assert.SkipWhen(CardSetup.SkipReason is not null, CardSetup.SkipReason ?? string.Empty);
        _fixture = fixture;
        Card.SetFaults(string.Empty);
        _openBefore = CountOpen();
    }

    internal EmulatedCard Card => _fixture.Card;

    internal TestImage Image => _fixture.Image;

    public void Dispose()
    {
        Card.SetFaults(string.Empty);
        GC.SuppressFinalize(this);
        Assert.Equal(_openBefore, CountOpen());
    }

    internal XrtDevice OpenLoaded(out Guid xclbin)
    {
        XrtDevice device = XrtDevice.Open(0);
        try
        {
            xclbin = device.LoadXclbin(Image.XclbinPath);
            return device;
        }
        catch
        {
            device.Dispose();
            throw;
        }
    }

    /// <summary>Waits for something that another thread brings about, without a guess at how long it takes.</summary>
    internal static void Eventually(Func<bool> condition, string what)
    {
        long start = Stopwatch.GetTimestamp();
        while (!condition())
        {
            Assert.True(Stopwatch.GetElapsedTime(start) < Patience, what);
            Thread.Sleep(1);
        }
    }

    private (int, int, int, long) CountOpen()
        => (XrtDiagnostics.LiveHandles, XrtDiagnostics.LeakedHandles, XrtDiagnostics.OrphanedRuns, Card.LiveBuffers());
}
