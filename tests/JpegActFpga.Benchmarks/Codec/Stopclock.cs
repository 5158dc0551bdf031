using System.Diagnostics;

namespace JpegActFpga.Benchmarks.Codec;

/// <summary>Times several actions side by side, so that a busy neighbour harms all of them alike.</summary>
/// <remarks>
/// In process, after a warm-up. In each round every action runs a batch of at least two milliseconds; its result is the
/// fastest and the median batch. Ratios between actions of one run are what to look at on a shared machine.
/// </remarks>
internal sealed class Stopclock(int rounds)
{
    private const double BatchSeconds = 0.002;

    private readonly List<(string Name, long Bytes, Action Action)> _actions = [];

    /// <summary>Adds an action.</summary>
    /// <param name="name">Its name in the report.</param>
    /// <param name="bytes">Bytes that one run counts as.</param>
    /// <param name="action">The action.</param>
    internal void Add(string name, long bytes, Action action) => _actions.Add((name, bytes, action));

    /// <summary>Times all actions.</summary>
    internal IReadOnlyList<Timing> Run()
    {
        int[] batches = [.. _actions.Select(entry => BatchOf(entry.Action))];
        double[][] seconds = [.. _actions.Select(_ => new double[rounds])];
        for (int round = 0; round < rounds; round++)
        {
            for (int i = 0; i < _actions.Count; i++)
            {
                Action action = _actions[i].Action;
                long start = Stopwatch.GetTimestamp();
                for (int run = 0; run < batches[i]; run++)
                {
                    action();
                }

                seconds[i][round] = Stopwatch.GetElapsedTime(start).TotalSeconds / batches[i];
            }
        }

        return [.. _actions.Select((entry, i) => Timing.Of(entry.Name, entry.Bytes, seconds[i]))];
    }

    // Warms up, then says how many runs make a batch.
    private static int BatchOf(Action action)
    {
        action();
        long warmUp = Stopwatch.GetTimestamp();
        int runs = 0;
        do
        {
            action();
            runs++;
        }
        while (Stopwatch.GetElapsedTime(warmUp).TotalSeconds < 10 * BatchSeconds);
        double each = Stopwatch.GetElapsedTime(warmUp).TotalSeconds / runs;
        return Math.Max(1, (int)Math.Ceiling(BatchSeconds / each));
    }
}

/// <summary>What timing gave.</summary>
/// <param name="Name">What was timed.</param>
/// <param name="BestGBps">10^9 bytes a second in the fastest batch.</param>
/// <param name="MedianGBps">In the median batch.</param>
/// <param name="SpreadPercent">How much slower the median was than the best: the noise of the machine.</param>
internal sealed record Timing(string Name, double BestGBps, double MedianGBps, double SpreadPercent)
{
    internal static Timing Of(string name, long bytes, double[] seconds)
    {
        Array.Sort(seconds);
        double best = bytes / seconds[0] / 1e9;
        double median = bytes / seconds[seconds.Length / 2] / 1e9;
        return new Timing(name, best, median, 100 * ((best / median) - 1));
    }
}
