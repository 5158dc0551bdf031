using System.Diagnostics;
using System.Globalization;
using JpegActFpga.Faults.Tests.Support;
using JpegActFpga.Offload.Resilience;
using JpegActFpga.Training.Native;
using JpegActFpga.Xrt;

namespace JpegActFpga.Faults.Tests.Soak;

/// <summary>Trainings under random faults, one after another, until the time is over; then a verdict.</summary>
/// <param name="length">How long.</param>
/// <param name="seed">Seed of the first training's faults; the next ones count on.</param>
/// <param name="output">Where it tells.</param>
/// <param name="samples">Where each sample of memory goes as a line of CSV; null for nowhere.</param>
internal sealed class SoakRun(TimeSpan length, int seed, TextWriter output, TextWriter? samples)
{
    private const int Epochs = 20;

    private static readonly TimeSpan RunDeadline = TimeSpan.FromMinutes(3);
    private static readonly TimeSpan TellEvery = TimeSpan.FromSeconds(30);

    private static readonly string[] Points = ["open", "load", "alloc", "map", "sync_in", "sync_out", "context", "submit", "remove", "slow", "slow_sync", "hang", "error", "firewall", "drop", "corrupt", "lost"];

    private readonly List<(TimeSpan At, MemorySample Memory)> _samples = [];
    private readonly SortedDictionary<string, long> _hits = new(StringComparer.Ordinal);
    private readonly SortedDictionary<ResilienceEvent, long> _events = [];

    /// <summary>Runs it.</summary>
    /// <param name="cancellationToken">Ends it early; the verdict is of what was done.</param>
    /// <returns>0 where it is good, 1 where not.</returns>
    internal async Task<int> RunAsync(CancellationToken cancellationToken)
    {
        if (Cards.WhyNot is { } why)
        {
            await output.WriteLineAsync($"SKIP {why}");
            return 1;
        }

        Tell($"soak of {length.TotalMinutes:0.##} min, seed {seed}, {Cards.Count} EMULATED CARDS (C simulation of the HLS kernels on this CPU), {Environment.ProcessorCount} processors");
        FaultOutcome whole = await Train(0, faults: false, CancellationToken.None);
        (int Handles, long Buffers) before = (XrtDiagnostics.LiveHandles, Cards.LiveBuffers);
        List<string> bad = [];
        int runs = 0;
        samples?.WriteLine(MemorySample.CsvHeader);
        long started = Stopwatch.GetTimestamp();
        TimeSpan told = TimeSpan.Zero;
        while (Stopwatch.GetElapsedTime(started) is var elapsed && elapsed < length && !cancellationToken.IsCancellationRequested && bad.Count == 0)
        {
            try
            {
                FaultOutcome outcome = await Train(seed + runs, faults: true, CancellationToken.None).WaitAsync(RunDeadline, CancellationToken.None);
                Add(outcome);
                if (!whole.Weights.AsSpan().SequenceEqual(outcome.Weights))
                {
                    bad.Add($"the weights of seed {seed + runs} differ from those of the run without faults");
                }
            }
            catch (Exception error)
            {
                bad.Add($"seed {seed + runs}: {error.GetType().Name}: {error.Message}");
            }

            runs++;
            MemorySample sample = Settle();
            _samples.Add((Stopwatch.GetElapsedTime(started), sample));
            samples?.WriteLine(sample.ToCsv(_samples[^1].At));
            if (elapsed - told >= TellEvery)
            {
                told = elapsed;
                Tell($"{elapsed.TotalMinutes,6:0.0} min  {runs,5} trainings  {_hits.Values.Sum(),7} faults  {sample}  handles {XrtDiagnostics.LiveHandles}  leaked {XrtDiagnostics.LeakedHandles}");
            }
        }

        Judge(before, runs, bad);
        return bad.Count == 0 ? 0 : 1;
    }

    private static Task<FaultOutcome> Train(int seed, bool faults, CancellationToken token) => Task.Run(
        () => new FaultRun
        {
            CardCount = faults ? Cards.Count : 0,
            Epochs = Epochs,
            LaunchTimeout = TimeSpan.FromMilliseconds(200),
            Watched = Points,
            At = (now, _) =>
            {
                if (faults && now == new Moment(MomentKind.Pack, 1))
                {
                    Cards.Card.SetFaults(RandomFaults.Specification(seed));
                }
            },
        }.RunAsync(token),
        token);

    // What hung answers after the reset, and what it leaked is freed then. Freed memory goes back to the system, so that
    // the resident set is what is held.
    private static MemorySample Settle()
    {
        Cards.Heal();
        long start = Stopwatch.GetTimestamp();
        do
        {
            Thread.Sleep(5);
            XrtDiagnostics.ReclaimLeaked();
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }
        while (XrtDiagnostics.LeakedHandles > 0 && Stopwatch.GetElapsedTime(start) < TimeSpan.FromSeconds(2));

        GC.Collect(2, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        NativeMemoryTuning.ReturnFreedMemory();
        return MemorySample.Take();
    }

    private void Add(FaultOutcome outcome)
    {
        foreach ((string point, long hits) in outcome.Hits)
        {
            _hits[point] = _hits.GetValueOrDefault(point) + hits;
        }

        foreach (ResilienceEventCount e in outcome.Statistics.Events)
        {
            _events[e.Event] = _events.GetValueOrDefault(e.Event) + e.Count;
        }
    }

    private void Judge((int Handles, long Buffers) before, int runs, List<string> bad)
    {
        MemoryVerdict memory = MemoryVerdict.Of(_samples.Select(sample => (sample.At, sample.Memory.Resident)), length);
        Tell($"{runs} trainings of {6 * Epochs} steps; faults: {string.Join(", ", _hits.Where(h => h.Value > 0).Select(h => $"{h.Key} {h.Value}"))}");
        Tell($"decisions: {string.Join(", ", _events.Select(e => $"{e.Key} {e.Value}"))}");
        Tell($"resident memory: {memory}");
        Tell($"at the end: {XrtDiagnostics.LiveHandles - before.Handles} handles, {XrtDiagnostics.LeakedHandles} leaked, {Cards.LiveBuffers - before.Buffers} buffers on the cards");
        if (!memory.CanJudge)
        {
            bad.Add("too few trainings after the warm-up to judge the resident memory");
        }
        else if (!memory.IsFlat)
        {
            bad.Add("resident memory grows");
        }

        if (XrtDiagnostics.LiveHandles != before.Handles || XrtDiagnostics.LeakedHandles != 0 || Cards.LiveBuffers != before.Buffers)
        {
            bad.Add("handles or buffers are left behind");
        }

        Tell(bad.Count == 0 ? "PASS every training's weights are those of a run without faults, bit for bit" : $"FAIL {string.Join("; ", bad)}");
    }

    private void Tell(FormattableString line) => output.WriteLine(line.ToString(CultureInfo.InvariantCulture));

    private void Tell(string line) => output.WriteLine(line);
}
