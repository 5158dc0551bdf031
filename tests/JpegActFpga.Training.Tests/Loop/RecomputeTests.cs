using JpegActFpga.Training.Loop;
using JpegActFpga.Training.Models;
using JpegActFpga.Training.Recomputation;
using JpegActFpga.Training.SavedTensors;
using JpegActFpga.Training.Tests.Support;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace JpegActFpga.Training.Tests.Loop;

/// <summary>Checkpointing by saved-tensor hooks: exact, and lighter.</summary>
public sealed class RecomputeTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("small-cnn", int.MaxValue)]
    [InlineData("resnet20", int.MaxValue)]
    [InlineData("resnet20", 3)]
    public void Training_is_bit_equal_to_training_without_it_and_holds_less(string name, int segments)
    {
        TrainingOptions options = new() { Epochs = 1, Batch = 32, TrainImages = 160, TestImages = 100, Threads = 1 };
        TrainingResult plain = Trainer.Run(options, () => ModelCatalog.Create(name, 1, 10), Fashion.Train, Fashion.Test, cancellation: Token);
        using var hooks = new RecomputeHooks();
        TrainingResult again = Trainer.Run(
            options,
            () =>
            {
                Module<Tensor, Tensor> model = ModelCatalog.Create(name, 1, 10);
                hooks.Attach(model, segments);
                return model;
            },
            Fashion.Train,
            Fashion.Test,
            hooks,
            cancellation: Token);

        // The test loss depends on running means and counts: they moved on once a step.
        Assert.Equal(plain.Losses, again.Losses);
        Assert.Equal(plain.TestLoss, again.TestLoss);
        Assert.True(again.LastHeldBytes < plain.LastHeldBytes / 2, $"{again.LastHeldBytes} against {plain.LastHeldBytes}");
        RecomputeStatistics statistics = hooks.Statistics;
        Assert.Equal(5 * statistics.Segments, statistics.Reruns);
        Assert.True(hooks.CompressionRatio > 2);
        Assert.Equal(0, SavedTensorsHooks.HooksLive);
    }

    [Theory]
    [InlineData("small-cnn")]
    [InlineData("resnet20")]
    public void What_a_second_run_makes_goes_with_it(string name)
    {
        using Module<Tensor, Tensor> model = ModelCatalog.Create(name, 1, 10);
        using var hooks = new RecomputeHooks();
        hooks.Attach(model);
        model.train();
        using DisposeScope scope = NewDisposeScope();
        Tensor loss;
        using (SavedTensorsHooks.Use(hooks))
        {
            loss = model.call(randn(4, 1, 28, 28)).sum();
        }

        int before = scope.DisposablesCount;
        SavedTensorsHooks.Backward(loss, hooks);
        Assert.True(hooks.Statistics.Reruns > 0);
        Assert.Equal(before, scope.DisposablesCount);
    }

    [Fact]
    public void Dropout_draws_the_same_numbers_again_and_buffers_move_once()
    {
        (Tensor[] plain, Tensor[] plainBuffers, Tensor plainNext) = Gradients(recompute: false);
        (Tensor[] again, Tensor[] againBuffers, Tensor againNext) = Gradients(recompute: true);
        Assert.All(plain.Zip(again), pair => Assert.True(Same(pair.First, pair.Second)));
        Assert.NotEmpty(plainBuffers);
        Assert.All(plainBuffers.Zip(againBuffers), pair => Assert.True(Same(pair.First, pair.Second)));
        Assert.True(Same(plainNext, againNext), "the generator is elsewhere after the backward pass");

        static (Tensor[] Gradients, Tensor[] Buffers, Tensor Next) Gradients(bool recompute)
        {
            manual_seed(5);
            using Sequential model = Net();
            using Tensor input = randn(8, 3, 12, 12);
            using var hooks = new RecomputeHooks();
            if (recompute)
            {
                hooks.Attach(model, ["first", "second"]);
            }

            Loss(model, input, hooks).backward();
            SavedTensorsHooks.ThrowIfFailed(hooks);
            Assert.Equal(recompute ? 2 : 0, hooks.Statistics.Reruns);
            return ([.. model.parameters().Select(p => p.grad!.clone())], [.. model.buffers().Select(b => b.clone())], rand(4));
        }
    }

    [Fact]
    public void A_retained_graph_can_be_walked_twice_and_a_dropped_one_leaves_nothing()
    {
        long live = SavedTensorsHooks.HooksLive;
        using Sequential model = Net();
        using Tensor input = randn(8, 3, 12, 12);
        using var hooks = new RecomputeHooks();
        hooks.Attach(model, ["first", "second"]);
        using (Tensor loss = Loss(model, input, hooks))
        {
            loss.backward(retain_graph: true);
            Tensor[] once = [.. model.parameters().Select(p => p.grad!.clone())];
            loss.backward();
            Assert.All(model.parameters().Zip(once), pair => Assert.True(Same(pair.First.grad!, pair.Second * 2)));
            Assert.Equal(4, hooks.Statistics.Reruns);
        }

        using (Tensor dropped = Loss(model, input, hooks))
        {
            Assert.True(SavedTensorsHooks.HooksLive > live);
        }

        Assert.Equal(live, SavedTensorsHooks.HooksLive);
        SavedTensorsHooks.ThrowIfFailed(hooks);
    }

    [Fact]
    public void An_input_modified_in_place_fails_the_backward_pass_with_a_reason()
    {
        using Sequential model = Sequential(("first", Conv2d(3, 4, 3)), ("second", ReLU(inplace: true)), ("third", Conv2d(4, 4, 3)));
        using Tensor input = randn(8, 3, 12, 12);
        using var hooks = new RecomputeHooks();
        hooks.Attach(model, ["first", "second"]);
        using Tensor loss = Loss(model, input, hooks);
        Exception error = Assert.Throws<SavedTensorHookException>(() => SavedTensorsHooks.Backward(loss, hooks)).InnerException!;
        Assert.Contains("'second..third' was modified in place", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_module_that_does_something_else_the_second_time_fails_the_backward_pass_with_a_reason()
    {
        using Sequential model = Sequential(("first", Conv2d(3, 4, 3)), ("second", new Fickle()));
        using Tensor input = randn(8, 3, 12, 12);
        using var hooks = new RecomputeHooks();
        hooks.Attach(model, ["second"]);
        using Tensor loss = Loss(model, input, hooks);
        Exception error = Assert.Throws<SavedTensorHookException>(() => SavedTensorsHooks.Backward(loss, hooks)).InnerException!;
        Assert.Contains("'second' saved 1 tensors when it ran first and 2 when it ran again", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_forward_pass_that_failed_in_a_segment_does_not_disturb_the_next()
    {
        using Sequential model = Net();
        using var hooks = new RecomputeHooks();
        hooks.Attach(model, ["first", "second"]);
        using Tensor wrong = randn(8, 4, 12, 12);
        Assert.ThrowsAny<Exception>(() => Loss(model, wrong, hooks));
        using Tensor input = randn(8, 3, 12, 12);
        using Tensor loss = Loss(model, input, hooks);
        SavedTensorsHooks.Backward(loss, hooks);
        Assert.Equal(2, hooks.Statistics.Reruns);
    }

    [Fact]
    public void Names_that_cannot_be_cut_are_refused()
    {
        using Sequential model = Net();
        using var hooks = new RecomputeHooks();
        Assert.Contains("name the children", Assert.Throws<ArgumentException>(() => hooks.Attach(model)).Message, StringComparison.Ordinal);
        Assert.Contains("'third'", Assert.Throws<ArgumentException>(() => hooks.Attach(model, ["first", "third"])).Message, StringComparison.Ordinal);
        Assert.Contains("'first'", Assert.Throws<ArgumentException>(() => hooks.Attach(model, ["second", "first"])).Message, StringComparison.Ordinal);
        Assert.Contains("no child of a Sequential", Assert.Throws<ArgumentException>(() => hooks.Attach(model, ["nothing.first"])).Message, StringComparison.Ordinal);
    }

    private static Sequential Net() => Sequential(
        ("first", Sequential(Conv2d(3, 8, 3, padding: 1), BatchNorm2d(8), ReLU(), Dropout(0.3))),
        ("second", Sequential(Conv2d(8, 8, 3, padding: 1), BatchNorm2d(8), ReLU(inplace: true), Dropout(0.3), MaxPool2d(2))),
        ("head", Sequential(Flatten(), Linear(8 * 6 * 6, 10))));

    private static Tensor Loss(Module<Tensor, Tensor> model, Tensor input, RecomputeHooks hooks)
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable hooked = SavedTensorsHooks.Use(hooks);
        return model.call(input).square().mean().MoveToOuterDisposeScope();
    }

    private static bool Same(Tensor left, Tensor right) => left.contiguous().bytes.SequenceEqual(right.contiguous().bytes);

    private sealed class Fickle() : Module<Tensor, Tensor>(nameof(Fickle))
    {
        private int _calls;

        public override Tensor forward(Tensor input) => ++_calls == 1 ? input.square() : input.square().square();
    }
}
