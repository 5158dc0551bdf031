using JpegActFpga.Training.SavedTensors;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace JpegActFpga.Training.Recomputation;

/// <summary>What <see cref="RecomputeHooks"/> did so far.</summary>
/// <param name="Segments">Segments of the models attached.</param>
/// <param name="Saves">Tensors that autograd saved within segments.</param>
/// <param name="SavedBytes">Their bytes, each tensor once, without parameters: what autograd would have held.</param>
/// <param name="InputBytes">Bytes of the segments' inputs, held in their stead.</param>
/// <param name="KeptSaves">Tensors saved outside segments, which stay as they are.</param>
/// <param name="KeptBytes">Their bytes, counting each save.</param>
/// <param name="Reruns">How often a segment was run again.</param>
/// <param name="RerunTime">The time of that.</param>
public sealed record RecomputeStatistics(
    int Segments, long Saves, long SavedBytes, long InputBytes, long KeptSaves, long KeptBytes, long Reruns, TimeSpan RerunTime);

/// <summary>
/// Checkpointing by saved-tensor hooks: of a segment of the model only the input is kept; when the backward pass asks for a
/// tensor that the segment saved, the segment is run again, and what it saves then is given out.
/// </summary>
/// <remarks>
/// <para>
/// The second run has the random numbers of the first (dropout), and buffers (running means) are put back after it, so
/// training is bit-equal to training without. Modules must do the same each time, must not modify the segment's input in
/// place, and must be run by <c>call</c>; where a second run saves other tensors the backward pass fails.
/// </para>
/// <para>Safe from any thread; a forward pass runs on one.</para>
/// </remarks>
public sealed class RecomputeHooks : ISavedTensorHooks, ICompressionReport, IDisposable
{
    private readonly ThreadLocal<State> _state = new(() => new State());
    private readonly List<Action> _detach = [];
    private readonly Lock _lock = new();
    private readonly HashSet<SavedValueKey> _seen = [];
    private RecomputeStatistics _statistics = new(0, 0, 0, 0, 0, 0, 0, TimeSpan.Zero);

    /// <summary>What was done so far.</summary>
    public RecomputeStatistics Statistics
    {
        get
        {
            lock (_lock)
            {
                return _statistics;
            }
        }
    }

    /// <inheritdoc/>
    public double? CompressionRatio => Statistics is { InputBytes: > 0 } known ? (double)known.SavedBytes / known.InputBytes : null;

    /// <summary>Cuts a model at the places that it tells, until this object is disposed.</summary>
    /// <param name="model">The model.</param>
    /// <param name="segments">Most segments; 1 or more. Fewer hold less between forward and backward, and more within it.</param>
    /// <exception cref="ArgumentException">The model is no <see cref="ISegmentedModel"/>: name the places.</exception>
    public void Attach(Module<Tensor, Tensor> model, int segments = int.MaxValue) => Attach(
        model,
        (model as ISegmentedModel ?? throw new ArgumentException($"{model?.GetType().Name} does not tell where to cut it; name the children of its Sequential at which segments begin", nameof(model))).SegmentStarts,
        segments);

    /// <summary>Cuts a model, until this object is disposed.</summary>
    /// <param name="model">The model.</param>
    /// <param name="starts">Where segments may begin: see <see cref="ISegmentedModel.SegmentStarts"/>.</param>
    /// <param name="segments">Most segments; 1 or more.</param>
    /// <exception cref="ArgumentException">A name is unknown, or the names are not children of one Sequential in its order.</exception>
    public void Attach(Module<Tensor, Tensor> model, IReadOnlyList<string> starts, int segments = int.MaxValue)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(starts);
        ArgumentOutOfRangeException.ThrowIfLessThan(segments, 1);
        IReadOnlyList<Segment> cut = Segment.Cut(model, starts, segments);

        // A forward pass that an exception left in a segment is over when the next one begins.
        _detach.Add(model.register_forward_pre_hook((Action<Module>)(_ => _state.Value!.Reset())).remove);
        foreach (Segment segment in cut)
        {
            _detach.Add(segment.Modules[0].register_forward_pre_hook((_, input) => Begin(segment, input)).remove);
            _detach.Add(segment.Modules[^1].register_forward_hook((_, _, output) => End(segment, output)).remove);
        }

        Count(known => known with { Segments = known.Segments + cut.Count });
    }

    /// <summary>Stops following the models attached. Graphs alive stay good.</summary>
    public void Dispose()
    {
        _detach.ForEach(detach => detach());
        _detach.Clear(); // and not the state: graphs alive run segments again
    }

    /// <inheritdoc/>
    public object? Pack(in SavedTensorInfo info, Tensor tensor)
    {
        long bytes = info.Bytes;
        if (_state.Value!.Run is not { } run)
        {
            Count(known => known with { KeptSaves = known.KeptSaves + 1, KeptBytes = known.KeptBytes + bytes });
            return null;
        }

        lock (_lock)
        {
            bool counts = !info.IsParameter && !info.IsLeaf && (info.Key is not { } key || _seen.Add(key));
            _statistics = _statistics with { Saves = _statistics.Saves + 1, SavedBytes = _statistics.SavedBytes + (counts ? bytes : 0) };
        }

        return new Slot(run, run.Save());
    }

    /// <inheritdoc/>
    public Tensor Unpack(object packed)
    {
        Slot slot = (Slot)packed;
        State state = _state.Value!;
        bool outer = state.RunsAgain;
        state.RunsAgain = true;
        try
        {
            return slot.Run.Take(slot.Number);
        }
        finally
        {
            state.RunsAgain = outer;
        }
    }

    /// <inheritdoc/>
    public void Release(object packed)
    {
        Slot slot = (Slot)packed;
        slot.Run.Release(slot.Number);
    }

    private Tensor Begin(Segment segment, Tensor input)
    {
        State state = _state.Value!;

        // Within a segment another one, of the same model cut twice, is a part of it.
        if (!state.RunsAgain && state.Run is null && is_grad_enabled())
        {
            lock (_lock)
            {
                _seen.Clear();
                long held = input.is_leaf ? 0 : input.numel() * input.element_size();
                _statistics = _statistics with { InputBytes = _statistics.InputBytes + held };
            }

            state.Run = new SegmentRun(segment, input, RanAgain);
            state.Segment = segment;
        }

        return input;
    }

    private Tensor End(Segment segment, Tensor output)
    {
        State state = _state.Value!;
        if (!state.RunsAgain && ReferenceEquals(state.Segment, segment))
        {
            state.Reset();
        }

        return output;
    }

    private void RanAgain(TimeSpan time) => Count(known => known with { Reruns = known.Reruns + 1, RerunTime = known.RerunTime + time });

    private void Count(Func<RecomputeStatistics, RecomputeStatistics> change)
    {
        lock (_lock)
        {
            _statistics = change(_statistics);
        }
    }

    /// <summary>What a thread's forward pass is in.</summary>
    private sealed class State
    {
        public SegmentRun? Run { get; set; }

        public Segment? Segment { get; set; }

        public bool RunsAgain { get; set; }

        public void Reset()
        {
            Run?.End();
            (Run, Segment) = (null, null);
        }
    }

    private sealed record Slot(SegmentRun Run, int Number);
}
