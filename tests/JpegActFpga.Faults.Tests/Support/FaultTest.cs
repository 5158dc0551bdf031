using System.Diagnostics;
using JpegActFpga.Xrt;

namespace JpegActFpga.Faults.Tests.Support;

/// <summary>
/// A training under faults must end, in time, with the weights of one without, and leave nothing behind but what it says.
/// </summary>
public abstract class FaultTest : IDisposable
{
    /// <summary>A training takes a second or two; nothing may hang.</summary>
    internal static readonly TimeSpan Deadline = TimeSpan.FromSeconds(180);

    private static readonly Lazy<Task<FaultOutcome>> WholeRun = new(() => Task.Run(() => new FaultRun { CardCount = 0 }.RunAsync(CancellationToken.None)));

    private readonly long _buffersBefore;
    private readonly int _leakedBuffersBefore;
    private readonly (int Live, int LeakedRuns) _handlesBefore;

    protected FaultTest()
    {
        Assert.SkipWhen(Cards.WhyNot is not null, Cards.WhyNot ?? string.Empty);
        Cards.Heal();
        _buffersBefore = Cards.LiveBuffers;
        _leakedBuffersBefore = XrtDiagnostics.LeakedHandles - XrtDiagnostics.LeakedRuns;
        _handlesBefore = (XrtDiagnostics.LiveHandles, XrtDiagnostics.LeakedRuns);
    }

    protected static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>Gets a value indicating whether the test's faults leave runs that nothing ever ends.</summary>
    protected virtual bool LeaksForGood => false;

    public void Dispose()
    {
        Cards.Heal();
        GC.SuppressFinalize(this);

        // What hung was reset: the runs have ended, and nothing of them may stay.
        Eventually(
            () =>
            {
                XrtDiagnostics.ReclaimLeaked();
                GC.Collect();
                GC.WaitForPendingFinalizers();
                int leaked = XrtDiagnostics.LeakedHandles - XrtDiagnostics.LeakedRuns - _leakedBuffersBefore;
                bool reported = Cards.LiveBuffers - _buffersBefore == leaked;
                return reported && StuckCalls.Total == 0 && (LeaksForGood || (leaked == 0 && (XrtDiagnostics.LiveHandles, XrtDiagnostics.LeakedRuns) == _handlesBefore));
            },
            () => $"left behind: {Cards.LiveBuffers - _buffersBefore} buffers on the cards, {XrtDiagnostics.LiveHandles - _handlesBefore.Live} handles, {XrtDiagnostics.LeakedRuns - _handlesBefore.LeakedRuns} runs leaked, {StuckCalls.Total} calls stuck");
    }

    /// <summary>Runs a training within the deadline, and compares its weights with those of one on the CPU alone.</summary>
    internal static async Task<FaultOutcome> TrainAsync(FaultRun run)
    {
        FaultOutcome whole = await WholeRun.Value.WaitAsync(Deadline, Token);
        FaultOutcome outcome = await Task.Run(() => run.RunAsync(Token), Token).WaitAsync(Deadline, Token);
        if (run.Epochs == 1)
        {
            Assert.Equal(whole.Losses, outcome.Losses);
            Assert.Equal(whole.Weights, outcome.Weights);
        }

        return outcome;
    }

    /// <summary>Waits for what another thread brings about.</summary>
    internal static void Eventually(Func<bool> condition, Func<string> what)
    {
        long start = Stopwatch.GetTimestamp();
        while (!condition())
        {
            Assert.True(Stopwatch.GetElapsedTime(start) < TimeSpan.FromSeconds(60), what());
            Thread.Sleep(2);
        }
    }
}
