using JpegActFpga.Xrt;

namespace JpegActFpga.Fpga.Units;

/// <summary>A card as its lanes know it: who watches their calls, and who is told of those that are left behind. Safe from any thread.</summary>
/// <param name="watch">Watches calls into the driver.</param>
/// <param name="leftBehind">A lane was left behind: the card is to be taken out of service.</param>
/// <param name="closeRest">Closes what the card has, after lanes that kept it from being closed have come back.</param>
internal sealed class LaneOwner(XrtWatch watch, Action leftBehind, Action closeRest)
{
    private readonly Lock _gate = new();
    private int _missing;
    private bool _isRestDue;

    /// <summary>Gets what watches the lanes.</summary>
    internal XrtWatch Watch => watch;

    /// <summary>A lane does not come back from a call into the driver.</summary>
    internal void LeaveBehind()
    {
        lock (_gate)
        {
            _missing++;
        }

        leftBehind();
    }

    /// <summary>A lane that was left behind has come back, and closed what is its own.</summary>
    /// <param name="calls">The lane's calls.</param>
    internal void CameBack(WatchedThread calls)
    {
        bool isRestDue;
        lock (_gate)
        {
            isRestDue = --_missing == 0 && _isRestDue;
        }

        if (isRestDue)
        {
            closeRest();
        }

        // Last of all: from now on the card may be opened again.
        calls.Returned();
    }

    /// <summary>The card is to be closed. Where lanes are missing, the last one that comes back does it.</summary>
    /// <returns>Whether the caller is to do it.</returns>
    internal bool TryClose()
    {
        lock (_gate)
        {
            _isRestDue = _missing != 0;
            return !_isRestDue;
        }
    }
}
