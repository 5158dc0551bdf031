using JpegActFpga.Faults.Tests.Support;
using JpegActFpga.Offload;
using JpegActFpga.Offload.Resilience;
using JpegActFpga.Offload.Statistics;

namespace JpegActFpga.Faults.Tests;

/// <summary>Every fault point of the card, at every time of a training.</summary>
public sealed class FaultMatrixTests : FaultTest
{
    private const long MiddleStep = 3;
    private const long LastStep = 6;

    // A card that is lost for 30 ms is opened anew: faults of opening can happen in the middle of a training only then. What
    // follows the comma is set when the old handle is closed and the new one about to be opened.
    private const string Reopening = "remove=30,";

    // XRT 2.13 makes the host side of the codec's buffers itself and maps none: the bindings' tests meet this point.
    private const string NeverMet = "map";

    private static readonly (string Point, string Faults, ResilienceEvent[] Expected)[] Points =
    [
        ("open", Reopening + "open", [ResilienceEvent.DeviceLost, ResilienceEvent.ProbeFailed, ResilienceEvent.CircuitClosed]),
        ("load", Reopening + "load", [ResilienceEvent.DeviceLost, ResilienceEvent.ProbeFailed, ResilienceEvent.CircuitClosed]),
        ("context", Reopening + "context", [ResilienceEvent.DeviceLost, ResilienceEvent.ProbeFailed, ResilienceEvent.CircuitClosed]),
        ("alloc", Reopening + "alloc", [ResilienceEvent.DeviceLost, ResilienceEvent.ProbeFailed, ResilienceEvent.CircuitClosed]),
        (NeverMet, Reopening + NeverMet, [ResilienceEvent.DeviceLost, ResilienceEvent.CircuitClosed]),
        ("sync_in", "sync_in=EBUSY", [ResilienceEvent.TransientFailure, ResilienceEvent.Retry]),
        ("sync_in", "sync_in=EIO*60", [ResilienceEvent.TransientFailure, ResilienceEvent.Retry, ResilienceEvent.Fallback]),
        ("sync_out", "sync_out=ETIMEDOUT", [ResilienceEvent.TransientFailure, ResilienceEvent.Retry]),
        ("submit", "submit=EAGAIN", [ResilienceEvent.TransientFailure, ResilienceEvent.Retry]),
        ("hang", "hang=900", [ResilienceEvent.DeviceFault, ResilienceEvent.Fallback]),
        ("error", "error", [ResilienceEvent.DeviceFault, ResilienceEvent.Fallback]),
        ("firewall", "firewall", [ResilienceEvent.DeviceFault, ResilienceEvent.Fallback]),
        ("drop", "drop", [ResilienceEvent.DeviceFault, ResilienceEvent.Fallback]),
        ("lost", "lost=900", [ResilienceEvent.DeviceFault, ResilienceEvent.Fallback]),
        ("corrupt", "corrupt=5", [ResilienceEvent.DeviceFault, ResilienceEvent.Fallback]),
        ("slow", "slow=5..40*20", []),
        ("slow_sync", "slow_sync=1..10*30", []),
        ("remove", "remove", [ResilienceEvent.DeviceLost, ResilienceEvent.CircuitOpened, ResilienceEvent.Fallback]),
        ("remove", "remove=30", [ResilienceEvent.DeviceLost, ResilienceEvent.CircuitOpened, ResilienceEvent.Fallback, ResilienceEvent.Reopened, ResilienceEvent.CircuitClosed]),
    ];

    private static readonly (string Name, Moment Moment)[] Times =
    [
        ("first batch", new Moment(MomentKind.Pack, 1)),
        ("forward", new Moment(MomentKind.Pack, MiddleStep, 4)),
        ("backward", new Moment(MomentKind.Unpack, MiddleStep)),
        ("last batch", new Moment(MomentKind.Pack, LastStep)),
        ("shutdown", new Moment(MomentKind.Unpack, LastStep)),
    ];

    /// <summary>Gets the names of the times.</summary>
    internal static IEnumerable<string> TimeNames => Times.Select(time => time.Name);

    public static TheoryData<string, string> Cases()
    {
        var data = new TheoryData<string, string>();
        foreach ((_, string faults, _) in Points)
        {
            foreach ((string time, _) in Times)
            {
                data.Add(faults, time);
            }
        }

        return data;
    }

    [Theory(Timeout = 400_000)]
    [MemberData(nameof(Cases))]
    public async Task Training_ends_with_the_weights_of_a_run_without_faults(string faults, string time)
    {
        (string point, _, ResilienceEvent[] expected) = Points.Single(p => p.Faults == faults);
        Moment moment = Times.Single(t => t.Name == time).Moment;
        bool atShutdown = time == "shutdown";

        // What hangs shall be noticed soon. Everything before has all the time there is: a launch that is given up too early
        // would leave the fault nothing to happen to.
        bool hangs = point is "hang" or "lost";
        bool begun = false;
        string[] parts = faults.Split(',', 2);
        int reopenings = 0;
        FaultOutcome outcome = await TrainAsync(new FaultRun
        {
            Watched = [point],
            LaunchTimeoutNow = () => Volatile.Read(ref begun) && hangs ? TimeSpan.FromSeconds(0.3) : FaultTest.Deadline,
            AtReopening = () =>
            {
                if (parts.Length == 2 && Interlocked.Increment(ref reopenings) == 1)
                {
                    Cards.Card.SetFaults(parts[1]);
                }
            },
            At = (now, engine) =>
            {
                if (now == moment)
                {
                    Volatile.Write(ref begun, true);
                    Cards.Card.SetFaults(parts[0]);
                }

                // A card that is to come back gets the time for it, at shutdown excepted: there the engine is closed under it.
                if (expected.Contains(ResilienceEvent.CircuitClosed) && !atShutdown && now.Kind is MomentKind.AfterTraining)
                {
                    WaitFor(engine, ResilienceEvent.CircuitClosed);
                }
            },
        });

        if (!atShutdown)
        {
            Assert.True(point == NeverMet ? outcome.Hits[point] == 0 : outcome.Hits[point] > 0, $"{point} fired {outcome.Hits[point]} times");

            Assert.All(expected, e => Assert.True(outcome.Statistics.CountOf(e) > 0, $"no {e} was counted: {Describe(outcome.Statistics)}"));
        }

        if (expected.Length == 0)
        {
            Assert.Empty(outcome.Statistics.Events);
        }
    }

    [Fact(Timeout = 400_000)]
    public async Task The_cards_frames_are_those_of_the_CPU()
    {
        FaultOutcome outcome = await TrainAsync(new FaultRun());
        Assert.Empty(outcome.Statistics.Events);
        Assert.Contains(outcome.Statistics.Methods, m => m.Backend == "fpga" && m.Tensors > 0 && m.Expansions > 0);
    }

    /// <summary>Gives the moment that a time begins with.</summary>
    internal static Moment MomentOf(string time) => Times.Single(t => t.Name == time).Moment;

    internal static void WaitFor(OffloadEngine engine, ResilienceEvent kind) =>
        Eventually(() => engine.Statistics.CountOf(kind) > 0, () => $"no {kind}: {Describe(engine.Statistics)}");

    internal static string Describe(OffloadStatistics statistics) =>
        string.Join(", ", statistics.Events.Select(e => $"{e.Backend} {e.Event} {e.Count}")) + "; " + string.Join("; ", statistics.Fallbacks.Select(f => f.Cause));
}

/// <summary>A launch that the driver gave up leaves buffers that nobody may free: they are reported.</summary>
public sealed class DriverTimeoutTests : FaultTest
{
    protected override bool LeaksForGood => true;

    [Theory(Timeout = 400_000)]
    [InlineData(MomentKind.Pack)]
    [InlineData(MomentKind.Unpack)]
    public async Task Training_ends_with_the_weights_of_a_run_without_faults(MomentKind kind)
    {
        int leakedBefore = Xrt.XrtDiagnostics.LeakedHandles;
        FaultOutcome outcome = await TrainAsync(new FaultRun
        {
            Watched = ["timeout"],
            At = (now, _) =>
            {
                if (now == new Moment(kind, 2))
                {
                    Cards.Card.SetFaults("timeout");
                }
            },
        });
        Assert.Equal(1, outcome.Hits["timeout"]);
        Assert.True(outcome.Statistics.CountOf(ResilienceEvent.DeviceFault) > 0);
        Assert.True(Xrt.XrtDiagnostics.LeakedHandles > leakedBefore);
    }
}
