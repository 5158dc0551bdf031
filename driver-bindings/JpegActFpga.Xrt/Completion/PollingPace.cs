using System.Diagnostics;

namespace JpegActFpga.Xrt;

/// <summary>How long to pause between two looks at a run. Stateless: safe from any thread.</summary>
internal static class PollingPace
{
    /// <summary>The longest pause, so the most by which the end of a long run is noticed late.</summary>
    internal static readonly TimeSpan LongestPause = TimeSpan.FromMicroseconds(500);

    // A sleep is some 50 microseconds late: no use for a run that takes less.
    private static readonly TimeSpan YieldTime = TimeSpan.FromMicroseconds(200);
    private static readonly TimeSpan ShortestPause = TimeSpan.FromMicroseconds(20);

    /// <summary>Pauses for a share of the time that the run has taken so far: short runs end with little delay, long ones cost little CPU.</summary>
    /// <param name="startedAt">Stopwatch timestamp of the run's start.</param>
    /// <param name="deadline">Stopwatch timestamp that the pause does not pass by much.</param>
    internal static void PauseFor(long startedAt, long deadline)
    {
        long now = Stopwatch.GetTimestamp();
        TimeSpan age = Stopwatch.GetElapsedTime(startedAt, now);
        if (age < YieldTime)
        {
            // Not a spin: what the run waits for, a driver's thread or an emulated card's, may want this very processor.
            _ = Thread.Yield();
            return;
        }

        TimeSpan pause = age / 16;
        TimeSpan left = Stopwatch.GetElapsedTime(now, deadline);
        pause = pause < ShortestPause ? ShortestPause : pause;
        pause = pause > LongestPause ? LongestPause : pause;
        pause = pause > left ? left : pause;
        if (pause > TimeSpan.Zero)
        {
            Pause(pause);
        }
    }

    /// <summary>Pauses; at most a second.</summary>
    internal static void Pause(TimeSpan time) => _ = Interop.LibC.SleepMicroseconds((uint)Math.Clamp(time.TotalMicroseconds, 1, 999_999));

    /// <summary>Turns a time-out into a Stopwatch timestamp.</summary>
    internal static long DeadlineAfter(TimeSpan timeout)
    {
        double ticks = timeout.TotalSeconds * Stopwatch.Frequency;
        long now = Stopwatch.GetTimestamp();
        return ticks >= long.MaxValue - now ? long.MaxValue : now + (long)ticks;
    }
}
