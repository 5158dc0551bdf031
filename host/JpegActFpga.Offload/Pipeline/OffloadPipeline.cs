using System.Diagnostics;
using JpegActFpga.Core.Observability;
using JpegActFpga.Offload.Budget;
using JpegActFpga.Offload.Stores;

namespace JpegActFpga.Offload.Pipeline;

/// <summary>
/// Moves activations to their frames and back, on worker threads where there are some: bounded queue, bounded memory,
/// prefetch in the reverse order of the stashes. Safe from any thread.
/// </summary>
/// <remarks>
/// One lock guards all states; no work is done and no owner is called under it. Workers touch memory only: owners are called
/// on the threads that call in. A source is looked at for changes, and let go, by the thread that stashed it (or takes it):
/// only in that thread's order of things is an in-place operation that ran meanwhile over, its version counted up.
/// </remarks>
internal sealed partial class OffloadPipeline : IDisposable
{
    private readonly FrameWork _work;
    private readonly IFrameStore _store;
    private readonly FileStore? _spill;
    private readonly OffloadEngineOptions _options;
    private readonly object _gate = new();
    private readonly MemoryBudget _budget;
    private readonly PrefetchWindow _window;
    private readonly Thread[] _workers;
    private readonly Stack<Activation> _free = new();

    private LiveActivations _live;
    private ActivationList _toCompress;
    private ActivationList _toExpand;
    private ActivationList _finished;
    private ActivationList _orphans;
    private volatile int _toRetire;
    private int _pending;
    private long _pendingBytes;
    private int _underWay;
    private bool _stopping;
    private Counts _counts;

    /// <summary>Initializes a new instance of the <see cref="OffloadPipeline"/> class.</summary>
    /// <param name="work">Does the work; disposed with the pipeline.</param>
    /// <param name="store">Where frames go; the caller's.</param>
    /// <param name="options">Checked options.</param>
    /// <param name="workers">Threads, 0 for no overlap.</param>
    /// <exception cref="IOException">There is a memory bound, and the spill file cannot be made.</exception>
    internal OffloadPipeline(FrameWork work, IFrameStore store, OffloadEngineOptions options, int workers)
    {
        _work = work;
        _store = store;
        _options = options;
        _budget = new MemoryBudget(options.HostMemoryBytes);
        _window = new PrefetchWindow(workers == 0 ? 0 : options.Prefetch);
        _spill = options.HostMemoryBytes is null ? null : new FileStore(options.SpillDirectory);
        _workers = new Thread[workers];
        for (int i = 0; i < workers; i++)
        {
            _workers[i] = new Thread(Work) { IsBackground = true, Name = $"JPEG-ACT offload {i + 1}" };
            _workers[i].Start();
        }
    }

    /// <summary>Gives what happened since the last reset.</summary>
    internal PipelineStatistics Snapshot()
    {
        lock (_gate)
        {
            return new PipelineStatistics(
                _workers.Length,
                _counts.Queued,
                _counts.CallerCompressed,
                _counts.TakenFromQueue,
                _counts.Prefetched,
                _counts.PrefetchWaits,
                _counts.OnDemand,
                _window.Size,
                _counts.SpilledFrames,
                _counts.SpilledBytes,
                _budget.Used,
                _budget.Peak);
        }
    }

    /// <summary>Starts counting anew.</summary>
    internal void ResetStatistics()
    {
        lock (_gate)
        {
            _counts = default;
            _budget.ResetPeak();
        }
    }

    /// <summary>A ticket was disposed.</summary>
    /// <param name="activation">What it stands for.</param>
    /// <param name="generation">The ticket's.</param>
    internal void Release(Activation activation, uint generation)
    {
        lock (_gate)
        {
            if (activation.Generation != generation)
            {
                return;
            }

            activation.EndGeneration();
            _live.Remove(activation);
            if (activation.State == FrameState.Queued && _toCompress.Remove(activation))
            {
                OffloadTelemetry.Queued(Backlog.Compress, -1);
                activation.State = FrameState.Failed;
            }

            if (activation.Ahead == AheadState.Queued && _toExpand.Remove(activation))
            {
                OffloadTelemetry.Queued(Backlog.Prefetch, -1);
                activation.Ahead = AheadState.Failed;
            }

            if (activation.State == FrameState.Compressing || activation.Ahead is AheadState.Claimed or AheadState.Expanding || activation.Retiring)
            {
                // Whoever works on it gives it up.
                activation.Abandoned = true;
                return;
            }

            if (activation.SourceHeld && _finished.Remove(activation))
            {
                _toRetire--;
            }
        }

        GiveUp(activation);
    }

    /// <summary>Stops the workers, after what they are doing, and lets go of every source. Tickets may be disposed afterwards.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            _stopping = true;
            Monitor.PulseAll(_gate);
        }

        // A worker ends after its last call. One that does not, because its backend does not end the call, keeps what it has.
        long started = Stopwatch.GetTimestamp();
        int left = _workers.Count(worker => !worker.Join(LeftOf(_options.WaitLimit, started)));
        if (left != 0)
        {
            _work.WorkersLeft(left, _options.WaitLimit);
        }

        while (TakeQueued() is { } never)
        {
            Retire(never);
        }

        RetireAll();
        _work.Dispose();
        _spill?.Dispose();
    }

    private static TimeSpan LeftOf(TimeSpan limit, long started) =>
        limit - Stopwatch.GetElapsedTime(started) is { Ticks: > 0 } left ? left : TimeSpan.Zero;

    private Activation? TakeQueued()
    {
        lock (_gate)
        {
            Activation? queued = _toCompress.Take();
            if (queued is not null)
            {
                OffloadTelemetry.Queued(Backlog.Compress, -1);
                queued.State = FrameState.Failed;
                queued.Error = new ObjectDisposedException(nameof(OffloadEngine), "The engine was disposed before this activation was compressed.");
                queued.Retiring = true;
            }

            return queued;
        }
    }

    private Activation NewActivation()
    {
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_stopping, typeof(OffloadEngine));
            return _free.TryPop(out Activation? activation) ? activation : new Activation(this);
        }
    }

    // Its ticket is void and nobody works on it: everything goes.
    private void GiveUp(Activation activation)
    {
        if (!activation.IsHostage)
        {
            _work.Remove(activation);
            if (activation.SourceHeld)
            {
                activation.Owner!.ReleaseSource();
            }

            if (activation.Ahead != AheadState.None)
            {
                activation.Owner!.DropDestination();
            }
        }

        lock (_gate)
        {
            _budget.Release(activation.Reserved);
            if (activation.SourceHeld)
            {
                _pending--;
                _pendingBytes -= activation.Source.Bytes.Length;
            }

            if (!activation.IsHostage)
            {
                activation.Clear();
                _free.Push(activation);
            }

            Monitor.PulseAll(_gate);
        }
    }

    private void RetireAll()
    {
        while (true)
        {
            Activation? finished;
            lock (_gate)
            {
                finished = _finished.Take();
                if (finished is not null)
                {
                    _toRetire--;
                    finished.Retiring = true;
                }
            }

            if (finished is null)
            {
                break;
            }

            Retire(finished);
        }

        GiveUpOrphans();
    }

    private struct Counts
    {
        internal long Queued;
        internal long CallerCompressed;
        internal long TakenFromQueue;
        internal long Prefetched;
        internal long PrefetchWaits;
        internal long OnDemand;
        internal long SpilledFrames;
        internal long SpilledBytes;
    }
}
