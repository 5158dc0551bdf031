using JpegActFpga.Core.Profiles;

namespace JpegActFpga.Offload.Statistics;

/// <summary>Sums of work of one kind. Not synchronised.</summary>
internal sealed class WorkSums
{
    private long _tensors;
    private long _tensorBytes;
    private long _frameBytes;
    private long _expansions;
    private TimeSpan _compressTime;
    private TimeSpan _expandTime;

    /// <summary>A tensor was compressed.</summary>
    internal void Compressed(long tensorBytes, long frameBytes, TimeSpan time)
    {
        _tensors++;
        _tensorBytes += tensorBytes;
        _frameBytes += frameBytes;
        _compressTime += time;
    }

    /// <summary>A frame was expanded.</summary>
    internal void Expanded(TimeSpan time)
    {
        _expansions++;
        _expandTime += time;
    }

    /// <summary>The sums, of a backend and method.</summary>
    internal MethodStatistics Of(string backend, string device, CodecMethod method) =>
        new(backend, device, method, _tensors, _tensorBytes, _frameBytes, _expansions, _compressTime, _expandTime);

    /// <summary>The sums, of a label.</summary>
    internal LabelStatistics Of(ActivationLabel label) =>
        new(label, _tensors, _tensorBytes, _frameBytes, _compressTime, _expansions, _expandTime);
}
