using JpegActFpga.Core.Observability;

namespace JpegActFpga.Fpga.Calls;

/// <summary>A part of a call, to be worked on.</summary>
/// <typeparam name="TCall">Kind of call.</typeparam>
/// <param name="Call">The call.</param>
/// <param name="Part">Index of the part.</param>
internal readonly record struct WorkItem<TCall>(TCall Call, int Part)
    where TCall : CodecCall;

/// <summary>The parts that one launch works on. One thread at a time; used again for each launch.</summary>
/// <typeparam name="TCall">Kind of call.</typeparam>
internal sealed class LaunchBatch<TCall>
    where TCall : CodecCall
{
    private readonly WorkItem<TCall>[] _items;
    private readonly bool[] _ended;

    /// <summary>Initializes a new instance of the <see cref="LaunchBatch{TCall}"/> class.</summary>
    /// <param name="capacity">Most parts.</param>
    internal LaunchBatch(int capacity)
    {
        _items = new WorkItem<TCall>[capacity];
        _ended = new bool[capacity];
    }

    /// <summary>Gets how many parts there are.</summary>
    internal int Count { get; private set; }

    /// <summary>Gets or sets the batch's number among those of its queue, from 0.</summary>
    internal long Turn { get; set; }

    /// <summary>Gets the blocks of all parts.</summary>
    internal int Blocks { get; private set; }

    /// <summary>Gets what the launch belongs to: its call's asker; nothing where several calls share it.</summary>
    internal StageOrigin Origin
    {
        get
        {
            for (int i = 1; i < Count; i++)
            {
                if (_items[i].Call != _items[0].Call)
                {
                    return default;
                }
            }

            return Count == 0 ? default : _items[0].Call.Origin;
        }
    }

    /// <summary>Gets a value indicating whether there is room for another part.</summary>
    internal bool IsFull => Count == _items.Length;

    /// <summary>Gives a part.</summary>
    /// <param name="index">Its place.</param>
    internal WorkItem<TCall> this[int index] => _items[index];

    /// <summary>Adds a part.</summary>
    /// <param name="item">The part.</param>
    internal void Add(WorkItem<TCall> item)
    {
        _items[Count] = item;
        _ended[Count++] = false;
        Blocks += item.Call.BlocksOf(item.Part);
    }

    /// <summary>Takes out the parts of calls that failed or were cancelled meanwhile.</summary>
    internal void DropGivenUp()
    {
        int kept = 0;
        Blocks = 0;
        for (int i = 0; i < Count; i++)
        {
            WorkItem<TCall> item = _items[i];
            if (!item.Call.GiveUp())
            {
                _items[kept++] = item;
                Blocks += item.Call.BlocksOf(item.Part);
            }
        }

        Count = kept;
    }

    /// <summary>Ends a part.</summary>
    /// <param name="index">Its place.</param>
    /// <param name="failure">Why it failed; null where it did not.</param>
    internal void End(int index, Exception? failure)
    {
        if (_ended[index])
        {
            return;
        }

        _ended[index] = true;
        if (failure is null)
        {
            _items[index].Call.PartDone();
        }
        else
        {
            _items[index].Call.PartFailed(failure);
        }
    }

    /// <summary>Ends the parts that have not ended, and empties the batch.</summary>
    /// <param name="failure">Why they failed.</param>
    internal void EndAll(Exception failure)
    {
        for (int i = 0; i < Count; i++)
        {
            End(i, failure);
        }
    }

    /// <summary>Empties the batch; every part has ended.</summary>
    internal void Clear()
    {
        Array.Clear(_items, 0, Count);
        Count = 0;
        Blocks = 0;
    }
}
