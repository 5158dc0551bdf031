using JpegActFpga.Faults.Tests.Support;
using JpegActFpga.Offload.Resilience;
using JpegActFpga.Xrt;

namespace JpegActFpga.Faults.Tests;

/// <summary>Each call into the driver that may never return, at every time of a training: what <see cref="FaultMatrixTests"/> is for calls that fail.</summary>
public sealed class StuckCallMatrixTests : FaultTest
{
    // Held until the test has seen the training end, and the engine and the cards closed.
    private const string Stuck = "=600000";

    // A card that is lost for a moment is opened anew: it opens, loads and allocates in the middle of a training only then.
    private const string Reopening = "remove=30,";

    private static readonly ResilienceEvent[] Isolated = [ResilienceEvent.Unresponsive, ResilienceEvent.CircuitOpened, ResilienceEvent.Fallback];
    private static readonly ResilienceEvent[] NotTakenBack = [ResilienceEvent.DeviceLost, ResilienceEvent.CircuitOpened, ResilienceEvent.Fallback, ResilienceEvent.ProbeFailed];

    private static readonly (string Point, string Faults, ResilienceEvent[] Expected)[] Points =
    [
        ("hold_in", "hold_in" + Stuck, Isolated),
        ("hold_out", "hold_out" + Stuck, Isolated),
        ("hold_submit", "hold_submit" + Stuck, Isolated),
        ("hold_alloc", Reopening + "hold_alloc" + Stuck, NotTakenBack),
        ("hold_open", Reopening + "hold_open" + Stuck, NotTakenBack),
        ("hold_load", Reopening + "hold_load" + Stuck, NotTakenBack),
        ("hold_close", Reopening + "hold_close" + Stuck, NotTakenBack),

        // The card's old handle is closed, before it is opened anew.
        ("hold_free", "remove=30;hold_free" + Stuck, NotTakenBack),
        ("hold_close_context", "remove=30;hold_close_context" + Stuck, NotTakenBack),
    ];

    public static TheoryData<string, string> Cases()
    {
        var data = new TheoryData<string, string>();
        foreach ((string point, _, _) in Points)
        {
            foreach (string time in FaultMatrixTests.TimeNames)
            {
                data.Add(point, time);
            }
        }

        return data;
    }

    [Theory(Timeout = 180_000)]
    [MemberData(nameof(Cases))]
    public async Task Training_ends_with_the_weights_of_a_run_without_faults(string point, string time)
    {
        (_, string faults, ResilienceEvent[] expected) = Points.Single(p => p.Point == point);
        Moment moment = FaultMatrixTests.MomentOf(time);
        bool atShutdown = time == "shutdown";
        int stuck = 0;
        string[] parts = faults.Split(',', 2);
        int reopenings = 0;
        FaultOutcome outcome = await TrainAsync(new FaultRun
        {
            HeldCallsAreOverdue = true,
            AtReopening = () =>
            {
                if (parts.Length == 2 && Interlocked.Increment(ref reopenings) == 1)
                {
                    Cards.Card.SetFaults(parts[1]);
                }
            },
            Watched = [point],
            At = (now, engine) =>
            {
                if (now == moment)
                {
                    Cards.Card.SetFaults(parts[0].Replace(';', ','));
                }

                if (now.Kind is MomentKind.AfterTraining)
                {
                    // Probes go on after the training: one before may have failed because the card was not back yet.
                    if (!atShutdown)
                    {
                        Eventually(
                            () => StuckCalls.Total > 0 && expected.All(e => engine.Statistics.CountOf(e) > 0),
                            () => $"{StuckCalls.Total} calls are stuck: {FaultMatrixTests.Describe(engine.Statistics)}");
                    }

                    stuck = StuckCalls.Total;
                }
            },
        });

        // The call is stuck even now, and nothing waited for it: the training has ended, and all is closed.
        if (!atShutdown)
        {
            Assert.True(outcome.Hits[point] > 0, $"{point} fired {outcome.Hits[point]} times");
            Assert.True(stuck > 0 && StuckCalls.Total > 0, $"{stuck} calls were stuck at the end of the training, {StuckCalls.Total} are now");
            Assert.All(expected, e => Assert.True(outcome.Statistics.CountOf(e) > 0, $"no {e} was counted: {FaultMatrixTests.Describe(outcome.Statistics)}"));
        }
    }

    [Theory(Timeout = 180_000)]
    [InlineData("hold_free")]
    [InlineData("hold_close_context")]
    public async Task A_training_ends_though_its_card_is_never_closed(string point)
    {
        FaultOutcome outcome = await TrainAsync(new FaultRun
        {
            HeldCallsAreOverdue = true,
            Watched = [point],
            At = (now, _) =>
            {
                if (now.Kind is MomentKind.AfterTraining)
                {
                    Cards.Card.SetFaults(point + Stuck);
                }
            },
        });
        Assert.Equal((1, 1), (outcome.Hits[point], StuckCalls.On(0)));
        Assert.Empty(outcome.Statistics.Events);
        Assert.Throws<XrtStuckException>(() => XrtDevice.Open(0));
    }

    [Fact(Timeout = 180_000)]
    public async Task A_card_whose_call_returns_after_all_is_opened_anew_and_taken_back()
    {
        FaultOutcome outcome = await TrainAsync(new FaultRun
        {
            HeldCallsAreOverdue = true,
            Watched = ["hold_in"],
            At = (now, engine) =>
            {
                switch (now)
                {
                    case { Kind: MomentKind.Pack, Step: 2, Ordinal: 1 }:
                        Cards.Card.SetFaults("hold_in" + Stuck);
                        break;
                    case { Kind: MomentKind.StepDone, Step: 4 }:
                        FaultMatrixTests.WaitFor(engine, ResilienceEvent.ProbeFailed);
                        Assert.True(StuckCalls.On(0) > 0);
                        Cards.Card.Release("hold_in");
                        FaultMatrixTests.WaitFor(engine, ResilienceEvent.CircuitClosed);
                        engine.ResetStatistics();
                        break;
                }
            },
        });
        Assert.Equal(1, outcome.Hits["hold_in"]);
        Assert.Contains(outcome.Statistics.Events, e => e is { Event: ResilienceEvent.Reopened });
        Assert.Contains(outcome.Statistics.Methods, m => m.Backend == "fpga" && m.Tensors > 0);
    }

    [Fact(Timeout = 180_000)]
    public async Task One_card_goes_on_while_another_is_stuck()
    {
        FaultOutcome outcome = await TrainAsync(new FaultRun
        {
            CardCount = 2,
            HeldCallsAreOverdue = true,
            Watched = ["hold_submit"],
            At = (now, _) =>
            {
                if (now is { Kind: MomentKind.Pack, Step: 2, Ordinal: 1 })
                {
                    Cards.Card.SetFaults("hold_submit" + Stuck);
                }
            },
        });
        Assert.Equal(1, outcome.Hits["hold_submit"]);
        Assert.Single(outcome.Statistics.Events, e => e.Event == ResilienceEvent.Unresponsive);
        Assert.DoesNotContain(outcome.Statistics.Fallbacks, f => f.To == "cpu");
    }
}
