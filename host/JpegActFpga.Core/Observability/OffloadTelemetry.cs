using System.Diagnostics.Metrics;
using JpegActFpga.Core.Profiles;

namespace JpegActFpga.Core.Observability;

/// <summary>Work that waits, or is under way, in the offload engine.</summary>
public enum Backlog
{
    /// <summary>Activations stashed and not in the store yet.</summary>
    Compress,

    /// <summary>Transfers between host and devices.</summary>
    Transfer,

    /// <summary>Frames on their way to disk.</summary>
    Spill,

    /// <summary>Frames that are expanded ahead of the backward pass.</summary>
    Prefetch,

    /// <summary>Results that the reference model is making again.</summary>
    Verify,
}

/// <summary>What the offload engine and its backends count, for meters of name <see cref="StageTelemetry.Name"/>.</summary>
/// <remarks>
/// Process-wide, all engines together; safe from any thread; nothing is allocated, and where nobody listens nothing is done
/// but to add to the sums of what is held and queued, which are right whenever a listener comes. docs/observability.md lists
/// names and units.
/// </remarks>
public static class OffloadTelemetry
{
    private const string Method = "jpegact.method";
    private const string Cause = "jpegact.cause";

    private static readonly long[] Queues = new long[Enum.GetValues<Backlog>().Length];
    private static readonly string[] QueueNames = [.. Enum.GetNames<Backlog>().Select(name => name.ToLowerInvariant())];
    private static readonly Counter<long> CompressIn = Bytes("jpegact.compress.input", "Bytes of tensors compressed.");
    private static readonly Counter<long> CompressOut = Bytes("jpegact.compress.output", "Bytes of their frames.");
    private static readonly Histogram<double> Ratio = StageTelemetry.Meter.CreateHistogram(
        "jpegact.compress.ratio",
        "1",
        "Tensor bytes over frame bytes, of each tensor.",
        advice: new InstrumentAdvice<double> { HistogramBucketBoundaries = [1, 1.5, 2, 3, 4, 5, 6, 8, 10, 12, 16, 24, 32] });

    private static readonly Counter<long> ExpandIn = Bytes("jpegact.expand.input", "Bytes of frames expanded.");
    private static readonly Counter<long> ExpandOut = Bytes("jpegact.expand.output", "Bytes of their tensors.");
    private static readonly Counter<long> Fallbacks = Count("jpegact.fallbacks", "{call}", "Calls that another backend did, by cause.");
    private static readonly Counter<long> Retries = Count("jpegact.retries", "{call}", "Calls repeated on the same backend.");
    private static readonly Counter<long> CircuitChanges = Count("jpegact.circuit.changes", "{change}", "Circuit breakers that opened, half-opened or closed.");
    private static readonly Counter<long> Leaks = Count("jpegact.leaks", "{buffer}", "Buffers given up because a device may still write to them.");
    private static readonly Counter<long> LeakedBytes = Bytes("jpegact.leaked", "Bytes of those buffers.");
    private static readonly Counter<long> Reclaims = Count("jpegact.leaks.reclaimed", "{buffer}", "Leaked buffers that could be had back, because what held them has ended after all.");
    private static readonly Counter<long> ReclaimedBytes = Bytes("jpegact.leaked.reclaimed", "Bytes of those buffers.");
    private static readonly Counter<long> Verifications = Count("jpegact.verifications", "{result}", "Results that the reference model made again, by outcome.");
    private static readonly Counter<long> NonFinite = Count("jpegact.tensors.non_finite", "{tensor}", "Tensors kept raw because of a NaN or an infinity.");
    private static readonly Counter<long> FramesLost = Count("jpegact.frames.lost", "{frame}", "Kept frames that could not be had back.");
    private static readonly Counter<long> PrefetchFailures = Count("jpegact.prefetch.failures", "{call}", "Expansions ahead of need that failed and were left to the backward pass.");
    private static readonly Counter<long> Replays = Count("jpegact.steps.replayed", "{step}", "Training steps repeated because an activation was lost.");

    private static long _leakedBuffers;
    private static long _leakedBytes;
    private static long _heldFrames;
    private static long _heldTensors;

    static OffloadTelemetry()
    {
        StageTelemetry.Meter.CreateObservableUpDownCounter("jpegact.queue.depth", Depths, "{item}", "Work waiting or under way, by queue.");
        StageTelemetry.Meter.CreateObservableUpDownCounter("jpegact.held.frames", () => HeldFrameBytes, "By", "Bytes of frames held for backward passes.");
        StageTelemetry.Meter.CreateObservableUpDownCounter("jpegact.held.tensors", () => Interlocked.Read(ref _heldTensors), "By", "Bytes of the tensors that they stand for.");
    }

    /// <summary>Gets the bytes of frames held now, of all engines.</summary>
    public static long HeldFrameBytes => Interlocked.Read(ref _heldFrames);

    /// <summary>Gives the work in a queue now, of all engines.</summary>
    /// <param name="queue">The queue.</param>
    public static long Depth(Backlog queue) => Interlocked.Read(ref Queues[(int)queue]);

    /// <summary>Work came into a queue or left it.</summary>
    /// <param name="queue">The queue.</param>
    /// <param name="change">Pieces of work more.</param>
    public static void Queued(Backlog queue, int change) => Interlocked.Add(ref Queues[(int)queue], change);

    /// <summary>Frames are held, or no more.</summary>
    /// <param name="frameBytes">Bytes of frames more.</param>
    /// <param name="tensorBytes">Bytes of their tensors more.</param>
    public static void Held(long frameBytes, long tensorBytes)
    {
        Interlocked.Add(ref _heldFrames, frameBytes);
        Interlocked.Add(ref _heldTensors, tensorBytes);
    }

    /// <summary>A tensor was compressed.</summary>
    /// <param name="backend">Short name of the backend.</param>
    /// <param name="method">Method of the frame.</param>
    /// <param name="tensorBytes">Bytes of the tensor.</param>
    /// <param name="frameBytes">Bytes of the frame.</param>
    public static void Compressed(string backend, CodecMethod method, long tensorBytes, long frameBytes)
    {
        if (CompressIn.Enabled || CompressOut.Enabled || Ratio.Enabled)
        {
            var by = new KeyValuePair<string, object?>(StageTelemetry.BackendTag, backend);
            var how = new KeyValuePair<string, object?>(Method, method.DisplayName());
            CompressIn.Add(tensorBytes, by, how);
            CompressOut.Add(frameBytes, by, how);
            if (frameBytes > 0)
            {
                Ratio.Record((double)tensorBytes / frameBytes, by, how);
            }
        }
    }

    /// <summary>A frame was expanded.</summary>
    /// <param name="backend">Short name of the backend.</param>
    /// <param name="method">Method of the frame.</param>
    /// <param name="frameBytes">Bytes of the frame.</param>
    /// <param name="tensorBytes">Bytes of the tensor.</param>
    public static void Expanded(string backend, CodecMethod method, long frameBytes, long tensorBytes)
    {
        if (ExpandIn.Enabled || ExpandOut.Enabled)
        {
            var by = new KeyValuePair<string, object?>(StageTelemetry.BackendTag, backend);
            var how = new KeyValuePair<string, object?>(Method, method.DisplayName());
            ExpandIn.Add(frameBytes, by, how);
            ExpandOut.Add(tensorBytes, by, how);
        }
    }

    /// <summary>Another backend did a call.</summary>
    /// <param name="from">Backend that failed.</param>
    /// <param name="to">Backend that did the work.</param>
    /// <param name="cause">Why: one of a few words, such as a failure's kind; never a message.</param>
    public static void FellBack(string from, string to, string cause) => Fallbacks.Add(
        1,
        new KeyValuePair<string, object?>("jpegact.from", from),
        new KeyValuePair<string, object?>("jpegact.to", to),
        new KeyValuePair<string, object?>(Cause, cause));

    /// <summary>A call is repeated on the same backend.</summary>
    /// <param name="backend">The backend.</param>
    /// <param name="cause">Why: one of a few words.</param>
    public static void Retried(string backend, string cause) =>
        Retries.Add(1, new KeyValuePair<string, object?>(StageTelemetry.BackendTag, backend), new KeyValuePair<string, object?>(Cause, cause));

    /// <summary>A circuit breaker changed its state.</summary>
    /// <param name="backend">The backend behind it.</param>
    /// <param name="state">open, half-open or closed.</param>
    public static void CircuitChanged(string backend, string state) =>
        CircuitChanges.Add(1, new KeyValuePair<string, object?>(StageTelemetry.BackendTag, backend), new KeyValuePair<string, object?>("jpegact.state", state));

    /// <summary>Buffers were given up because a device may still write to them.</summary>
    /// <param name="backend">The backend.</param>
    /// <param name="buffers">Buffers.</param>
    /// <param name="bytes">Their bytes.</param>
    public static void Leaked(string backend, int buffers, long bytes)
    {
        var by = new KeyValuePair<string, object?>(StageTelemetry.BackendTag, backend);
        Leaks.Add(buffers, by);
        LeakedBytes.Add(bytes, by);
        Interlocked.Add(ref _leakedBuffers, buffers);
        Interlocked.Add(ref _leakedBytes, bytes);
    }

    /// <summary>Leaked buffers were had back.</summary>
    /// <param name="backend">The backend.</param>
    /// <param name="buffers">Buffers.</param>
    /// <param name="bytes">Their bytes.</param>
    public static void Reclaimed(string backend, int buffers, long bytes)
    {
        var by = new KeyValuePair<string, object?>(StageTelemetry.BackendTag, backend);
        Reclaims.Add(buffers, by);
        ReclaimedBytes.Add(bytes, by);
        Interlocked.Add(ref _leakedBuffers, -buffers);
        Interlocked.Add(ref _leakedBytes, -bytes);
    }

    /// <summary>Gets the buffers that were leaked and not had back, of the whole process, and their bytes.</summary>
    public static (long Buffers, long Bytes) LeakedNow => (Interlocked.Read(ref _leakedBuffers), Interlocked.Read(ref _leakedBytes));

    /// <summary>The reference model made a result again.</summary>
    /// <param name="backend">The backend whose result it was.</param>
    /// <param name="equal">Every byte was equal.</param>
    public static void Verified(string backend, bool equal) =>
        Verifications.Add(1, new KeyValuePair<string, object?>(StageTelemetry.BackendTag, backend), new KeyValuePair<string, object?>("jpegact.outcome", equal ? "equal" : "different"));

    /// <summary>A tensor was kept raw because of a NaN or an infinity.</summary>
    public static void KeptNonFinite() => NonFinite.Add(1);

    /// <summary>A kept frame could not be had back.</summary>
    public static void FrameLost() => FramesLost.Add(1);

    /// <summary>An expansion ahead of need failed.</summary>
    public static void PrefetchFailed() => PrefetchFailures.Add(1);

    /// <summary>A training step is repeated because an activation was lost.</summary>
    public static void StepReplayed() => Replays.Add(1);

    private static Counter<long> Bytes(string name, string description) => Count(name, "By", description);

    private static Counter<long> Count(string name, string unit, string description) => StageTelemetry.Meter.CreateCounter<long>(name, unit, description);

    private static Measurement<long>[] Depths()
    {
        var depths = new Measurement<long>[Queues.Length];
        for (int queue = 0; queue < depths.Length; queue++)
        {
            depths[queue] = new Measurement<long>(Interlocked.Read(ref Queues[queue]), new KeyValuePair<string, object?>("jpegact.queue", QueueNames[queue]));
        }

        return depths;
    }
}
