using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace JpegActFpga.Core.Observability;

/// <summary>Times stages: a histogram of seconds for metrics, an activity for traces.</summary>
/// <remarks>
/// Process-wide and safe from any thread. Where nobody listens, a stage costs two loads and two branches, and allocates
/// nothing; where only a meter is read, it allocates nothing either.
/// </remarks>
public static class StageTelemetry
{
    /// <summary>The name of the meter and of the activity source.</summary>
    public const string Name = "JpegActFpga";

    /// <summary>Tag of an activity: the row of a trace it belongs to, such as a compute unit; the stage's name where absent.</summary>
    public const string LaneTag = "jpegact.lane";

    /// <summary>Tag of an activity: the layer whose activation is worked on.</summary>
    public const string LayerTag = "jpegact.layer";

    /// <summary>Tag of metrics and activities: short name of the backend.</summary>
    public const string BackendTag = "jpegact.backend";

    /// <summary>Tag of metrics: the stage.</summary>
    public const string StageTag = "jpegact.stage";

    /// <summary>Tag of an activity: bytes that went in.</summary>
    public const string BytesInTag = "jpegact.bytes_in";

    /// <summary>Tag of an activity: bytes that came out.</summary>
    public const string BytesOutTag = "jpegact.bytes_out";

    internal static readonly Meter Meter = new(Name, "1.0.0");

    private static readonly ActivitySource Source = new(Name, "1.0.0");

    private static readonly Histogram<double> Seconds = Meter.CreateHistogram(
        "jpegact.stage.duration",
        "s",
        "Time of a stage.",
        advice: new InstrumentAdvice<double> { HistogramBucketBoundaries = [1e-5, 3e-5, 1e-4, 3e-4, 1e-3, 3e-3, 0.01, 0.03, 0.1, 0.3, 1, 3, 10, 30] });

    /// <summary>Begins a stage; disposing what is returned ends it.</summary>
    /// <param name="stage">The stage.</param>
    /// <param name="backend">Short name of the backend that does it; null where none does.</param>
    /// <param name="lane">Row of a trace; null for the stage's own. One of a few names, never made for the call.</param>
    /// <param name="layer">The layer; null for that of the activity around this one, if it has one.</param>
    /// <param name="origin">What the work belongs to, where it runs on another thread than what asked for it.</param>
    public static StageScope Start(Stage stage, string? backend = null, string? lane = null, string? layer = null, in StageOrigin origin = default)
    {
        Activity? activity = null;
        if (Source.HasListeners())
        {
            // Tags first: a listener that makes rows of a trace asks for the lane when the activity starts.
            activity = origin.Context == default
                ? Source.CreateActivity(stage.Name(), ActivityKind.Internal)
                : Source.CreateActivity(stage.Name(), ActivityKind.Internal, origin.Context);
            if (activity is { IsAllDataRequested: true })
            {
                SetIfKnown(activity, LaneTag, lane);
                SetIfKnown(activity, BackendTag, backend);
                SetIfKnown(activity, LayerTag, layer ?? origin.Layer);
            }

            activity?.Start();
        }

        bool timed = Seconds.Enabled;
        return activity is null && !timed ? default : new StageScope(stage, backend, timed ? Stopwatch.GetTimestamp() : 0, activity);
    }

    /// <summary>Tells meters of a stage that began elsewhere and has ended: a wait. A trace has no row for it.</summary>
    /// <param name="stage">The stage.</param>
    /// <param name="started">When it began, in ticks of the stopwatch.</param>
    public static void Waited(Stage stage, long started)
    {
        if (Seconds.Enabled)
        {
            Record(stage, backend: null, started);
        }
    }

    internal static void Record(Stage stage, string? backend, long started)
    {
        double seconds = Stopwatch.GetElapsedTime(started).TotalSeconds;
        if (backend is null)
        {
            Seconds.Record(seconds, new KeyValuePair<string, object?>(StageTag, stage.Name()));
        }
        else
        {
            Seconds.Record(seconds, new KeyValuePair<string, object?>(StageTag, stage.Name()), new KeyValuePair<string, object?>(BackendTag, backend));
        }
    }

    private static void SetIfKnown(Activity activity, string tag, string? value)
    {
        if (value is not null)
        {
            activity.SetTag(tag, value);
        }
    }
}

/// <summary>A stage that runs. Dispose once, in the flow of execution that began it.</summary>
public readonly struct StageScope : IDisposable
{
    private readonly Stage _stage;
    private readonly string? _backend;
    private readonly long _started;
    private readonly Activity? _activity;

    internal StageScope(Stage stage, string? backend, long started, Activity? activity) =>
        (_stage, _backend, _started, _activity) = (stage, backend, started, activity);

    /// <summary>Tells a trace how many bytes went in and came out.</summary>
    /// <param name="bytesIn">Bytes read; 0 or more.</param>
    /// <param name="bytesOut">Bytes written; 0 or more.</param>
    public void Moved(long bytesIn, long bytesOut)
    {
        if (_activity is { IsAllDataRequested: true } activity)
        {
            activity.SetTag(StageTelemetry.BytesInTag, bytesIn);
            activity.SetTag(StageTelemetry.BytesOutTag, bytesOut);
        }
    }

    /// <summary>Tells a trace something more: a ratio's parts, a method, a step's number.</summary>
    /// <param name="name">Name, one of a few.</param>
    /// <param name="value">Value.</param>
    public void Note(string name, string value) => _activity?.SetTag(name, value);

    /// <summary>Tells a trace something more; nothing is boxed where no trace is made.</summary>
    /// <param name="name">Name, one of a few.</param>
    /// <param name="value">Value.</param>
    public void Note(string name, long value)
    {
        if (_activity is { IsAllDataRequested: true } activity)
        {
            activity.SetTag(name, value);
        }
    }

    /// <summary>Marks the stage as failed.</summary>
    /// <param name="cause">Why.</param>
    public void Failed(string cause) => _activity?.SetStatus(ActivityStatusCode.Error, cause);

    /// <summary>Ends the stage.</summary>
    public void Dispose()
    {
        if (_started != 0)
        {
            StageTelemetry.Record(_stage, _backend, _started);
        }

        _activity?.Dispose();
    }
}

/// <summary>What a piece of work belongs to: kept by a queue, so that the thread that does the work can say so.</summary>
/// <param name="Context">The activity that asked for it.</param>
/// <param name="Layer">The layer that it is for; null where unknown.</param>
public readonly record struct StageOrigin(ActivityContext Context, string? Layer)
{
    /// <summary>Gets the origin of what this flow of execution asks for now; the default where no trace is made.</summary>
    public static StageOrigin Current => Activity.Current is { } activity && activity.Source.Name == StageTelemetry.Name
        ? new StageOrigin(activity.Context, LayerOf(activity))
        : default;

    /// <summary>Finds the layer of an activity: its own or that of one around it.</summary>
    /// <param name="activity">The activity.</param>
    public static string? LayerOf(Activity activity)
    {
        for (Activity? at = activity; at is not null; at = at.Parent)
        {
            if (at.GetTagItem(StageTelemetry.LayerTag) is string layer)
            {
                return layer;
            }
        }

        return null;
    }
}
