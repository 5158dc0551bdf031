using JpegActFpga.Core.Observability;
using JpegActFpga.Training.Native;
using JpegActFpga.Training.SavedTensors;
using TorchSharp;
using static TorchSharp.torch;

namespace JpegActFpga.Training.Recomputation;

/// <summary>
/// One run of a segment in a forward pass: what is needed to run it again, and the tensors that the second run saved.
/// Safe from any thread.
/// </summary>
internal sealed class SegmentRun
{
    private readonly Lock _lock = new();
    private readonly Segment _segment;
    private readonly Tensor _input;
    private readonly uint _inputVersion;
    private readonly bool _inputNeedsGradient;
    private readonly GeneratorStates _generators;
    private readonly bool[] _training;
    private readonly Action<TimeSpan> _ranAgain;
    private readonly List<Tensor?> _tensors = [];
    private int _live;
    private bool _ended;

    /// <summary>Begins a run.</summary>
    /// <param name="segment">The segment.</param>
    /// <param name="input">Its input.</param>
    /// <param name="ranAgain">Told how long each second run took.</param>
    internal SegmentRun(Segment segment, Tensor input, Action<TimeSpan> ranAgain)
    {
        (_segment, _ranAgain) = (segment, ranAgain);
        _input = input.detach().DetachFromDisposeScope();
        _inputVersion = AutogradNodes.VersionOf(_input);
        _inputNeedsGradient = input.requires_grad;
        _generators = GeneratorStates.Keep(input.device_type);
        _training = [.. segment.Modules.Select(module => module.training)];
    }

    /// <summary>A tensor is saved. Gives its number.</summary>
    internal int Save()
    {
        lock (_lock)
        {
            _tensors.Add(null);
            _live++;
            return _tensors.Count - 1;
        }
    }

    /// <summary>The run ended: where it saved nothing, nothing of it is needed.</summary>
    internal void End()
    {
        lock (_lock)
        {
            _ended = true;
            FreeWhenDone();
        }
    }

    /// <summary>Gives a saved tensor back, and runs the segment again where it is not there. The caller owns it.</summary>
    internal Tensor Take(int number)
    {
        lock (_lock)
        {
            if (_tensors[number] is null)
            {
                RunAgain();
            }

            Tensor tensor = _tensors[number]!;
            _tensors[number] = null;
            return tensor;
        }
    }

    /// <summary>A saved tensor is no longer needed.</summary>
    internal void Release(int number)
    {
        lock (_lock)
        {
            _tensors[number]?.Dispose();
            _tensors[number] = null;
            _live--;
            FreeWhenDone();
        }
    }

    private void FreeWhenDone()
    {
        if (_ended && _live == 0)
        {
            _input.Dispose();
            _generators.Dispose();
        }
    }

    private void RunAgain()
    {
        if (AutogradNodes.VersionOf(_input) != _inputVersion)
        {
            throw new InvalidOperationException($"the input of segment '{_segment.Name}' was modified in place after the segment began (an in-place operation on it?): it can't be run again");
        }

        if (!_segment.Modules.Select(module => module.training).SequenceEqual(_training))
        {
            throw new InvalidOperationException($"segment '{_segment.Name}' was switched between training and evaluation after its forward pass: it can't be run again");
        }

        long started = System.Diagnostics.Stopwatch.GetTimestamp();
        using StageScope stage = StageTelemetry.Start(Stage.Recompute, lane: "training", layer: _segment.Name);
        var capture = new Capture();
        using GeneratorStates generators = GeneratorStates.Keep(_input.device_type);
        (Tensor Buffer, Tensor Before)[] buffers = [.. _segment.Modules.SelectMany(module => module.buffers()).Select(buffer => (buffer, buffer.clone()))];
        bool ran = false;
        try
        {
            _generators.Restore();

            // What modules hand on goes when the segment has run, not when the step ends.
            using DisposeScope scope = NewDisposeScope();
            using IDisposable gradients = enable_grad();
            using IDisposable hooked = SavedTensorsHooks.UseInsideHook(capture);
            Tensor value = _input.detach().requires_grad_(_inputNeedsGradient);
            foreach (nn.Module<Tensor, Tensor> module in _segment.Modules)
            {
                value = module.call(value);
            }

            ran = true;
        }
        finally
        {
            if (!ran)
            {
                capture.Tensors.ForEach(tensor => tensor.Dispose());
            }

            try
            {
                generators.Restore();
            }
            finally
            {
                PutBack(buffers);
            }
        }

        Keep(capture);
        _ranAgain(System.Diagnostics.Stopwatch.GetElapsedTime(started));
    }

    // Running means and counts moved on in the first run already.
    private static void PutBack((Tensor Buffer, Tensor Before)[] buffers)
    {
        using IDisposable gradients = no_grad();
        foreach ((Tensor buffer, Tensor before) in buffers)
        {
            buffer.copy_(before);
            before.Dispose();
        }
    }

    private void Keep(Capture capture)
    {
        try
        {
            SavedTensorsHooks.ThrowIfFailed(capture);
            if (capture.Tensors.Count != _tensors.Count)
            {
                throw new InvalidOperationException($"segment '{_segment.Name}' saved {_tensors.Count} tensors when it ran first and {capture.Tensors.Count} when it ran again: its modules must do the same each time");
            }
        }
        catch
        {
            capture.Tensors.ForEach(tensor => tensor.Dispose());
            throw;
        }

        for (int i = 0; i < _tensors.Count; i++)
        {
            _tensors[i]?.Dispose();
            _tensors[i] = capture.Tensors[i];
        }
    }

    /// <summary>Takes what the second run saves, in order, without its graph.</summary>
    private sealed class Capture : ISavedTensorHooks
    {
        internal List<Tensor> Tensors { get; } = [];

        public object? Pack(in SavedTensorInfo info, Tensor tensor)
        {
            Tensors.Add(tensor.detach().DetachFromDisposeScope());
            return this;
        }

        public Tensor Unpack(object packed) => throw new NotSupportedException("no backward pass goes through a second run");

        public void Release(object packed)
        {
        }
    }
}
