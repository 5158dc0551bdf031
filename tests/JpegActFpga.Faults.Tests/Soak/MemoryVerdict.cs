using System.Globalization;

namespace JpegActFpga.Faults.Tests.Soak;

/// <summary>
/// Whether memory is flat. Two measures, each of which may be 2 % at most: the median of the last third of the samples after
/// the warm-up against that of the first third, which sees a step; and what the samples' slope makes of the soak's whole
/// time, which sees a slow leak. The slope is the median of the slopes between all pairs (Theil and Sen), so that neither
/// outliers nor the order of two states of different size pass for growth. Falling memory is good.
/// </summary>
internal sealed class MemoryVerdict
{
    /// <summary>Share by which memory may grow.</summary>
    internal const double MaxGrowth = 0.02;

    private const double WarmUpShare = 0.25;

    // What each third has at least: the median of fewer is a matter of luck.
    private const int FewestSamples = 5;

    private static readonly TimeSpan LongestWarmUp = TimeSpan.FromMinutes(5);

    private MemoryVerdict(TimeSpan length, TimeSpan warmUp, (double Minute, double Bytes)[] settled)
    {
        int third = settled.Length / 3;
        (Length, WarmUp, CanJudge) = (length, warmUp, third >= FewestSamples);
        if (CanJudge)
        {
            First = Median(settled.Take(third).Select(sample => sample.Bytes));
            Last = Median(settled.TakeLast(third).Select(sample => sample.Bytes));
            PerMinute = Median(Slopes(settled));
        }
    }

    /// <summary>Gets a value indicating whether there were enough samples.</summary>
    internal bool CanJudge { get; }

    /// <summary>Gets the time at the beginning that is not judged: pools and compiled code fill.</summary>
    internal TimeSpan WarmUp { get; }

    /// <summary>Gets how long the soak was.</summary>
    internal TimeSpan Length { get; }

    /// <summary>Gets the median of the first third, bytes.</summary>
    internal double First { get; }

    /// <summary>Gets the median of the last third, bytes.</summary>
    internal double Last { get; }

    /// <summary>Gets the slope, bytes a minute.</summary>
    internal double PerMinute { get; }

    /// <summary>Gets the growth from the first third to the last, a share of the first.</summary>
    internal double Step => (Last / First) - 1;

    /// <summary>Gets the growth that the slope gives in the soak's whole time, a share of the first third.</summary>
    internal double Trend => PerMinute * Length.TotalMinutes / First;

    /// <summary>Gets a value indicating whether memory is flat.</summary>
    internal bool IsFlat => CanJudge && Step <= MaxGrowth && Trend <= MaxGrowth;

    /// <summary>Judges.</summary>
    /// <param name="samples">In the order of time.</param>
    /// <param name="length">How long the soak was.</param>
    internal static MemoryVerdict Of(IEnumerable<(TimeSpan At, long Bytes)> samples, TimeSpan length)
    {
        TimeSpan warmUp = length * WarmUpShare < LongestWarmUp ? length * WarmUpShare : LongestWarmUp;
        return new MemoryVerdict(length, warmUp, [.. samples.Where(sample => sample.At >= warmUp).Select(sample => (sample.At.TotalMinutes, (double)sample.Bytes))]);
    }

    public override string ToString() => CanJudge
        ? string.Create(
            CultureInfo.InvariantCulture,
            $"{First / 1048576:0.0} MiB in the first third after {WarmUp.TotalMinutes:0.##} min of warm-up, {Last / 1048576:0.0} MiB in the last: {Step:+0.00 %;-0.00 %}; slope {PerMinute / 1024:+0;-0;0} KiB/min, {Trend:+0.00 %;-0.00 %} in {Length.TotalMinutes:0.##} min (allowed {MaxGrowth:0 %} each)")
        : "too few samples after the warm-up to judge: soak longer";

    private static IEnumerable<double> Slopes((double Minute, double Bytes)[] samples) =>
        from later in Enumerable.Range(0, samples.Length)
        from earlier in Enumerable.Range(0, later)
        where samples[later].Minute > samples[earlier].Minute
        select (samples[later].Bytes - samples[earlier].Bytes) / (samples[later].Minute - samples[earlier].Minute);

    private static double Median(IEnumerable<double> values)
    {
        double[] sorted = [.. values.Order()];
        return sorted.Length == 0 ? 0 : (sorted[(sorted.Length - 1) / 2] + sorted[sorted.Length / 2]) / 2;
    }
}
