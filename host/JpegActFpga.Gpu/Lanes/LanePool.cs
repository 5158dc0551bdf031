using JpegActFpga.Core.Backends;

namespace JpegActFpga.Gpu.Lanes;

/// <summary>Lends lanes out. Safe from any thread.</summary>
internal sealed class LanePool : IDisposable
{
    private readonly Lock _lock = new();
    private readonly Stack<GpuLane> _idle;
    private readonly SemaphoreSlim _free;
    private readonly string _device;
    private int _live;
    private bool _closed;

    internal LanePool(IReadOnlyList<GpuLane> lanes, string device)
    {
        _idle = new Stack<GpuLane>(lanes);
        _free = new SemaphoreSlim(lanes.Count);
        _live = lanes.Count;
        _device = device;
    }

    /// <summary>Runs a call on a lane, after waiting for one.</summary>
    /// <exception cref="BackendException">No lane works any more, or the call failed.</exception>
    internal async ValueTask<T> UseAsync<T>(Func<GpuLane, T> call, CancellationToken cancellationToken)
    {
        await _free.WaitAsync(cancellationToken).ConfigureAwait(false);
        GpuLane? lane = null;
        try
        {
            lock (_lock)
            {
                ObjectDisposedException.ThrowIf(_closed, this);
                if (_live == 0)
                {
                    throw new BackendException(BackendFailure.DeviceLost, $"{_device} is lost or hangs: no stream of it works any more. Look at dmesg for Xid messages and start the process again.");
                }

                lane = _idle.Pop();
            }

            return call(lane);
        }
        finally
        {
            Return(lane);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (_lock)
        {
            _closed = true;
            while (_idle.TryPop(out GpuLane? lane))
            {
                lane.Dispose();
            }
        }

        // The semaphore stays: a caller that is late gets ObjectDisposedException from the pool.
    }

    private void Return(GpuLane? lane)
    {
        bool giveBack = true;
        lock (_lock)
        {
            if (lane is { IsBroken: true })
            {
                // Its place in the semaphore goes too, except the last: whoever comes then is told.
                giveBack = --_live == 0;
            }
            else if (lane is not null && _closed)
            {
                lane.Dispose();
            }
            else if (lane is not null)
            {
                _idle.Push(lane);
            }
        }

        if (giveBack)
        {
            _free.Release();
        }
    }
}
