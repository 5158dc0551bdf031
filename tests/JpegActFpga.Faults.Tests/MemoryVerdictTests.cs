using JpegActFpga.Faults.Tests.Soak;

namespace JpegActFpga.Faults.Tests;

/// <summary>The soak's judge of memory, on series as a soak gives them: 20 minutes, a sample every two seconds.</summary>
public sealed class MemoryVerdictTests
{
    private const double Mebibyte = 1048576;
    private static readonly TimeSpan Length = TimeSpan.FromMinutes(20);

    public static TheoryData<int> Seeds => [.. Enumerable.Range(1, 4)];

    [Theory]
    [MemberData(nameof(Seeds))]
    public void What_only_goes_up_and_down_is_flat(int seed) => Assert.True(Judge(seed, _ => 0).IsFlat);

    [Theory]
    [MemberData(nameof(Seeds))]
    public void A_leak_of_a_third_of_a_mebibyte_a_minute_is_found(int seed) => Assert.False(Judge(seed, minute => minute / 3).IsFlat);

    [Theory]
    [MemberData(nameof(Seeds))]
    public void A_step_that_stays_is_found(int seed) => Assert.False(Judge(seed, minute => minute < 12 ? 0 : 8).IsFlat);

    [Fact]
    public void What_fills_during_the_warm_up_alone_is_flat() => Assert.True(Judge(1, minute => Math.Min(minute, 5) * 10).IsFlat);

    [Fact]
    public void What_falls_is_flat() => Assert.True(Judge(1, minute => -minute).IsFlat);

    [Fact]
    public void Too_few_samples_are_not_judged()
    {
        MemoryVerdict verdict = MemoryVerdict.Of(Enumerable.Range(0, 14).Select(i => (TimeSpan.FromMinutes(6 + i), 1L << 28)), Length);
        Assert.False(verdict.CanJudge);
        Assert.False(verdict.IsFlat);
    }

    // As measured: a plain sample is 219 MiB give or take 2, and one in five finds another card's image still loaded.
    private static MemoryVerdict Judge(int seed, Func<double, double> grown)
    {
        var random = new Random(seed);
        return MemoryVerdict.Of(
            Enumerable.Range(0, 600).Select(i =>
            {
                TimeSpan at = TimeSpan.FromSeconds(2 * i);
                double mebibytes = 217 + (4 * random.NextDouble()) + (random.Next(5) == 0 ? 8 : 0) + grown(at.TotalMinutes);
                return (at, (long)(mebibytes * Mebibyte));
            }),
            Length);
    }
}
