using System.Globalization;

namespace JpegActFpga.Xrt;

/// <summary>
/// A call into a card's driver did not return in time and was left behind on its thread, or one was left behind earlier and
/// the card is therefore not touched. Whether the call will ever return nobody knows. Immutable: safe from any thread.
/// </summary>
public sealed class XrtStuckException : XrtException
{
    /// <summary>Creates the exception.</summary>
    /// <param name="function">The call that does not return.</param>
    /// <param name="subject">What it was about, and how long it was waited for.</param>
    public XrtStuckException(string function, string subject)
        : base(function, CardTopology.TimedOut, subject)
    {
    }

    internal static XrtStuckException After(string function, int card, TimeSpan limit) =>
        new(function, string.Create(CultureInfo.InvariantCulture, $"card {card} does not answer: the call has not returned for {limit.TotalSeconds:0.###} s"));
}
