using System.Runtime.CompilerServices;

namespace JpegActFpga.Offload.Resilience;

/// <summary>Waits for a device on the calling thread without allocating. The device's own limits end the wait.</summary>
internal static class BlockingWait
{
    [ThreadStatic]
    private static Signal? _signal;

    internal static T For<T>(ValueTask<T> task)
    {
        if (!task.IsCompleted)
        {
            ConfiguredValueTaskAwaitable<T>.ConfiguredValueTaskAwaiter awaiter = task.ConfigureAwait(false).GetAwaiter();
            Signal signal = Begin();
            awaiter.UnsafeOnCompleted(signal.Set);
            signal.Wait();
            return awaiter.GetResult();
        }

        return task.GetAwaiter().GetResult();
    }

    internal static void For(ValueTask task)
    {
        if (!task.IsCompleted)
        {
            ConfiguredValueTaskAwaitable.ConfiguredValueTaskAwaiter awaiter = task.ConfigureAwait(false).GetAwaiter();
            Signal signal = Begin();
            awaiter.UnsafeOnCompleted(signal.Set);
            signal.Wait();
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

    private sealed class Signal
    {
        private readonly object _gate = new();
        private bool _isSet;

        internal Signal() => Set = Release;

        internal Action Set { get; }

        internal void Reset() => _isSet = false;

        internal void Wait()
        {
            lock (_gate)
            {
                while (!_isSet)
                {
                    Monitor.Wait(_gate);
                }
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
