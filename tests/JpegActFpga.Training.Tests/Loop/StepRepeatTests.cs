using JpegActFpga.Offload;
using JpegActFpga.Training.Loop;
using JpegActFpga.Training.SavedTensors;
using JpegActFpga.Training.Tests.Support;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace JpegActFpga.Training.Tests.Loop;

/// <summary>A step that loses an activation is repeated from its batch, and nobody can tell from the weights.</summary>
public sealed class StepRepeatTests
{
    private static readonly TrainingOptions Short = new() { Epochs = 2, Batch = 32, TrainImages = 160, TestImages = 64, Threads = 1 };

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    // Packs and unpacks are counted over the whole run: the first step, the middle of one, the last step.
    [Theory]
    [InlineData(1, 0)]
    [InlineData(0, 1)]
    [InlineData(0, 5)]
    [InlineData(40, 0)]
    [InlineData(0, 63)]
    [InlineData(0, int.MaxValue)]
    public void The_weights_are_those_of_a_run_in_which_nothing_was_lost(int losingPack, int losingUnpack)
    {
        (TrainingResult Result, byte[] Weights, LosingHooks Hooks) whole = Run(new LosingHooks());
        Assert.Empty(whole.Result.Repeats);
        losingUnpack = losingUnpack == int.MaxValue ? whole.Hooks.Unpacks : losingUnpack;

        (TrainingResult Result, byte[] Weights, LosingHooks Hooks) lossy = Run(new LosingHooks { LosingPack = losingPack, LosingUnpack = losingUnpack });
        StepRepeat repeat = Assert.Single(lossy.Result.Repeats);
        Assert.InRange(repeat.Step, 1, lossy.Result.Steps);
        Assert.Contains("the disk failed", repeat.Cause, StringComparison.Ordinal);
        Assert.Equal(whole.Result.Losses, lossy.Result.Losses);
        Assert.Equal(whole.Result.TestLoss, lossy.Result.TestLoss);
        Assert.Equal(whole.Weights, lossy.Weights);
        Assert.Equal(lossy.Hooks.Packed, lossy.Hooks.Released);
        Assert.Equal(0, SavedTensorsHooks.HooksLive);
    }

    [Fact]
    public void The_state_that_is_put_back_matters()
    {
        // Without it, dropout would draw anew and the running statistics would see the batch twice: the test above would fail.
        using Module<Tensor, Tensor> model = Net();
        model.train();
        using Tensor images = randn(32, 1, 28, 28);
        using StepState state = new(model);
        state.Save();
        byte[] first = Forward();
        byte[] buffers = Bytes(model.buffers());
        byte[] second = Forward();
        Assert.NotEqual(first, second);
        Assert.NotEqual(buffers, Bytes(model.buffers()));
        state.Restore();
        Assert.Equal(first, Forward());
        Assert.Equal(buffers, Bytes(model.buffers()));

        byte[] Forward()
        {
            using Tensor logits = model.call(images);
            return Bytes([logits]);
        }
    }

    [Fact]
    public void A_step_that_always_loses_is_given_up_with_its_number_and_its_cause()
    {
        LosingHooks hooks = new() { LosesFrom = 70 };
        StepRepeatLimitException error = Assert.Throws<StepRepeatLimitException>(() => Run(hooks, Short with { StepRepeats = 2 }));
        Assert.True(error.Step > 1);
        Assert.Contains($"step {error.Step} lost an activation, and again each of the 2 times", error.Message, StringComparison.Ordinal);
        Assert.Contains("the disk failed", error.Message, StringComparison.Ordinal);
        Assert.Equal(0, SavedTensorsHooks.HooksLive);
    }

    [Fact]
    public void With_no_repeats_allowed_the_loss_of_an_activation_ends_the_run() =>
        Assert.IsType<FrameLostException>(Assert.Throws<SavedTensorHookException>(() => Run(new LosingHooks { LosingUnpack = 3 }, Short with { StepRepeats = 0 })).InnerException);

    [Fact]
    public void Another_failure_is_not_repeated() =>
        Assert.IsType<InvalidTimeZoneException>(Assert.Throws<SavedTensorHookException>(() => Run(new LosingHooks { Failure = new InvalidTimeZoneException(), LosingUnpack = 3 })).InnerException);

    private static (TrainingResult Result, byte[] Weights, LosingHooks Hooks) Run(LosingHooks hooks, TrainingOptions? options = null)
    {
        Module<Tensor, Tensor>? model = null;
        byte[] weights = [];
        TrainingResult result = Trainer.Run(
            options ?? Short,
            () => model = Net(),
            Fashion.Train,
            Fashion.Test,
            hooks,
            progress => weights = progress.Step == progress.Steps ? Bytes([.. model!.parameters(), .. model.buffers()]) : weights,
            Token);
        return (result, weights, hooks);
    }

    private static Module<Tensor, Tensor> Net() => Sequential(
        Conv2d(1, 4, 3, padding: 1),
        BatchNorm2d(4),
        ReLU(),
        MaxPool2d(2),
        Dropout(0.2),
        Conv2d(4, 8, 3, padding: 1, bias: false),
        BatchNorm2d(8),
        ReLU(),
        Flatten(),
        Dropout(0.2),
        Linear(8 * 14 * 14, 10));

    private static byte[] Bytes(IEnumerable<Tensor> tensors) => [.. tensors.SelectMany(tensor =>
    {
        using Tensor dense = tensor.detach().contiguous();
        return dense.bytes.ToArray();
    })];

    /// <summary>Copies out and back, and loses what it is told to, counted from 1.</summary>
    private sealed class LosingHooks : ISavedTensorHooks
    {
        private readonly CopyOutHooks _inner = new();
        private int _packs;
        private int _unpacks;

        public int LosingPack { get; init; }

        public int LosingUnpack { get; init; }

        public int LosesFrom { get; init; } = int.MaxValue;

        public Exception Failure { get; init; } = new FrameLostException("the disk failed");

        public int Unpacks => _unpacks;

        public int Packed => _inner.Packed;

        public int Released => _inner.Released;

        public object? Pack(in SavedTensorInfo info, Tensor tensor) =>
            ++_packs == LosingPack ? throw Failure : _inner.Pack(info, tensor);

        public Tensor Unpack(object packed) =>
            ++_unpacks == LosingUnpack || _unpacks >= LosesFrom ? throw Failure : _inner.Unpack(packed);

        public void Release(object packed) => _inner.Release(packed);
    }
}
