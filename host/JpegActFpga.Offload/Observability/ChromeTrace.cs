using System.Diagnostics;
using JpegActFpga.Core.Observability;

namespace JpegActFpga.Offload.Observability;

/// <summary>
/// Writes the stages of this process to a file in the trace-event format, which Perfetto (ui.perfetto.dev) and
/// chrome://tracing show: a row for the training thread, for stashes, for each backend's and compute unit's work, and so on.
/// </summary>
/// <remarks>
/// Safe from any thread. Memory is bounded: events are written as they end, a buffer at a time. After each write the file is a
/// whole JSON document, so that it can be read when the process was killed, but for what was in the buffer; disposing writes
/// that too. Stages that run when the trace is disposed are left out. An error in writing ends the trace and is kept in
/// <see cref="Error"/>; it does not reach the traced code.
/// </remarks>
public sealed class ChromeTrace : IDisposable
{
    private static readonly long CounterInterval = Stopwatch.Frequency / 200;

    private readonly Lock _lock = new();
    private readonly Dictionary<Activity, TraceLanes.Slot> _running = [];
    private readonly TraceLanes _lanes = new();
    private readonly TraceFile _file;
    private readonly ActivityListener _listener;
    private readonly long _origin = Stopwatch.GetTimestamp();
    private long _lastCounters;
    private bool _ended;

    private ChromeTrace(TraceFile file)
    {
        _file = file;
        _listener = new ActivityListener
        {
            ShouldListenTo = static source => source.Name == StageTelemetry.Name,
            Sample = static (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllData,
            ActivityStarted = Started,
            ActivityStopped = Stopped,
        };
        ActivitySource.AddActivityListener(_listener);
    }

    /// <summary>Gets why the trace ended early; null where it did not.</summary>
    public IOException? Error { get; private set; }

    /// <summary>Gets the events written or in the buffer: stages that ended.</summary>
    public long Events { get; private set; }

    /// <summary>Begins a trace.</summary>
    /// <param name="file">A new file, writable and seekable; the trace disposes it.</param>
    /// <param name="facts">What the trace is of: machine, device, job. Shown by the viewer.</param>
    /// <exception cref="IOException">The file can't be written.</exception>
    public static ChromeTrace Start(Stream file, IReadOnlyDictionary<string, string> facts)
    {
        ArgumentNullException.ThrowIfNull(file);
        ArgumentNullException.ThrowIfNull(facts);
        return new ChromeTrace(new TraceFile(file, facts));
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _listener.Dispose();
        lock (_lock)
        {
            if (!_ended)
            {
                Write(static file => file.Flush());
            }

            _ended = true;
            _running.Clear();
            _file.Dispose();
        }
    }

    private void Started(Activity activity)
    {
        lock (_lock)
        {
            if (_ended)
            {
                return;
            }

            TraceLanes.Slot? around = activity.Parent is { } parent ? _running.GetValueOrDefault(parent) : null;
            TraceLanes.Slot slot = _lanes.Enter(LaneOf(activity), activity, around, out bool isNew);
            if (isNew)
            {
                Write(file => file.Lane(slot));
            }

            slot.Open(activity, Nanoseconds());
            _running[activity] = slot;
        }
    }

    private void Stopped(Activity activity)
    {
        lock (_lock)
        {
            if (_ended || !_running.Remove(activity, out TraceLanes.Slot? slot))
            {
                return;
            }

            long end = Nanoseconds();
            long start = slot.Close(activity);
            Events++;
            Write(file => file.Stage(activity, slot.Thread, start, end - start));
            if (Stopwatch.GetTimestamp() - _lastCounters >= CounterInterval)
            {
                _lastCounters = Stopwatch.GetTimestamp();
                Write(file => file.Counters(end));
            }
        }
    }

    private void Write(Action<TraceFile> what)
    {
        try
        {
            what(_file);
        }
        catch (IOException error)
        {
            Error = error;
            _ended = true;
            _running.Clear();
        }
    }

    private long Nanoseconds() => (long)Stopwatch.GetElapsedTime(_origin).TotalNanoseconds;

    private static string LaneOf(Activity activity) => activity.GetTagItem(StageTelemetry.LaneTag) as string ?? activity.OperationName;
}
