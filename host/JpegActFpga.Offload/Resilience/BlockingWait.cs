using System.Diagnostics;
using System.Runtime.CompilerServices;

namespace JpegActFpga.Offload.Resilience;

/// <summary>Waits for a device on the calling thread without allocating. The device's own limits end the wait; where they do not, the caller's does.</summary>
internal static class BlockingWait
{
    [ThreadStatic]
    private static Signal? _signal;

    /// <exception cref="TimeoutException">It took longer: the task goes on, with all that it uses.</exception>
    internal static T For<T>(ValueTask<T> task, TimeSpan limit)
    {
        if (!task.IsCompleted)
        {
            ConfiguredValueTaskAwaitable<T>.ConfiguredValueTaskAwaiter awaiter = task.ConfigureAwait(false).GetAwaiter();
            Signal signal = Begin();
            awaiter.UnsafeOnCompleted(signal.Set);
            Wait(signal, limit);
            return awaiter.GetResult();
        }

        return task.GetAwaiter().GetResult();
    }

    /// <exception cref="TimeoutException">It took longer: the task goes on, with all that it uses.</exception>
    internal static void For(ValueTask task, TimeSpan limit)
    {
        if (!task.IsCompleted)
        {
            ConfiguredValueTaskAwaitable.ConfiguredValueTaskAwaiter awaiter = task.ConfigureAwait(false).GetAwaiter();
            Signal signal = Begin();
            awaiter.UnsafeOnCompleted(signal.Set);
            Wait(signal, limit);
            awaiter.GetResult();
            return;
        }

        task.GetAwaiter().GetResult();
    }

    private static Signal Begin()
    {
        Signal signal = _signal ??= new Signal();
        signal.Reset();
        return signal;
    }

    private static void Wait(Signal signal, TimeSpan limit)
    {
        if (!signal.Wait(limit))
        {
            // It may be set at any time: the next wait has another one.
            _signal = null;
            throw new TimeoutException($"A call did not end within {limit.TotalSeconds:0.###} s.");
        }
    }

    private sealed class Signal
    {
        private readonly object _gate = new();
        private bool _isSet;

        internal Signal() => Set = Release;

        internal Action Set { get; }

        internal void Reset() => _isSet = false;

        internal bool Wait(TimeSpan limit)
        {
            long started = Stopwatch.GetTimestamp();
            lock (_gate)
            {
                while (!_isSet)
                {
                    TimeSpan left = limit - Stopwatch.GetElapsedTime(started);
                    if (left <= TimeSpan.Zero)
                    {
                        return false;
                    }

                    Monitor.Wait(_gate, left);
                }

                return true;
            }
        }

        private void Release()
        {
            lock (_gate)
            {
                _isSet = true;
                Monitor.Pulse(_gate);
            }
        }
    }
}
