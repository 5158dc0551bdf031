namespace JpegActFpga.Training.Offload;

/// <summary>Counts for <see cref="ActivationOffloadStatistics"/>. Safe from any thread.</summary>
internal sealed class TreatmentCounter
{
    private readonly Lock _lock = new();
    private readonly Dictionary<Treatment, TreatmentCount> _treatments = [];
    private readonly Dictionary<string, TreatmentCount> _layers = [];
    private long _distinct;
    private long _packed;
    private long _held;
    private long _peakHeld;

    /// <summary>A tensor stays as it is.</summary>
    public void Kept(Treatment why, long bytes)
    {
        lock (_lock)
        {
            _treatments[why] = _treatments.GetValueOrDefault(why).With(bytes, bytes);
        }
    }

    /// <summary>A tensor was packed.</summary>
    /// <param name="how">The treatment.</param>
    /// <param name="layer">The layer that saved it, if known.</param>
    /// <param name="bytes">Bytes of the tensor.</param>
    /// <param name="held">Bytes newly held for it.</param>
    /// <param name="isNew">No other save of the same tensor is alive.</param>
    public void Packed(Treatment how, string? layer, long bytes, long held, bool isNew)
    {
        lock (_lock)
        {
            _treatments[how] = _treatments.GetValueOrDefault(how).With(bytes, held);
            if (layer is not null)
            {
                _layers[layer] = _layers.GetValueOrDefault(layer).With(isNew ? bytes : 0, held);
            }

            _distinct += isNew ? bytes : 0;
            _packed += held;
            _held += held;
            _peakHeld = Math.Max(_peakHeld, _held);
        }
    }

    /// <summary>Bytes are held for a tensor that was packed: its frame is stored.</summary>
    /// <param name="how">The treatment.</param>
    /// <param name="layer">The layer that saved it, if known.</param>
    /// <param name="held">Bytes newly held for it.</param>
    public void Stored(Treatment how, string? layer, long held)
    {
        lock (_lock)
        {
            _treatments[how] = _treatments.GetValueOrDefault(how).Holding(held);
            if (layer is not null)
            {
                _layers[layer] = _layers.GetValueOrDefault(layer).Holding(held);
            }

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
                new Dictionary<string, TreatmentCount>(_layers),
                _distinct,
                _packed,
                _held,
                _peakHeld);
        }
    }
}
