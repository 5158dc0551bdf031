using JpegActFpga.Cuda;
using JpegActFpga.Gpu;
using JpegActFpga.Offload;
using JpegActFpga.Offload.Policy;
using JpegActFpga.Offload.Stores;
using JpegActFpga.Training.Native;
using JpegActFpga.Training.Offload;
using JpegActFpga.Training.Tests.Support;
using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace JpegActFpga.Training.Tests.OnGpu;

/// <summary>torch on a GPU with everything that autograd saves offloaded by that GPU, its integers too.</summary>
public sealed class OffloadOnGpuTests
{
    public OffloadOnGpuTests() => Assert.SkipUnless(TorchCuda.IsAvailable(out string whyNot), whyNot);

    [Fact]
    public async Task Offloading_without_loss_leaves_every_gradient_bit_as_it_is()
    {
        manual_seed(1);
        using Module<Tensor, Tensor> model = Net().to(CUDA);
        using Tensor input = randn([16, 3, 64, 64], device: CUDA, requires_grad: true);
        using Tensor labels = randint(0, 10, [16], int64, CUDA);
        Dictionary<string, byte[]> plain = Gradients.Of(model, input, labels, null);
        await using GpuBackend gpu = GpuBackend.Open(new GpuOptions { CallerStream = () => TorchCuda.CurrentStream(0) });
        Assert.False(CudaLibrary.IsEmulated);
        using var store = new HostMemoryStore();
        using var engine = new OffloadEngine(new RawPolicy(1), [gpu], store);
        ActivationOffload offload = new(engine);
        Gradients.AssertEqual(plain, Gradients.Of(model, input, labels, offload));
        ActivationOffloadStatistics statistics = offload.Statistics;
        Assert.True(statistics.Treatments[Treatment.Values].Saves > 0);
        TreatmentCount narrowed = statistics.Treatments[Treatment.Narrowed];
        const long Places = 16L * 3 * 32 * 32; // of 64 x 64
        const long Mask = 16L * 64;
        Assert.Equal(new TreatmentCount(2, (8 * Places) + Mask, (2 * Places) + (Mask / 8)), narrowed);
        Assert.Equal(0, store.HeldBytes);
    }

    // Operators that give the same bits each time on a GPU.
    private static Module<Tensor, Tensor> Net() => Sequential(
        ReLU(),
        MaxPool2d(2),
        Flatten(),
        Linear(3 * 32 * 32, 64),
        ReLU(),
        Dropout(0.1),
        Linear(64, 10));
}
