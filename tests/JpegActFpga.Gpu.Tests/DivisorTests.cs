using JpegActFpga.Gpu.Launches;

namespace JpegActFpga.Gpu.Tests;

/// <summary>The kernels' division by a product and a shift gives the quotient of every number below 2^31.</summary>
public sealed class DivisorTests
{
    private const long Most = int.MaxValue;

    [Fact]
    public void Quotients_are_exact_where_they_change_and_at_the_ends()
    {
        var random = new Random(1);
        IEnumerable<long> powers = Enumerable.Range(0, 31).Select(bit => 1L << bit);
        foreach (long divisor in powers.SelectMany(power => new[] { power - 1, power, power + 1 }).Concat(Enumerable.Range(1, 3000).Select(i => (long)i))
            .Concat(Enumerable.Range(0, 3000).Select(_ => (random.NextInt64() & Most) >> random.Next(31))).Append(Most).Where(divisor => divisor is >= 1 and <= Most))
        {
            Divisor by = Divisor.Of(divisor);
            foreach (long quotient in new[] { 1, 2, random.NextInt64(1, (Most / divisor) + 1), Most / divisor })
            {
                Demand(by, divisor, (quotient * divisor) - 1);
                Demand(by, divisor, quotient * divisor);
            }

            Demand(by, divisor, 0);
            Demand(by, divisor, Most);
        }
    }

    private static void Demand(Divisor by, long divisor, long number)
    {
        if (number <= Most)
        {
            Assert.True((ulong)number * by.Multiplier >> (int)by.Shift == (ulong)(number / divisor), $"{number} / {divisor}");
        }
    }
}
