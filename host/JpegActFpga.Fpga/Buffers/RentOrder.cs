using System.Diagnostics;

namespace JpegActFpga.Fpga.Buffers;

/// <summary>
/// Lets batches rent their buffers in the order in which they were taken from their queue. A part keeps its buffers until the
/// parts before it have placed their values: were it to get the last of the card's memory before them, both would wait.
/// Safe from any thread.
/// </summary>
/// <param name="patience">Longest wait for the batches before, longer than those wait for memory; then the order is given up.</param>
internal sealed class RentOrder(TimeSpan patience)
{
    private readonly object _gate = new();
    private readonly HashSet<long> _passed = [];
    private long _next;

    /// <summary>Waits until every batch before has its buffers, or needs none.</summary>
    /// <param name="turn">The batch's number, from 0 on without gaps.</param>
    internal void Await(long turn)
    {
        long started = Stopwatch.GetTimestamp();
        lock (_gate)
        {
            while (_next != turn && patience - Stopwatch.GetElapsedTime(started) is { Ticks: > 0 } left)
            {
                Monitor.Wait(_gate, left);
            }
        }
    }

    /// <summary>A batch has its buffers, or needs none.</summary>
    /// <param name="turn">The batch's number.</param>
    internal void Pass(long turn)
    {
        lock (_gate)
        {
            _passed.Add(turn);
            while (_passed.Remove(_next))
            {
                _next++;
            }

            Monitor.PulseAll(_gate);
        }
    }
}
