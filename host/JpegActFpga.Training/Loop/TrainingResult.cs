namespace JpegActFpga.Training.Loop;

/// <summary>The outcome of a run. Everything here was measured in it.</summary>
public sealed record TrainingResult
{
    /// <summary>Steps done.</summary>
    public required long Steps { get; init; }

    /// <summary>Images trained on, counting each epoch.</summary>
    public required long Images { get; init; }

    /// <summary>Loss of each step, in order.</summary>
    public required IReadOnlyList<float> Losses { get; init; }

    /// <summary>Steps that were repeated, once for each time, in order; empty where no activation was lost.</summary>
    public IReadOnlyList<StepRepeat> Repeats { get; init; } = [];

    /// <summary>Mean loss of the last epoch's images.</summary>
    public required double TrainLoss { get; init; }

    /// <summary>Share of the last epoch's images classified right as they were trained on, 0 to 1.</summary>
    public required double TrainAccuracy { get; init; }

    /// <summary>Mean loss of the test images after the last epoch.</summary>
    public required double TestLoss { get; init; }

    /// <summary>Share of the test images classified right after the last epoch, 0 to 1.</summary>
    public required double TestAccuracy { get; init; }

    /// <summary>Test images.</summary>
    public required int TestImages { get; init; }

    /// <summary>Time spent training: loading, forward, backward and update, without the evaluation.</summary>
    public required TimeSpan TrainTime { get; init; }

    /// <summary>Images a second while training.</summary>
    public double ImagesPerSecond => Images / TrainTime.TotalSeconds;

    /// <summary>
    /// Largest growth of malloc's live bytes over a forward pass, seen between it and its backward pass: what the graph
    /// holds for the backward pass. The first step, in which pools are filled, counts only where it is the only one.
    /// </summary>
    public required long PeakHeldBytes { get; init; }

    /// <summary>The same, the median of the run's last nine full batches.</summary>
    public required long LastHeldBytes { get; init; }

    /// <summary>Largest resident set of the process while training.</summary>
    public required long PeakResidentBytes { get; init; }

    /// <summary>
    /// The kernel kept <see cref="PeakResidentBytes"/> itself; otherwise it is the largest of samples taken after each
    /// forward pass.
    /// </summary>
    public required bool PeakResidentIsExact { get; init; }
}

/// <summary>The loss became NaN or infinite.</summary>
/// <param name="step">The step, from 1.</param>
/// <param name="loss">Its loss.</param>
public sealed class TrainingDivergedException(long step, float loss)
    : Exception(FormattableString.Invariant($"the loss of step {step} is {loss}: the training diverged (lower the learning rate, or compress less)"))
{
    /// <summary>The step, from 1.</summary>
    public long Step { get; } = step;
}
