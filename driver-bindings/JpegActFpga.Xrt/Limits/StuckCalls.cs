using System.Globalization;

namespace JpegActFpga.Xrt;

/// <summary>
/// The calls into drivers that were left behind because they did not return. Their card is not opened again before they do:
/// another call would most likely be stuck too. Safe from any thread.
/// </summary>
public static class StuckCalls
{
    private static readonly Lock Gate = new();
    private static readonly List<StuckCall> Calls = [];

    /// <summary>Gets the number of calls that have not returned yet, on all cards.</summary>
    public static int Total
    {
        get
        {
            lock (Gate)
            {
                return Calls.Count;
            }
        }
    }

    /// <summary>Gives the number of calls on a card that have not returned yet.</summary>
    /// <param name="card">Index of the card.</param>
    public static int On(int card)
    {
        lock (Gate)
        {
            return Calls.Count(call => call.Card == card);
        }
    }

    /// <summary>Refuses a card on which a call is stuck.</summary>
    /// <param name="card">Index of the card.</param>
    /// <exception cref="XrtStuckException">There is such a call.</exception>
    internal static void Refuse(int card)
    {
        lock (Gate)
        {
            if (Calls.Find(call => call.Card == card) is { } stuck)
            {
                throw new XrtStuckException(stuck.Function, string.Create(CultureInfo.InvariantCulture, $"card {card} does not answer: this call was left behind and has not returned yet; until it does, the card is not opened"));
            }
        }
    }

    /// <summary>Notes a call that is left behind, and voids what its thread holds of <see cref="CardTopology"/>.</summary>
    internal static StuckCall Add(int card, string function, int thread)
    {
        var call = new StuckCall(card, function);
        lock (Gate)
        {
            Calls.Add(call);
        }

        CardTopology.GiveUp(thread);
        return call;
    }

    /// <summary>Forgets a call that has returned after all.</summary>
    internal static void Remove(StuckCall call)
    {
        lock (Gate)
        {
            Calls.Remove(call);
        }
    }
}

/// <summary>A call that was left behind.</summary>
/// <param name="card">Index of the card.</param>
/// <param name="function">What was called.</param>
internal sealed class StuckCall(int card, string function)
{
    internal int Card { get; } = card;

    internal string Function { get; } = function;
}
