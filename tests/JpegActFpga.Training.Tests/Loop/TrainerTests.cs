using System.ComponentModel.DataAnnotations;
using JpegActFpga.Training.Loop;
using JpegActFpga.Training.Models;
using JpegActFpga.Training.SavedTensors;
using JpegActFpga.Training.Tests.Support;
using static TorchSharp.torch;

namespace JpegActFpga.Training.Tests.Loop;

public sealed class TrainerTests
{
    private static readonly TrainingOptions Short = new() { Epochs = 1, TrainImages = 640, TestImages = 500, Threads = 1 };

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public void Six_thousand_images_teach_the_small_network_most_of_the_classes()
    {
        TrainingOptions options = Short with { TrainImages = 6000, TestImages = 2000 };
        List<TrainingProgress> seen = [];
        TrainingResult result = Trainer.Run(options, () => new SmallCnn(), Fashion.Train, Fashion.Test, progress: seen.Add, cancellation: Token);
        Assert.True(result.TestAccuracy > 0.80, $"test accuracy {result.TestAccuracy:P1}");
        Assert.Equal(94, result.Steps);
        Assert.Equal(6000, result.Images);
        Assert.Equal(94, seen.Count);
        Assert.Equal(result.TrainAccuracy, seen[^1].Accuracy);
        Assert.Equal(result.Losses[^1], seen[^1].Loss);
        Assert.Null(seen[^1].CompressionRatio);
        Assert.Equal(2000, result.TestImages);
        Assert.True(result.PeakHeldBytes > 64 * 50_000, $"held {result.PeakHeldBytes}");
        Assert.True(result.PeakResidentBytes > 50_000_000);
        Assert.True(result.TrainTime > TimeSpan.Zero && result.ImagesPerSecond > 0);
    }

    [Fact]
    public void The_same_seeds_give_the_same_losses_bit_for_bit_with_and_without_exact_hooks()
    {
        TrainingResult first = Run(null, Short);
        TrainingResult again = Run(null, Short);
        TrainingResult hooked = Run(new CopyOutHooks(), Short);
        TrainingResult other = Run(null, Short with { Seed = 2 });
        TrainingResult shuffled = Run(null, Short with { DataSeed = 2 });
        Assert.Equal(first.Losses, again.Losses);
        Assert.Equal(first.Losses, hooked.Losses);
        Assert.Equal(first.TestLoss, hooked.TestLoss);
        Assert.NotEqual(first.Losses, other.Losses);
        Assert.NotEqual(first.Losses, shuffled.Losses);
        Assert.True(hooked.PeakHeldBytes < first.PeakHeldBytes / 2, $"{hooked.PeakHeldBytes} against {first.PeakHeldBytes}");

        static TrainingResult Run(ISavedTensorHooks? hooks, TrainingOptions options) =>
            Trainer.Run(options, () => new SmallCnn(), Fashion.Train, Fashion.Test, hooks, cancellation: Token);
    }

    [Fact]
    public void Resnet_trains()
    {
        TrainingOptions options = Short with { TrainImages = 256, TestImages = 64, Epochs = 2 };
        TrainingResult result = Trainer.Run(options, () => new ResNet20(), Fashion.Train, Fashion.Test, cancellation: Token);
        Assert.True(result.Losses[^1] < result.Losses[0], $"{result.Losses[0]} -> {result.Losses[^1]}");
    }

    [Fact]
    public void Resnet20_has_the_parameters_of_the_paper()
    {
        using ResNet20 model = new(channels: 3);
        Assert.Equal(269_722, model.parameters().Sum(p => p.numel())); // 0.27 M in He et al.
        using Tensor images = zeros(2, 3, 32, 32);
        using Tensor logits = model.call(images);
        Assert.Equal([2, 10], logits.shape);
    }

    [Fact]
    public void A_loss_that_is_no_number_stops_the_run()
    {
        TrainingOptions options = Short with { LearningRate = 1e30 };
        TrainingDivergedException error = Assert.Throws<TrainingDivergedException>(
            () => Trainer.Run(options, () => new SmallCnn(), Fashion.Train, Fashion.Test, cancellation: Token));
        Assert.True(error.Step > 1);
    }

    [Fact]
    public void A_failing_hook_stops_the_run()
    {
        CopyOutHooks hooks = new() { ThrowInUnpack = true };
        Assert.Throws<SavedTensorHookException>(
            () => Trainer.Run(Short, () => new SmallCnn(), Fashion.Train, Fashion.Test, hooks, cancellation: Token));
        Assert.Equal(0, SavedTensorsHooks.HooksLive);
    }

    [Fact]
    public void A_run_can_be_cancelled()
    {
        using CancellationTokenSource cancel = new();
        int steps = 0;
        Assert.Throws<OperationCanceledException>(() => Trainer.Run(
            Short,
            () => new SmallCnn(),
            Fashion.Train,
            Fashion.Test,
            progress: _ =>
            {
                if (++steps == 3)
                {
                    cancel.Cancel();
                }
            },
            cancellation: cancel.Token));
        Assert.Equal(3, steps);
    }

    [Fact]
    public void Options_out_of_range_are_refused()
    {
        TrainingOptions[] wrong =
        [
            Short with { Epochs = 0 }, Short with { Batch = 1 }, Short with { TrainImages = -1 }, Short with { LearningRate = 0 },
            Short with { LearningRate = double.NaN }, Short with { Momentum = 1 }, Short with { WeightDecay = -1 }, Short with { Threads = -1 },
        ];
        Assert.All(wrong, o => Assert.Throws<ValidationException>(o.Validate));
        Short.Validate();
    }

    [Fact]
    public void Schedules_begin_at_the_rate_and_fall()
    {
        Assert.Equal(0.1, LearningRateSchedule.Constant.RateAt(0.1, 99, 100));
        Assert.Equal(0.1, LearningRateSchedule.Cosine.RateAt(0.1, 0, 100));
        Assert.Equal(0.05, LearningRateSchedule.Cosine.RateAt(0.1, 50, 100), 12);
        Assert.Equal([0.1, 0.1, 0.01, 0.001], new[] { 0, 49, 50, 75 }.Select(s => Math.Round(LearningRateSchedule.Steps.RateAt(0.1, s, 100), 12)));
    }

    [Fact]
    public void The_small_network_saves_at_most_60_kilobytes_of_floats_an_image()
    {
        SavedTensorCensus census = new();
        using SmallCnn model = new();
        using Tensor images = randn(64, 1, 28, 28);
        using Tensor labels = zeros(64, int64);
        Gradients.Of(model, images, labels, census);

        // Each tensor once: values where a consumer saved them, and not the ReLU's own save of the same tensor besides.
        long bytes = census.Kinds.Where(k => !k.Key.IsLeaf && !k.Key.IsParameter && !k.Key.IsReluOutputOfItself).Sum(k => k.Value.Bytes);
        Assert.InRange(bytes / 64, 55_000, 60_000);
    }
}
