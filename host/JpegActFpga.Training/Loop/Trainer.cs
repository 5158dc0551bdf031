using JpegActFpga.Core.Observability;
using JpegActFpga.Training.Data;
using JpegActFpga.Training.Native;
using JpegActFpga.Training.SavedTensors;
using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace JpegActFpga.Training.Loop;

/// <summary>
/// Trains a classifier by stochastic gradient descent on the cross entropy, with or without saved-tensor hooks.
/// </summary>
/// <remarks>
/// With the same options, data and number of threads, and hooks that give back the same bytes, two runs are equal bit for bit.
/// Seeds torch's process-wide generators: do not run two at once in a process.
/// </remarks>
public static class Trainer
{
    /// <summary>Trains a new model, then evaluates it on the test set.</summary>
    /// <param name="options">Settings.</param>
    /// <param name="createModel">Called once, after torch's generators were seeded. The run disposes the model.</param>
    /// <param name="train">Training images.</param>
    /// <param name="test">Test images.</param>
    /// <param name="hooks">What autograd saves goes through them; null for torch's own way.</param>
    /// <param name="progress">Called after each step, on the calling thread.</param>
    /// <param name="cancellation">Looked at before each step and each batch of the evaluation.</param>
    /// <exception cref="System.ComponentModel.DataAnnotations.ValidationException">An option is out of range.</exception>
    /// <exception cref="PlatformNotSupportedException">A GPU is asked for and torch can't use one.</exception>
    /// <exception cref="TrainingDivergedException">The loss became NaN or infinite.</exception>
    /// <exception cref="SavedTensorHookException">A hook failed.</exception>
    /// <exception cref="OperationCanceledException">The run was cancelled.</exception>
    public static TrainingResult Run(
        TrainingOptions options,
        Func<Module<Tensor, Tensor>> createModel,
        ImageDataset train,
        ImageDataset test,
        ISavedTensorHooks? hooks = null,
        Action<TrainingProgress>? progress = null,
        CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(createModel);
        ArgumentNullException.ThrowIfNull(train);
        ArgumentNullException.ThrowIfNull(test);
        options.Validate();
        TorchRuntime.EnsureLoaded();
        if (options.Threads > 0)
        {
            set_num_threads(options.Threads);
        }

        train = options.TrainImages > 0 ? train.Take(options.TrainImages) : train;
        test = options.TestImages > 0 ? test.Take(options.TestImages) : test;
        Device device = DeviceOf(options); // before the seed: it is given to the generators of the GPUs that torch knows by then
        manual_seed(options.Seed);
        using Module<Tensor, Tensor> model = createModel().to(device);
        TrainingRun run = new(options, model, train, hooks, progress);
        run.Train(cancellation);
        Evaluation evaluation = Evaluate(model, test, device, cancellation);
        return run.Result(evaluation);
    }

    /// <summary>Loss and accuracy of a model in evaluation mode; the mode is set back afterwards.</summary>
    /// <exception cref="OperationCanceledException">The evaluation was cancelled.</exception>
    public static Evaluation Evaluate(Module<Tensor, Tensor> model, ImageDataset images, CancellationToken cancellation = default) =>
        Evaluate(model, images, CPU, cancellation);

    private static Evaluation Evaluate(Module<Tensor, Tensor> model, ImageDataset images, Device device, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(images);
        using StageScope stage = StageTelemetry.Start(Stage.Evaluate, lane: "training");
        const int batch = 500;
        BatchLoader loader = new(images);
        int[] order = [.. Enumerable.Range(0, images.Count)];
        double loss = 0;
        long right = 0;
        bool training = model.training;
        model.eval();
        try
        {
            for (int first = 0; first < order.Length; first += batch)
            {
                cancellation.ThrowIfCancellationRequested();
                using DisposeScope scope = NewDisposeScope();
                using IDisposable noGradients = no_grad();
                (Tensor inputs, Tensor labels) = Move(loader.Load(order.AsSpan(first, Math.Min(batch, order.Length - first))), device);
                Tensor logits = model.call(inputs);
                loss += functional.cross_entropy(logits, labels, reduction: Reduction.Sum).item<float>();
                right += RightAnswers(logits, labels);
            }
        }
        finally
        {
            model.train(training);
        }

        return new Evaluation(images.Count, loss / images.Count, (double)right / images.Count);
    }

    /// <summary>Where a run's tensors lie.</summary>
    internal static Device DeviceOf(TrainingOptions options)
    {
        if (options.Gpu is not { } index)
        {
            return CPU;
        }

        TorchCuda.Demand();
        return new Device(DeviceType.CUDA, index);
    }

    /// <summary>A batch on a device; on the processor it is there already.</summary>
    internal static (Tensor Inputs, Tensor Labels) Move((Tensor Inputs, Tensor Labels) batch, Device device) =>
        device.type == DeviceType.CPU ? batch : (batch.Inputs.to(device), batch.Labels.to(device));

    internal static long RightAnswers(Tensor logits, Tensor labels) => logits.argmax(1).eq(labels).sum().item<long>();
}

/// <summary>How well a model does on a set of images.</summary>
/// <param name="Images">Number of images.</param>
/// <param name="Loss">Mean cross entropy.</param>
/// <param name="Accuracy">Share classified right, 0 to 1.</param>
public sealed record Evaluation(int Images, double Loss, double Accuracy);
