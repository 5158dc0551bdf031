using System.Globalization;

namespace JpegActFpga.Faults.Tests.Support;

/// <summary>Faults of every kind that a card can recover from, with frequencies and seeds drawn from one seed.</summary>
internal static class RandomFaults
{
    // Per occurrence at the highest. Transfers and launches are many, so each kind happens some times in a short training.
    private static readonly (string Point, double Highest)[] Kinds =
    [
        ("sync_in=EBUSY", 0.02),
        ("sync_in=EIO", 0.01),
        ("sync_out=ETIMEDOUT", 0.02),
        ("sync_out=EIO", 0.01),
        ("submit=EBUSY", 0.03),
        ("submit=EAGAIN", 0.01),
        ("alloc", 0.02),
        ("map", 0.01),
        ("context", 0.03),
        ("load", 0.1),
        ("open", 0.1),
        ("error", 0.01),
        ("firewall", 0.01),
        ("drop", 0.01),
        ("corrupt=3", 0.01),
        ("hang=250", 0.003),
        ("lost=250", 0.003),
        ("remove=60", 0.003),
        ("slow=0..3", 0.2),
        ("slow_sync=0..1", 0.1),
    ];

    /// <summary>Gives a specification of the emulated card's faults.</summary>
    /// <param name="seed">The same seed gives the same faults, as far as threads meet the fault points in the same order.</param>
    internal static string Specification(int seed)
    {
        var random = new Random(seed);
        return string.Join(',', Kinds.Select(kind => string.Create(CultureInfo.InvariantCulture, $"{kind.Point}~{kind.Highest * random.NextDouble():0.######}/{random.Next()}")));
    }
}
