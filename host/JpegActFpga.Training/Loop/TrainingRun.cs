using System.Diagnostics;
using JpegActFpga.Core.Observability;
using JpegActFpga.Training.Data;
using JpegActFpga.Training.Native;
using JpegActFpga.Training.SavedTensors;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace JpegActFpga.Training.Loop;

/// <summary>The state of one training run: the steps, and what is measured in them.</summary>
internal sealed class TrainingRun(
    TrainingOptions options,
    Module<Tensor, Tensor> model,
    ImageDataset images,
    ISavedTensorHooks? hooks,
    Action<TrainingProgress>? progress)
{
    /// <summary>The row of a trace that the training thread has.</summary>
    private const string TrainingLane = "training";

    /// <summary>Full batches whose median is the memory held: in a single one, a collection may free what other steps left.</summary>
    private const int LastBatches = 9;

    private readonly BatchSampler _sampler = new(images.Count, options.Batch, options.DataSeed);
    private readonly BatchLoader _loader = new(images);
    private readonly Device _device = Trainer.DeviceOf(options);
    private readonly Stopwatch _clock = new();
    private readonly List<float> _losses = [];
    private readonly List<StepRepeat> _repeats = [];
    private long _imagesDone;
    private EpochSums _epoch;
    private long _peakHeld;
    private readonly Queue<long> _lastHeld = new(LastBatches);
    private long _peakResident;
    private bool _exactPeak;

    /// <summary>Trains all epochs.</summary>
    public void Train(CancellationToken cancellation)
    {
        using SGD optimizer = optim.SGD(
            model.parameters(), options.LearningRate, options.Momentum, weight_decay: options.WeightDecay);
        long steps = (long)_sampler.BatchesPerEpoch * options.Epochs;
        using StepState? state = hooks is null || options.StepRepeats == 0 ? null : new StepState(model);
        model.train();
        _exactPeak = ProcessMemory.TryResetPeakResident();
        _clock.Start();
        for (int epoch = 0; epoch < options.Epochs; epoch++)
        {
            _epoch = default;
            foreach (ReadOnlyMemory<int> batch in _sampler.Epoch(epoch))
            {
                cancellation.ThrowIfCancellationRequested();
                double rate = options.Schedule.RateAt(options.LearningRate, _losses.Count, steps);
                foreach (SGD.ParamGroup group in optimizer.ParamGroups.Cast<SGD.ParamGroup>())
                {
                    group.LearningRate = rate;
                }

                Step(optimizer, batch.Span, epoch, steps, state, cancellation);
            }
        }

        _clock.Stop();
        _peakResident = _exactPeak ? ProcessMemory.PeakResidentBytes() : _peakResident;
    }

    public TrainingResult Result(Evaluation evaluation) => new()
    {
        Steps = _losses.Count,
        Images = _imagesDone,
        Losses = _losses,
        Repeats = _repeats,
        TrainLoss = _epoch.MeanLoss,
        TrainAccuracy = _epoch.Accuracy,
        TestLoss = evaluation.Loss,
        TestAccuracy = evaluation.Accuracy,
        TestImages = evaluation.Images,
        TrainTime = _clock.Elapsed,
        PeakHeldBytes = _peakHeld,
        LastHeldBytes = _lastHeld.Count == 0 ? 0 : _lastHeld.Order().ElementAt(_lastHeld.Count / 2),
        PeakResidentBytes = _peakResident,
        PeakResidentIsExact = _exactPeak,
    };

    /// <summary>A step, repeated from its batch while it loses activations: nothing of a failed attempt stays.</summary>
    private void Step(SGD optimizer, ReadOnlySpan<int> batch, int epoch, long steps, StepState? state, CancellationToken cancellation)
    {
        state?.Save();
        for (int repeats = 0; ; repeats++)
        {
            try
            {
                Attempt(optimizer, batch, epoch, steps);
                return;
            }
            catch (SavedTensorHookException error) when (state is not null && StepRepeat.Mends(error))
            {
                // The attempt's graph is gone: with it went whatever else failed for the same cause.
                SavedTensorsHooks.ThrowIfFailedOtherwise(hooks!, StepRepeat.Mends);
                if (repeats == options.StepRepeats)
                {
                    throw new StepRepeatLimitException(_losses.Count + 1, repeats, error);
                }

                cancellation.ThrowIfCancellationRequested();
                _repeats.Add(new StepRepeat(_losses.Count + 1, error.InnerException!.Message));
                OffloadTelemetry.StepReplayed();
                state.Restore();
            }
        }
    }

    private void Attempt(SGD optimizer, ReadOnlySpan<int> batch, int epoch, long steps)
    {
        using StageScope step = StageTelemetry.Start(Stage.Step, lane: TrainingLane);
        step.Note("jpegact.step", _losses.Count + 1);
        using DisposeScope scope = NewDisposeScope();
        (Tensor inputs, Tensor labels) = Load(batch);
        long before = ProcessMemory.LiveBytes();
        (Tensor loss, long right) = Forward(inputs, labels);
        long held = ProcessMemory.LiveBytes() - before;

        float value = loss.item<float>();
        if (!float.IsFinite(value))
        {
            throw new TrainingDivergedException(_losses.Count + 1, value);
        }

        optimizer.zero_grad();
        Backward(loss);
        using (StageTelemetry.Start(Stage.Optimizer, lane: TrainingLane))
        {
            optimizer.step();
        }

        _losses.Add(value);
        _imagesDone += batch.Length;
        _epoch = _epoch.With(batch.Length, value, right);

        // The first step fills pools that live as long as the process; they are not held for the backward pass.
        _peakHeld = steps > 1 && _losses.Count == 1 ? 0 : Math.Max(_peakHeld, held);
        if (batch.Length == options.Batch)
        {
            if (_lastHeld.Count == LastBatches)
            {
                _lastHeld.Dequeue();
            }

            _lastHeld.Enqueue(held);
        }

        _peakResident = _exactPeak ? 0 : Math.Max(_peakResident, ProcessMemory.ResidentBytes());
        progress?.Invoke(new TrainingProgress(
            epoch + 1,
            _losses.Count,
            steps,
            value,
            _epoch.Accuracy,
            _imagesDone / _clock.Elapsed.TotalSeconds,
            held,
            (hooks as ICompressionReport)?.CompressionRatio));
    }

    private (Tensor Inputs, Tensor Labels) Load(ReadOnlySpan<int> batch)
    {
        using StageScope stage = StageTelemetry.Start(Stage.Load, lane: TrainingLane);
        return Trainer.Move(_loader.Load(batch), _device);
    }

    private void Backward(Tensor loss)
    {
        using StageScope stage = StageTelemetry.Start(Stage.Backward, lane: TrainingLane);
        if (hooks is null)
        {
            loss.backward();
        }
        else
        {
            SavedTensorsHooks.Backward(loss, hooks);
        }
    }

    /// <summary>The loss, with every other handle of the forward pass disposed: only the graph holds tensors afterwards.</summary>
    private (Tensor Loss, long Right) Forward(Tensor inputs, Tensor labels)
    {
        using StageScope stage = StageTelemetry.Start(Stage.Forward, lane: TrainingLane);
        using DisposeScope scope = NewDisposeScope();
        using IDisposable? hooked = hooks is null ? null : SavedTensorsHooks.Use(hooks);
        Tensor logits = model.call(inputs);
        Tensor loss = functional.cross_entropy(logits, labels);
        long right = Trainer.RightAnswers(logits.detach(), labels);
        return (loss.MoveToOuterDisposeScope(), right);
    }

    private readonly record struct EpochSums(long Images, double LossSum, long Right)
    {
        public double MeanLoss => Images == 0 ? double.NaN : LossSum / Images;

        public double Accuracy => Images == 0 ? double.NaN : (double)Right / Images;

        public EpochSums With(int images, double loss, long right) =>
            new(Images + images, LossSum + (loss * images), Right + right);
    }
}
