namespace JpegActFpga.Xrt;

/// <summary>
/// When a call counts as one that does not return: after so many looks that found it under way, evenly spread over the
/// limit's time. Looks, not a clock: a process that stood still takes up one of them. Nor does the wait for calls on other
/// cards count (<see cref="CardTopology"/>): where one of those does not return, this card is not to blame. Immutable: safe
/// from any thread.
/// </summary>
internal sealed class CallLimit
{
    /// <summary>So many looks that find a call under way take the limit's time; it is reached at the next.</summary>
    private const int Looks = 8;

    private static readonly TimeSpan Often = TimeSpan.FromMilliseconds(5);

    private readonly Func<int, bool>? _isOverdue;

    /// <summary>Initializes a new instance of the <see cref="CallLimit"/> class.</summary>
    /// <param name="time">How long a call may take; 10 ms .. 1 h.</param>
    /// <param name="isOverdue">Asked of a call under way, by its thread's managed id, in place of the time; null for nothing. For tests that hold a call and want all others to have all the time there is.</param>
    internal CallLimit(TimeSpan time, Func<int, bool>? isOverdue = null)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(time, TimeSpan.FromMilliseconds(10));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(time, TimeSpan.FromHours(1));
        Time = time;
        BetweenLooks = isOverdue is null ? time / Looks : Often;
        _isOverdue = isOverdue;
    }

    /// <summary>Gets how long a call may take.</summary>
    internal TimeSpan Time { get; }

    /// <summary>Gets the time between two looks.</summary>
    internal TimeSpan BetweenLooks { get; }

    /// <summary>Tells whether a call that is under way has reached the limit.</summary>
    /// <param name="looks">Looks that found it under way before this one; set to 0 where it has not begun.</param>
    /// <param name="thread">Managed id of its thread.</param>
    internal bool IsReached(ref int looks, int thread)
    {
        if (!(_isOverdue is { } isOverdue ? isOverdue(thread) : looks > Looks))
        {
            return false;
        }

        if (!CardTopology.IsWaiting(thread))
        {
            return true;
        }

        looks = 0;
        return false;
    }
}
