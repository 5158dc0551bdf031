using System.Globalization;
using JpegActFpga.Faults.Tests.Support;
using JpegActFpga.Offload.Resilience;

namespace JpegActFpga.Faults.Tests;

/// <summary>Faults of every kind at random, by seed. JPEGACT_FAULT_SEEDS=FIRST-LAST runs a longer campaign.</summary>
public sealed class RandomFaultTests : FaultTest
{
    public static TheoryData<int> Seeds()
    {
        string[] range = (Environment.GetEnvironmentVariable("JPEGACT_FAULT_SEEDS") ?? "1-12").Split('-');
        int first = int.Parse(range[0], CultureInfo.InvariantCulture);
        int last = int.Parse(range[^1], CultureInfo.InvariantCulture);
        return [.. Enumerable.Range(first, last - first + 1)];
    }

    [Theory(Timeout = 400_000)]
    [MemberData(nameof(Seeds))]
    public async Task Training_ends_with_the_weights_of_a_run_without_faults(int seed)
    {
        await TrainAsync(new FaultRun
        {
            CardCount = 1 + (seed % Cards.Count),
            LaunchTimeout = TimeSpan.FromMilliseconds(150),
            At = (now, _) =>
            {
                if (now == new Moment(MomentKind.Pack, 1))
                {
                    Cards.Card.SetFaults(RandomFaults.Specification(seed));
                }
            },
        });
    }

    [Fact(Timeout = 400_000)]
    public async Task Two_cards_share_the_work_and_one_goes_on_alone_until_the_other_is_back()
    {
        FaultOutcome outcome = await TrainAsync(new FaultRun
        {
            CardCount = 2,
            At = (now, engine) =>
            {
                switch (now)
                {
                    case { Kind: MomentKind.Pack, Step: 2, Ordinal: 1 }:
                        Cards.Card.Remove(1);
                        break;
                    case { Kind: MomentKind.StepDone, Step: 4 }:
                        FaultMatrixTests.WaitFor(engine, ResilienceEvent.ProbeFailed);
                        Cards.Card.Restore(1);
                        FaultMatrixTests.WaitFor(engine, ResilienceEvent.CircuitClosed);
                        engine.ResetStatistics();
                        break;
                }
            },
        });
        Assert.Contains(outcome.Statistics.Events, e => e is { Event: ResilienceEvent.DeviceLost, Backend: "fpga 1" });
        Assert.Contains(outcome.Statistics.Events, e => e is { Event: ResilienceEvent.Reopened, Backend: "fpga 1" });
        Assert.DoesNotContain(outcome.Statistics.Events, e => e.Backend == "fpga 0");
        Assert.DoesNotContain(outcome.Statistics.Fallbacks, f => f.To == "cpu");

        // Since the second card is back, both work.
        Assert.Equal(2, outcome.Statistics.Methods.Where(m => m.Backend == "fpga" && m.Tensors > 0).Select(m => m.Device).Distinct().Count());
    }
}
