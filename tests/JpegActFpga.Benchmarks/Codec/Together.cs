namespace JpegActFpga.Benchmarks.Codec;

/// <summary>What a codec gives on all tensors of a data set: bytes over seconds, bytes over bytes, error over power.</summary>
internal sealed class Together(string name)
{
    private readonly List<string> _order = [];
    private readonly Dictionary<string, Sum> _sums = [];
    private int _tensors;
    private long _bytes;

    /// <summary>Adds a tensor.</summary>
    /// <param name="bytes">Bytes of the tensor.</param>
    /// <param name="power">Sum of its squares.</param>
    /// <param name="timings">What was timed.</param>
    /// <param name="quality">Of each codec, under the name of its encoder.</param>
    internal void Add(long bytes, double power, IReadOnlyList<Timing> timings, IReadOnlyDictionary<string, (double? Ratio, double? Nrmse)> quality)
    {
        _tensors++;
        _bytes += bytes;
        foreach (Timing timing in timings)
        {
            if (!_sums.TryGetValue(timing.Name, out Sum sum))
            {
                _order.Add(timing.Name);
                sum = new Sum(0, 0, 0, 0, 0);
            }

            (double? ratio, double? nrmse) = quality.GetValueOrDefault(timing.Name);
            _sums[timing.Name] = sum with
            {
                BestSeconds = sum.BestSeconds + (bytes / timing.BestGBps),
                MedianSeconds = sum.MedianSeconds + (bytes / timing.MedianGBps),
                Compressed = sum.Compressed + (bytes / ratio),
                Error = sum.Error + (nrmse * nrmse * power),
                Power = sum.Power + power,
            };
        }
    }

    /// <summary>Adds a section.</summary>
    internal void AddTo(Report report)
    {
        if (_tensors == 0)
        {
            return;
        }

        Timing[] timings = [.. _order.Select(codec => new Timing(codec, _bytes / _sums[codec].BestSeconds, _bytes / _sums[codec].MedianSeconds, 100 * ((_sums[codec].MedianSeconds / _sums[codec].BestSeconds) - 1)))];
        report.Add($"Beside others, 1 thread: all {_tensors} tensors of {name}, {_bytes} bytes", 1, timings, _order.ToDictionary(
            codec => codec,
            codec => ((double?)(_bytes / _sums[codec].Compressed), _sums[codec].Error is { } error ? Math.Sqrt(error / _sums[codec].Power) : (double?)null)));
    }

    private readonly record struct Sum(double BestSeconds, double MedianSeconds, double? Compressed, double? Error, double Power);
}
