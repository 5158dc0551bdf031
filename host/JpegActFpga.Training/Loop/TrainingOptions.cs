using System.ComponentModel.DataAnnotations;

namespace JpegActFpga.Training.Loop;

/// <summary>Settings of a training run. Checked when the run begins.</summary>
public sealed record TrainingOptions
{
    /// <summary>Passes over the training images: 1 or more.</summary>
    public int Epochs { get; init; } = 2;

    /// <summary>Images a step: 2 or more (batch normalisation needs two values).</summary>
    public int Batch { get; init; } = 64;

    /// <summary>Training images used, the first of the set; 0 for all.</summary>
    public int TrainImages { get; init; }

    /// <summary>Test images used, the first of the set; 0 for all.</summary>
    public int TestImages { get; init; }

    /// <summary>Learning rate of the first step: above 0.</summary>
    public double LearningRate { get; init; } = 0.05;

    /// <summary>How the learning rate changes.</summary>
    public LearningRateSchedule Schedule { get; init; } = LearningRateSchedule.Cosine;

    /// <summary>Momentum of stochastic gradient descent: 0 or more, below 1.</summary>
    public double Momentum { get; init; } = 0.9;

    /// <summary>L2 penalty: 0 or more.</summary>
    public double WeightDecay { get; init; } = 5e-4;

    /// <summary>Seed of torch's generator: initial weights and dropout.</summary>
    public long Seed { get; init; } = 1;

    /// <summary>Seed of the order of images.</summary>
    public ulong DataSeed { get; init; } = 1;

    /// <summary>
    /// Threads of torch's operators; 0 leaves torch's setting. A property of the process. Results are reproducible bit for
    /// bit with the same number only.
    /// </summary>
    public int Threads { get; init; }

    /// <summary>Where torch computes: null for the processor, or the index of a GPU as CUDA counts, 0 or more.</summary>
    public int? Gpu { get; init; }

    /// <summary>
    /// How often one step may be repeated from its batch because an activation was lost (a disk's error, a device that kept
    /// it): 0 to 100. The weights are those of a run in which nothing was lost.
    /// </summary>
    public int StepRepeats { get; init; } = 3;

    /// <summary>Checks the ranges given above.</summary>
    /// <exception cref="ValidationException">A value is out of range; the message names it.</exception>
    public void Validate()
    {
        Require(Epochs >= 1, nameof(Epochs), Epochs, "1 or more");
        Require(Batch >= 2, nameof(Batch), Batch, "2 or more");
        Require(TrainImages >= 0, nameof(TrainImages), TrainImages, "0 (all) or more");
        Require(TestImages >= 0, nameof(TestImages), TestImages, "0 (all) or more");
        Require(LearningRate > 0 && double.IsFinite(LearningRate), nameof(LearningRate), LearningRate, "above 0");
        Require(Momentum is >= 0 and < 1, nameof(Momentum), Momentum, "0 or more and below 1");
        Require(WeightDecay >= 0 && double.IsFinite(WeightDecay), nameof(WeightDecay), WeightDecay, "0 or more");
        Require(Threads >= 0, nameof(Threads), Threads, "0 (as it is) or more");
        Require(Gpu is null or >= 0, nameof(Gpu), Gpu ?? -1, "null (the processor) or 0 or more");
        Require(StepRepeats is >= 0 and <= 100, nameof(StepRepeats), StepRepeats, "0 to 100");
        Require(Enum.IsDefined(Schedule), nameof(Schedule), Schedule, "one of " + string.Join(", ", Enum.GetNames<LearningRateSchedule>()));
    }

    private static void Require(bool good, string name, object value, string range)
    {
        if (!good)
        {
            throw new ValidationException(FormattableString.Invariant($"{name} is {value}; it must be {range}"));
        }
    }
}
