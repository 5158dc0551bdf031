using System.Collections.Frozen;
using JpegActFpga.Codec;
using JpegActFpga.Core.Backends;
using JpegActFpga.Core.Profiles;
using JpegActFpga.Fpga;
using JpegActFpga.Offload;
using JpegActFpga.Offload.Pipeline;
using JpegActFpga.Offload.Policy;
using JpegActFpga.Offload.Stores;
using JpegActFpga.Training.Loop;
using JpegActFpga.Training.Models;
using JpegActFpga.Training.Offload;
using JpegActFpga.Training.SavedTensors;
using JpegActFpga.Training.Tests.Support;
using JpegActFpga.Xrt.Tests;
using TorchSharp;
using static TorchSharp.torch;

namespace JpegActFpga.Training.Tests.Offload;

/// <summary>Overlap, prefetch, the memory bound and the card's timing change when things are done, and no bit of a training.</summary>
public sealed class OverlapTests
{
    private static readonly CodecProfile Profile = CodecProfile.JpegAct(ShiftTables.OptsHigh);
    private static readonly TrainingOptions Short = new() { Epochs = 1, TrainImages = 320, TestImages = 64, Batch = 32, Threads = 1 };

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(1, null, null)]
    [InlineData(3, 0, null)]
    [InlineData(2, 7, null)]
    [InlineData(2, null, 1L << 20)]
    public void Losses_are_those_without_overlap_bit_for_bit(int workers, int? prefetch, long? bound)
    {
        IReadOnlyList<float> plain = Train([new CpuBackend()], new OffloadEngineOptions { Overlap = OverlapMode.Off }, out _);
        OffloadEngineOptions options = new() { Overlap = OverlapMode.On, Workers = workers, Prefetch = prefetch, HostMemoryBytes = bound };
        IReadOnlyList<float> overlapped = Train([new CpuBackend()], options, out PipelineStatistics statistics);
        Assert.Equal(plain, overlapped);
        Assert.True(statistics.Queued > 10, $"{statistics}");
        Assert.Equal(prefetch != 0, statistics.Prefetched + statistics.PrefetchWaits > 0);
        Assert.True(bound is null || statistics.PeakBoundedBytes <= bound, $"{statistics}");
    }

    [Theory]
    [InlineData("slow=1~0.4/1,slow=4~0.5/2,slow_sync=2~0.2/3")]
    [InlineData("slow=6~0.2/11,slow=2~0.7/12,slow_sync=1~0.5/13")]
    public async Task A_card_that_ends_its_work_at_random_times_changes_no_bit(string delays)
    {
        Assert.SkipWhen(CardSetup.SkipReason is not null, CardSetup.SkipReason ?? string.Empty);
        CardSetup.Apply();
        IReadOnlyList<float> plain = Train([new CpuBackend()], new OffloadEngineOptions { Overlap = OverlapMode.Off }, out _);
        await using FpgaBackend card = FpgaBackend.Open(new FpgaOptions { XclbinPath = CardSetup.CodecXclbin });
        var control = new EmulatedCard();
        control.SetFaults(delays);
        try
        {
            IReadOnlyList<float> overlapped = Train([card, new CpuBackend()], new OffloadEngineOptions(), out PipelineStatistics statistics);
            Assert.Equal(plain, overlapped);
            Assert.True(control.FaultHits("slow") > 10, "the card was not slow");
            Assert.True(statistics.Workers > 0 && statistics.Queued > 10, $"{statistics}"); // a card overlaps unless told otherwise
        }
        finally
        {
            control.SetFaults("");
        }
    }

    [Fact]
    public void A_tensor_modified_while_its_compression_is_pending_fails_backward_and_gives_no_numbers()
    {
        using HostMemoryStore store = new();
        using HeldUpBackend backend = new();
        using OffloadEngine engine = new(new JpegActPolicy(Profile, minElements: 1), [backend], store, options: new() { Overlap = OverlapMode.On });
        using (DisposeScope scope = NewDisposeScope())
        {
            Tensor x = randn(4, 4, 16, 16, requires_grad: true);
            ActivationOffload offload = new(engine);
            backend.Close();
            Tensor loss;
            using (SavedTensorsHooks.Use(offload))
            {
                Tensor h = x * 2;
                loss = h.sin().sum();
                using (no_grad())
                {
                    h.add_(1);
                }
            }

            backend.Open();
            SavedTensorHookException error = Assert.Throws<SavedTensorHookException>(() => SavedTensorsHooks.Backward(loss, offload));
            Assert.IsType<ActivationChangedException>(error.InnerException);
            Assert.Null(x.grad);
        }

        GC.Collect();
        GC.WaitForPendingFinalizers();
        Assert.Equal(0, store.HeldBytes);
    }

    [Fact]
    public void The_ratio_is_that_of_tensors_whose_frames_are_stored()
    {
        using HostMemoryStore store = new();
        using HeldUpBackend backend = new();
        using OffloadEngine engine = new(new JpegActPolicy(Profile, minElements: 1), [backend], store, options: new() { Overlap = OverlapMode.On });
        using DisposeScope scope = NewDisposeScope();
        Tensor x = randn(4, 4, 16, 16, requires_grad: true);
        ActivationOffload offload = new(engine);
        backend.Close();
        Tensor loss;
        using (SavedTensorsHooks.Use(offload))
        {
            loss = (x * 2).sin().sum();
        }

        Assert.Equal((0L, 0L, null), (offload.Statistics.DistinctBytes, offload.Statistics.PackedBytes, offload.Statistics.Ratio));
        backend.Open();
        SavedTensorsHooks.Backward(loss, offload);
        ActivationOffloadStatistics statistics = offload.Statistics;
        Assert.Equal(4L * 4 * 16 * 16 * 4, statistics.DistinctBytes);
        Assert.Equal((double)statistics.DistinctBytes / engine.Statistics.Methods.Sum(m => m.FrameBytes), statistics.Ratio);
    }

    private static IReadOnlyList<float> Train(ICodecBackend[] backends, OffloadEngineOptions options, out PipelineStatistics statistics)
    {
        using HostMemoryStore store = new();
        using OffloadEngine engine = new(new JpegActPolicy(Profile, minElements: 1024), backends, store, options: options);
        TrainingResult result = Trainer.Run(Short, () => new SmallCnn(), Fashion.Train, Fashion.Test, new ActivationOffload(engine), cancellation: Token);
        Assert.Equal(0, store.HeldBytes);
        Assert.Equal(0, engine.Statistics.FallbackCount);
        statistics = engine.Statistics.Pipeline!;
        Assert.Equal(0, statistics.BoundedBytes);
        return result.Losses;
    }

    /// <summary>The CPU, behind a gate.</summary>
    private sealed class HeldUpBackend : ICodecBackend, IDisposable
    {
        private readonly CpuBackend _cpu = new();
        private readonly ManualResetEventSlim _open = new(true);

        public BackendCapabilities Capabilities { get; } = new("held-up", "a test's device", Enum.GetValues<CodecMethod>().ToFrozenSet(), Core.Memory.MemoryKind.Host, 1);

        public void Close() => _open.Reset();

        public void Open() => _open.Set();

        public ValueTask<CompressResult> CompressAsync(Core.Tensors.TensorView source, CodecProfile profile, Core.Memory.NativeSpan<byte> destination, CancellationToken cancellationToken = default)
        {
            Assert.True(_open.Wait(TimeSpan.FromSeconds(60), cancellationToken));
            return _cpu.CompressAsync(source, profile, destination, cancellationToken);
        }

        public ValueTask ExpandAsync(Core.Frames.FrameReader frame, Core.Tensors.TensorView destination, CancellationToken cancellationToken = default) =>
            _cpu.ExpandAsync(frame, destination, cancellationToken);

        public ValueTask DisposeAsync() => _cpu.DisposeAsync();

        public void Dispose() => _open.Dispose();
    }
}
