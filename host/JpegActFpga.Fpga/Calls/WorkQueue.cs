using JpegActFpga.Core.Backends;
using JpegActFpga.Fpga.Buffers;

namespace JpegActFpga.Fpga.Calls;

/// <summary>The parts that wait for a compute unit, first come first served. Safe from any thread.</summary>
/// <remarks>
/// A tensor alone never waits for others: whoever is idle takes it at once. Only what is waiting anyway shares a launch, and
/// not more of it than leaves work for the lanes that are idle.
/// </remarks>
/// <typeparam name="TCall">Kind of call.</typeparam>
internal sealed class WorkQueue<TCall>
    where TCall : CodecCall
{
    private readonly object _gate = new();
    private readonly Queue<WorkItem<TCall>> _items = [];
    private readonly string _kernel;
    private readonly int _launchBlocks;
    private long _turns;
    private int _idle;
    private int _live;
    private bool _closed;

    /// <summary>Initializes a new instance of the <see cref="WorkQueue{TCall}"/> class.</summary>
    /// <param name="kernel">Name of the kernel.</param>
    /// <param name="launchBlocks">Most blocks of a launch.</param>
    /// <param name="patience">Longest wait of a batch for those before it to get their buffers.</param>
    internal WorkQueue(string kernel, int launchBlocks, TimeSpan patience)
    {
        _kernel = kernel;
        _launchBlocks = launchBlocks;
        Order = new RentOrder(patience);
    }

    /// <summary>Gets the order in which batches rent their buffers.</summary>
    internal RentOrder Order { get; }

    /// <summary>Gets how many lanes work.</summary>
    internal int Live
    {
        get
        {
            lock (_gate)
            {
                return _live;
            }
        }
    }

    /// <summary>Counts a lane in.</summary>
    internal void Join()
    {
        lock (_gate)
        {
            _live++;
        }
    }

    /// <summary>Counts a lane out; after the last one nothing can be done any more.</summary>
    internal void Leave()
    {
        List<WorkItem<TCall>> stranded = [];
        lock (_gate)
        {
            if (--_live == 0)
            {
                stranded.AddRange(_items);
                _items.Clear();
            }

            // Lanes of the same unit look whether it still works.
            Monitor.PulseAll(_gate);
        }

        foreach (WorkItem<TCall> item in stranded)
        {
            item.Call.PartFailed(_closed ? new ObjectDisposedException(nameof(FpgaBackend)) : NoneLeft());
        }
    }

    /// <summary>Adds all parts of a call.</summary>
    /// <param name="call">The call.</param>
    /// <exception cref="BackendException">No unit works any more.</exception>
    internal void Add(TCall call)
    {
        int parts = call.PartCount;
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_closed, typeof(FpgaBackend));
            if (_live == 0)
            {
                throw NoneLeft();
            }

            for (int part = 0; part < parts; part++)
            {
                _items.Enqueue(new WorkItem<TCall>(call, part));
            }

            if (parts == 1)
            {
                Monitor.Pulse(_gate);
            }
            else
            {
                Monitor.PulseAll(_gate);
            }
        }
    }

    /// <summary>Waits for work. Idle lanes wait without a limit: closing the queue wakes them.</summary>
    /// <param name="batch">An empty batch; receives one part or more.</param>
    /// <param name="isLost">Tells whether the lane's unit is out of service.</param>
    /// <returns>False where the lane is to end.</returns>
    internal bool Take(LaunchBatch<TCall> batch, Func<bool> isLost)
    {
        lock (_gate)
        {
            while (_items.Count == 0 && !_closed && !isLost())
            {
                _idle++;
                Monitor.Wait(_gate);
                _idle--;
            }

            if (isLost())
            {
                // The wake-up that this lane may have used up was meant for one that works.
                Monitor.Pulse(_gate);
                return false;
            }

            if (_items.Count == 0)
            {
                return false;
            }

            batch.Turn = _turns++;
            int share = (_items.Count + _idle) / (_idle + 1);
            do
            {
                batch.Add(_items.Dequeue());
            }
            while (batch.Count < share && !batch.IsFull && _items.TryPeek(out WorkItem<TCall> next)
                && batch.Blocks + next.Call.BlocksOf(next.Part) <= _launchBlocks);
            return true;
        }
    }

    /// <summary>Has idle lanes look whether their units are lost.</summary>
    internal void Wake()
    {
        lock (_gate)
        {
            Monitor.PulseAll(_gate);
        }
    }

    /// <summary>Ends the lanes, after the work that waits.</summary>
    internal void Close()
    {
        lock (_gate)
        {
            _closed = true;
            Monitor.PulseAll(_gate);
        }
    }

    private BackendException NoneLeft() => new(BackendFailure.DeviceLost, $"No {_kernel} compute unit works any more: all hung or were lost. Reset the card and open it again.");
}
