using System.Runtime.ExceptionServices;

namespace JpegActFpga.Xrt;

/// <summary>
/// Makes calls into a driver on a thread of their own, so that their caller's wait has a limit whatever the driver does. For
/// what is rare, such as opening a card; threads that call all the time have an <see cref="XrtWatch"/>. Safe from any thread.
/// </summary>
public static class LimitedCall
{
    /// <summary>Makes calls and waits for them.</summary>
    /// <typeparam name="T">What they give.</typeparam>
    /// <param name="card">Index of the card.</param>
    /// <param name="function">What is called, for the message.</param>
    /// <param name="limit">The longest wait; 10 ms .. 1 h. Where the process stood still meanwhile, the wait is longer.</param>
    /// <param name="call">The calls. They may go on after the limit, so they must not use what their caller frees.</param>
    /// <param name="late">Takes what they give after the limit, on their thread: closes it, say. Null for nothing.</param>
    /// <returns>What the calls gave.</returns>
    /// <exception cref="XrtStuckException">They did not return in time; they are left behind, and the card is not opened before they do. Or so it was with calls before.</exception>
    /// <exception cref="Exception">Whatever the calls throw.</exception>
    public static T Run<T>(int card, string function, TimeSpan limit, Func<T> call, Action<T>? late = null)
        => Run(card, function, new CallLimit(limit), call, late);

    /// <summary>As <see cref="Run{T}(int, string, TimeSpan, Func{T}, Action{T}?)"/>, with a limit that is told otherwise.</summary>
    internal static T Run<T>(int card, string function, CallLimit limit, Func<T> call, Action<T>? late = null)
    {
        ArgumentNullException.ThrowIfNull(call);
        StuckCalls.Refuse(card);
        return new Pending<T>(card, function, call, late).Run(limit);
    }

    /// <summary>Closes something and waits for it, even where calls on the card were left behind.</summary>
    /// <param name="card">Index of the card.</param>
    /// <param name="function">What is called, for the message.</param>
    /// <param name="limit">As for <see cref="Run{T}(int, string, TimeSpan, Func{T}, Action{T}?)"/>.</param>
    /// <param name="close">The calls.</param>
    /// <returns>False where they did not return in time: they are left behind, and the card is not opened before they do.</returns>
    public static bool TryClose(int card, string function, TimeSpan limit, Action close) => TryClose(card, function, new CallLimit(limit), close);

    /// <summary>As <see cref="TryClose(int, string, TimeSpan, Action)"/>, with a limit that is told otherwise.</summary>
    internal static bool TryClose(int card, string function, CallLimit limit, Action close)
    {
        ArgumentNullException.ThrowIfNull(close);
        try
        {
            bool Close()
            {
                close();
                return true;
            }

            return new Pending<bool>(card, function, Close, null).Run(limit);
        }
        catch (XrtStuckException)
        {
            return false;
        }
    }

    private sealed class Pending<T>(int card, string function, Func<T> call, Action<T>? late)
    {
        private readonly object _gate = new();
        private T _result = default!;
        private ExceptionDispatchInfo? _error;
        private StuckCall? _stuck;
        private bool _isOver;

        internal T Run(CallLimit limit)
        {
            var thread = new Thread(Work) { IsBackground = true, Name = $"card {card}, {function}" };
            thread.Start();
            lock (_gate)
            {
                // In looks, as XrtWatch: a process that stood still takes up one of them.
                for (int looks = 0; !_isOver && !limit.IsReached(ref looks, thread.ManagedThreadId); looks++)
                {
                    Monitor.Wait(_gate, limit.BetweenLooks);
                }

                if (!_isOver)
                {
                    _stuck = StuckCalls.Add(card, function, thread.ManagedThreadId);
                    throw XrtStuckException.After(function, card, limit.Time);
                }
            }

            _error?.Throw();
            return _result;
        }

        private void Work()
        {
            try
            {
                _result = call();
            }
#pragma warning disable CA1031 // Thrown on the caller's thread.
            catch (Exception error)
#pragma warning restore CA1031
            {
                _error = ExceptionDispatchInfo.Capture(error);
            }

            lock (_gate)
            {
                _isOver = true;
                Monitor.PulseAll(_gate);
            }

            if (_stuck is { } stuck)
            {
                try
                {
                    if (_error is null)
                    {
                        late?.Invoke(_result);
                    }
                }
                finally
                {
                    StuckCalls.Remove(stuck);
                }
            }
        }
    }
}
