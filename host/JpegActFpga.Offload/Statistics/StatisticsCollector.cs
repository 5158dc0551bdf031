using JpegActFpga.Core.Backends;
using JpegActFpga.Core.Observability;
using JpegActFpga.Core.Profiles;
using JpegActFpga.Offload.Pipeline;
using JpegActFpga.Offload.Resilience;

namespace JpegActFpga.Offload.Statistics;

/// <summary>Counts what an engine does. Safe from any thread.</summary>
internal sealed class StatisticsCollector
{
    // Messages name units and sizes: there are many, but a week's run must not collect them without end.
    private const int MaxCauses = 256;

    private readonly Lock _lock = new();
    private readonly Dictionary<(string Backend, string Device, CodecMethod Method), WorkSums> _methods = [];
    private readonly Dictionary<(ResilienceEvent Event, string Backend), long> _events = [];
    private readonly Dictionary<(string From, string To, string Cause), long> _fallbacks = [];
    private readonly Dictionary<ActivationLabel, WorkSums> _labels = [];
    private long _retries;
    private long _nonFinite;
    private long _leftAlone;
    private long _heldBytes;
    private long _heldTensorBytes;
    private long _peakHeldBytes;
    private long _peakHeldTensorBytes;

    internal void Compressed(BackendCapabilities backend, CompressResult result, CodecMethod asked, long tensorBytes, TimeSpan time, ActivationLabel? label)
    {
        OffloadTelemetry.Compressed(backend.Name, result.Method, tensorBytes, result.FrameBytes);
        if (result.Method != asked)
        {
            OffloadTelemetry.KeptNonFinite();
        }

        lock (_lock)
        {
            Entry(backend, result.Method).Compressed(tensorBytes, result.FrameBytes, time);
            _nonFinite += result.Method != asked ? 1 : 0;
            if (label is not null)
            {
                Entry(label).Compressed(tensorBytes, result.FrameBytes, time);
            }
        }
    }

    internal void Expanded(BackendCapabilities backend, Activation activation, TimeSpan time)
    {
        OffloadTelemetry.Expanded(backend.Name, activation.Method, activation.FrameBytes, activation.Spec.ByteCount);
        lock (_lock)
        {
            Entry(backend, activation.Method).Expanded(time);
            if (activation.Label is { } label)
            {
                Entry(label).Expanded(time);
            }
        }
    }

    internal void FellBack(string from, string to, string cause)
    {
        lock (_lock)
        {
            string counted = _fallbacks.Count < MaxCauses || _fallbacks.ContainsKey((from, to, cause)) ? cause : "other causes";
            _fallbacks[(from, to, counted)] = _fallbacks.GetValueOrDefault((from, to, counted)) + 1;
        }
    }

    internal void Count(ResilienceEvent kind, string backend)
    {
        lock (_lock)
        {
            _events[(kind, backend)] = _events.GetValueOrDefault((kind, backend)) + 1;
            _retries += kind == ResilienceEvent.Retry ? 1 : 0;
        }
    }

    internal void LeftAlone()
    {
        lock (_lock)
        {
            _leftAlone++;
        }
    }

    internal void Held(long frameBytes, long tensorBytes)
    {
        OffloadTelemetry.Held(frameBytes, tensorBytes);
        lock (_lock)
        {
            _heldBytes += frameBytes;
            _heldTensorBytes += tensorBytes;
            _peakHeldBytes = Math.Max(_peakHeldBytes, _heldBytes);
            _peakHeldTensorBytes = Math.Max(_peakHeldTensorBytes, _heldTensorBytes);
        }
    }

    internal OffloadStatistics Snapshot()
    {
        lock (_lock)
        {
            return new OffloadStatistics(
                [.. _methods.Select(m => m.Value.Of(m.Key.Backend, m.Key.Device, m.Key.Method)).OrderBy(m => m.Backend, StringComparer.Ordinal).ThenBy(m => m.Device, StringComparer.Ordinal).ThenBy(m => m.Method)],
                [.. _labels.Select(l => l.Value.Of(l.Key))],
                [.. _fallbacks.Select(f => new FallbackStatistics(f.Key.From, f.Key.To, f.Key.Cause, f.Value)).OrderByDescending(f => f.Count)],
                _retries,
                _nonFinite,
                _leftAlone,
                _heldBytes,
                _heldTensorBytes,
                _peakHeldBytes,
                _peakHeldTensorBytes)
            {
                Events = [.. _events.Select(e => new ResilienceEventCount(e.Key.Event, e.Key.Backend, e.Value)).OrderBy(e => e.Event).ThenBy(e => e.Backend, StringComparer.Ordinal)],
            };
        }
    }

    /// <summary>Starts counting work anew. What is held stays, and so do failures: none of those may get lost.</summary>
    internal void Reset()
    {
        lock (_lock)
        {
            _methods.Clear();
            _labels.Clear();
            _leftAlone = 0;
            (_peakHeldBytes, _peakHeldTensorBytes) = (_heldBytes, _heldTensorBytes);
        }
    }

    private WorkSums Entry(ActivationLabel label)
    {
        if (!_labels.TryGetValue(label, out WorkSums? sums))
        {
            _labels[label] = sums = new WorkSums();
        }

        return sums;
    }

    private WorkSums Entry(BackendCapabilities backend, CodecMethod method)
    {
        if (!_methods.TryGetValue((backend.Name, backend.Device, method), out WorkSums? sums))
        {
            _methods[(backend.Name, backend.Device, method)] = sums = new WorkSums();
        }

        return sums;
    }
}
