using JpegActFpga.Training.Loop;
using JpegActFpga.Training.Native;
using JpegActFpga.Training.Recomputation;
using JpegActFpga.Training.Tests.Support;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace JpegActFpga.Training.Tests.OnGpu;

/// <summary>Dropout on a GPU draws from the GPU's generator: what runs again must draw the same again, bit for bit.</summary>
/// <remarks>Nets of operators that give the same bits each time on a GPU; convolutions need not.</remarks>
public sealed class DropoutOnGpuTests
{
    public DropoutOnGpuTests() => Assert.SkipUnless(TorchCuda.IsAvailable(out string whyNot), whyNot);

    [Fact]
    public void A_segment_that_runs_again_has_the_gradients_of_its_own_forward_pass()
    {
        Dictionary<string, byte[]> plain = Run(recompute: false, out byte[] next);
        Dictionary<string, byte[]> again = Run(recompute: true, out byte[] nextAgain);
        Gradients.AssertEqual(plain, again);
        Assert.Equal(next, nextAgain);

        static Dictionary<string, byte[]> Run(bool recompute, out byte[] next)
        {
            manual_seed(5);
            using Module<Tensor, Tensor> model = Net().to(CUDA);
            using var hooks = new RecomputeHooks();
            if (recompute)
            {
                hooks.Attach(model, ["first", "second"]);
            }

            using Tensor input = randn([32, 64], device: CUDA);
            using Tensor labels = randint(0, 10, [32], int64, CUDA);
            Dictionary<string, byte[]> gradients = Gradients.Of(model, input, labels, hooks);
            Assert.Equal(recompute ? 2 : 0, hooks.Statistics.Reruns);
            using Tensor drawn = rand([16], device: CUDA);
            next = Gradients.Bytes(drawn);
            return gradients;
        }
    }

    [Fact]
    public void A_step_that_is_repeated_draws_what_it_drew()
    {
        using Module<Tensor, Tensor> model = Net().to(CUDA);
        model.train();
        using Tensor input = randn([32, 64], device: CUDA);
        using StepState state = new(model);
        state.Save();
        byte[] first = Forward();
        Assert.NotEqual(first, Forward());
        state.Restore();
        Assert.Equal(first, Forward());

        byte[] Forward()
        {
            using Tensor logits = model.call(input);
            return Gradients.Bytes(logits.detach());
        }
    }

    [Fact]
    public void The_seed_is_the_GPUs_too()
    {
        manual_seed(5);
        using Tensor first = rand([16], device: CUDA);
        manual_seed(5);
        using Tensor second = rand([16], device: CUDA);
        Assert.Equal(Gradients.Bytes(first), Gradients.Bytes(second));
    }

    private static Sequential Net() => Sequential(
        ("first", Sequential(Linear(64, 128), BatchNorm1d(128), ReLU(), Dropout(0.3))),
        ("second", Sequential(Linear(128, 128), BatchNorm1d(128), ReLU(inplace: true), Dropout(0.3))),
        ("head", Linear(128, 10)));
}
