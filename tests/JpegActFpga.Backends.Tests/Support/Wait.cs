using System.Diagnostics;

namespace JpegActFpga.Backends.Tests.Support;

/// <summary>Waits for what other threads bring about, without a guess at how long it takes.</summary>
internal static class Wait
{
    /// <summary>Far longer than anything here takes, on a machine that stalls too: only a failing test waits for it.</summary>
    internal static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    internal static void Until(Func<bool> condition, string what)
    {
        long start = Stopwatch.GetTimestamp();
        while (!condition())
        {
            Assert.True(Stopwatch.GetElapsedTime(start) < Patience, $"it does not happen that {what}");
            Thread.Sleep(1);
        }
    }
}
