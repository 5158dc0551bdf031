using JpegActFpga.Codec;
using JpegActFpga.Core.Backends;
using JpegActFpga.Core.Profiles;
using JpegActFpga.Fpga;
using JpegActFpga.Offload;
using JpegActFpga.Offload.Policy;
using JpegActFpga.Offload.Resilience;
using JpegActFpga.Offload.Statistics;
using JpegActFpga.Offload.Stores;
using JpegActFpga.Training.Data;
using JpegActFpga.Training.Loop;
using JpegActFpga.Training.Models;
using JpegActFpga.Training.Offload;
using JpegActFpga.Xrt;
using JpegActFpga.Xrt.Tests;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace JpegActFpga.Faults.Tests.Support;

/// <summary>What a training under faults gave.</summary>
/// <param name="Weights">Parameters and buffers after the last step, bit for bit.</param>
/// <param name="Losses">Loss of each step.</param>
/// <param name="Statistics">What the engine counted.</param>
/// <param name="Hits">How often each asked-for fault point fired.</param>
internal sealed record FaultOutcome(byte[] Weights, IReadOnlyList<float> Losses, OffloadStatistics Statistics, IReadOnlyDictionary<string, long> Hits);

/// <summary>A training of a small net whose activations go to cards that fail.</summary>
internal sealed class FaultRun
{
    private const int Side = 28;
    private const int Batch = 16;

    private static readonly ImageDataset Images = MakeImages(Batch * 6);

    /// <summary>Gets the number of cards; 0: the CPU alone.</summary>
    internal int CardCount { get; init; } = 1;

    /// <summary>Gets the passes over six batches.</summary>
    internal int Epochs { get; init; } = 1;

    /// <summary>Gets how long a launch may take: far longer than it does, on a machine that stalls too.</summary>
    internal TimeSpan LaunchTimeout { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>Gets what is asked at each launch in place of <see cref="LaunchTimeout"/>; null for nothing.</summary>
    internal Func<TimeSpan>? LaunchTimeoutNow { get; init; }

    /// <summary>Gets a value indicating whether calls that a hold point holds are left behind, and no others, in place of those that take a minute.</summary>
    internal bool HeldCallsAreOverdue { get; init; }

    /// <summary>Gets what happens at moments of the training; null for nothing.</summary>
    internal Action<Moment, OffloadEngine>? At { get; init; }

    /// <summary>Gets what happens before a card is opened anew, when nothing of its old handle is in use; null for nothing.</summary>
    internal Action? AtReopening { get; init; }

    /// <summary>Gets the fault points whose hits are read before the cards are healed.</summary>
    internal IReadOnlyList<string> Watched { get; init; } = [];

    /// <summary>Gets the policies.</summary>
    internal ResilienceOptions Resilience { get; init; } = new()
    {
        RetryDelay = TimeSpan.FromMilliseconds(1),
        CircuitMinimumCalls = 4,
        SamplingDuration = TimeSpan.FromSeconds(5),
        CircuitBreak = TimeSpan.FromMilliseconds(20),
        CircuitBreakMax = TimeSpan.FromMilliseconds(160),
        CallTimeout = TimeSpan.FromSeconds(60),
        JitterSeed = 1,
    };

    /// <summary>Trains to the end, closes all, and gives what came of it.</summary>
    /// <param name="cancellationToken">Ends it.</param>
    internal async Task<FaultOutcome> RunAsync(CancellationToken cancellationToken)
    {
        List<ICodecBackend> backends = [.. Enumerable.Range(0, CardCount).Select(Open), new CpuBackend()];
        Module<Tensor, Tensor>? model = null;
        byte[] weights = [];
        IReadOnlyList<float> losses;
        OffloadStatistics statistics;
        try
        {
            using var store = new HostMemoryStore();
            using var engine = new OffloadEngine(new JpegActPolicy(CodecProfile.JpegAct(ShiftTables.OptsHigh), minElements: 1024), backends, store, Resilience);
            var options = new TrainingOptions { Epochs = Epochs, Batch = Batch, TestImages = Batch, Threads = 1 };
            var hooks = new MomentHooks(new ActivationOffload(engine, cancellation: cancellationToken), moment => At?.Invoke(moment, engine));
            TrainingResult result = Trainer.Run(
                options,
                () => model = new SmallCnn(),
                Images,
                Images,
                hooks,
                progress =>
                {
                    hooks.StepDone(progress.Step, progress.Steps);
                    weights = progress.Step == progress.Steps ? Bytes([.. model!.parameters(), .. model.buffers()]) : weights;
                },
                cancellationToken);
            losses = result.Losses;
            At?.Invoke(new Moment(MomentKind.AfterTraining, result.Steps), engine);
            statistics = engine.Statistics;
        }
        finally
        {
            foreach (ICodecBackend backend in backends)
            {
                await backend.DisposeAsync();
            }
        }

        return new FaultOutcome(weights, losses, statistics, Watched.ToDictionary(point => point, point => Cards.Card.FaultHits(point)));
    }

    private ReopeningBackend Open(int index)
    {
        bool isOpen = false;
        return new ReopeningBackend(() =>
        {
            if (isOpen)
            {
                AtReopening?.Invoke();
            }

            isOpen = true;
            return OpenCard(index);
        });
    }

    private FpgaBackend OpenCard(int index)
    {
        // Units that hang would hang again, and leak again: such a card is not worth opening before its reset.
        XrtDiagnostics.ReclaimLeaked(index, TimeSpan.FromMinutes(1));
        if (XrtDiagnostics.HangingRuns(index) is > 0 and int hanging)
        {
            throw new BackendException(BackendFailure.DeviceLost, $"{hanging} launches still hang on card {index}.");
        }

        return FpgaBackend.Open(new FpgaOptions
        {
            XclbinPath = CardSetup.CodecXclbin,
            DeviceIndex = index,
            LaunchBlocks = 256,
            LaunchTimeout = LaunchTimeout,
            LaunchTimeoutNow = LaunchTimeoutNow,
            DriverTimeout = TimeSpan.FromMinutes(1),
            OpenTimeout = TimeSpan.FromMinutes(1),
            CallIsOverdue = HeldCallsAreOverdue ? EmulatedCard.IsHeld : null,
        });
    }

    private static byte[] Bytes(IEnumerable<Tensor> tensors) => [.. tensors.SelectMany(tensor =>
    {
        using Tensor dense = tensor.detach().contiguous();
        return dense.bytes.ToArray();
    })];

    // A bright bar whose place is the class, on noise.
    private static ImageDataset MakeImages(int count)
    {
        var random = new Random(11);
        byte[] pixels = new byte[count * Side * Side];
        byte[] labels = new byte[count];
        random.NextBytes(pixels);
        for (int image = 0; image < count; image++)
        {
            labels[image] = (byte)(image % 10);
            for (int i = 0; i < Side * Side; i++)
            {
                int at = (image * Side * Side) + i;
                pixels[at] = (byte)((pixels[at] / 4) + ((i / Side) - 4 == 2 * labels[image] ? 190 : 0));
            }
        }

        return new ImageDataset("bars", pixels, labels, 1, Side, Side, 10, new PixelNormalization(0.3f, 0.25f));
    }
}
