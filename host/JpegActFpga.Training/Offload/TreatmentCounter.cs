using JpegActFpga.Offload.Statistics;

namespace JpegActFpga.Training.Offload;

/// <summary>Counts for <see cref="ActivationOffloadStatistics"/>. Safe from any thread.</summary>
internal sealed class TreatmentCounter
{
    private readonly Lock _lock = new();
    private readonly Dictionary<Treatment, TreatmentCount> _treatments = [];
    private readonly Dictionary<ActivationLabel, TreatmentCount> _labels = [];
    private long _distinct;
    private long _packed;
    private long _held;
    private long _peakHeld;

    /// <summary>A tensor stays as it is.</summary>
    public void Kept(Treatment why, ActivationLabel label, long bytes)
    {
        lock (_lock)
        {
            _treatments[why] = _treatments.GetValueOrDefault(why).With(bytes, bytes);
            _labels[label] = _labels.GetValueOrDefault(label).With(bytes, bytes);
        }
    }

    /// <summary>A tensor was packed; what is held for it is told by <see cref="Stored"/>, maybe later.</summary>
    /// <param name="how">The treatment.</param>
    /// <param name="label">Whose it is.</param>
    /// <param name="bytes">Bytes of the tensor.</param>
    public void Packed(Treatment how, ActivationLabel label, long bytes)
    {
        lock (_lock)
        {
            _treatments[how] = _treatments.GetValueOrDefault(how).With(bytes, 0);
            _labels[label] = _labels.GetValueOrDefault(label).With(bytes, 0);
        }
    }

    /// <summary>A tensor that no other save is alive of has its bytes in their stead: from now on it counts in the ratio.</summary>
    /// <param name="bytes">Bytes of the tensor.</param>
    public void Replaced(long bytes)
    {
        lock (_lock)
        {
            _distinct += bytes;
        }
    }

    /// <summary>Bytes are held for a tensor that was packed: its frame is stored, or its integers are narrowed.</summary>
    /// <param name="how">The treatment.</param>
    /// <param name="label">Whose it is.</param>
    /// <param name="held">Bytes newly held for it.</param>
    public void Stored(Treatment how, ActivationLabel label, long held)
    {
        lock (_lock)
        {
            _treatments[how] = _treatments.GetValueOrDefault(how).Holding(held);
            _labels[label] = _labels.GetValueOrDefault(label).Holding(held);
            _packed += held;
            _held += held;
            _peakHeld = Math.Max(_peakHeld, _held);
        }
    }

    /// <summary>Bytes are held no more.</summary>
    public void Freed(long held)
    {
        lock (_lock)
        {
            _held -= held;
        }
    }

    public ActivationOffloadStatistics Snapshot()
    {
        lock (_lock)
        {
            return new ActivationOffloadStatistics(
                new Dictionary<Treatment, TreatmentCount>(_treatments),
                [.. _labels],
                _distinct,
                _packed,
                _held,
                _peakHeld);
        }
    }
}
