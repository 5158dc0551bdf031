using System.Diagnostics;

namespace JpegActFpga.Offload.Observability;

/// <summary>
/// Gives each stage a row of a trace in which it overlaps no other, unless it runs within it. A lane that has several things
/// to do at once gets several rows. Not safe from several threads.
/// </summary>
internal sealed class TraceLanes
{
    private readonly Dictionary<string, List<Slot>> _lanes = new(StringComparer.Ordinal);
    private int _threads;

    /// <summary>Finds the row of a stage that begins.</summary>
    /// <param name="lane">Name of the lane.</param>
    /// <param name="activity">The stage.</param>
    /// <param name="around">Row of the stage that it runs within; null where there is none.</param>
    /// <param name="isNew">The row was not used before.</param>
    internal Slot Enter(string lane, Activity activity, Slot? around, out bool isNew)
    {
        isNew = false;
        if (around is not null && around.Lane == lane && around.IsInnermost(activity.Parent!))
        {
            return around;
        }

        if (!_lanes.TryGetValue(lane, out List<Slot>? slots))
        {
            _lanes[lane] = slots = [];
        }

        foreach (Slot slot in slots)
        {
            if (slot.IsFree)
            {
                return slot;
            }
        }

        isNew = true;
        slots.Add(new Slot(lane, slots.Count, ++_threads));
        return slots[^1];
    }

    /// <summary>A row.</summary>
    /// <param name="lane">Name of its lane.</param>
    /// <param name="index">Its index in the lane.</param>
    /// <param name="thread">Its number in the trace.</param>
    internal sealed class Slot(string lane, int index, int thread)
    {
        private readonly List<(Activity Activity, long Start)> _open = [];

        internal string Lane { get; } = lane;

        internal string Title { get; } = index == 0 ? lane : $"{lane} ({index + 1})";

        internal int Thread { get; } = thread;

        internal bool IsFree => _open.Count == 0;

        internal bool IsInnermost(Activity activity) => _open.Count > 0 && ReferenceEquals(_open[^1].Activity, activity);

        internal void Open(Activity activity, long start) => _open.Add((activity, start));

        /// <summary>Ends a stage and gives its start.</summary>
        internal long Close(Activity activity)
        {
            int at = _open.FindLastIndex(open => ReferenceEquals(open.Activity, activity));
            long start = _open[at].Start;
            _open.RemoveAt(at);
            return start;
        }
    }
}
