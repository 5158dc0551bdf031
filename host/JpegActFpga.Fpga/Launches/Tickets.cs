namespace JpegActFpga.Fpga.Launches;

/// <summary>
/// Numbers that no two launches of this process share. A launch's descriptors carry its number in a field that the kernel
/// does not use but sums up, so a result word that another launch left in the buffer does not pass for this one's: nothing
/// has to be cleared on the card before a launch.
/// </summary>
internal static class Tickets
{
    // An odd factor keeps the numbers distinct, and far from sums of small fields.
    private const ulong Factor = 0x9e3779b97f4a7c15;

    private static ulong _last;

    /// <summary>Gives the next number. Safe from any thread.</summary>
    internal static ulong Next() => Interlocked.Increment(ref _last) * Factor;
}
