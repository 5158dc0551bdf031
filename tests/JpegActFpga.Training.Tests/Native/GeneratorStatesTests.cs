using JpegActFpga.Training.Native;
using JpegActFpga.Training.Tests.Support;
using TorchSharp;
using static TorchSharp.torch;

namespace JpegActFpga.Training.Tests.Native;

/// <summary>torch's generators by their native handles: how a GPU's is reached too, which TorchSharp does not name.</summary>
public sealed class GeneratorStatesTests
{
    [Fact]
    public void The_processors_state_is_the_one_that_torch_gives()
    {
        manual_seed(3);
        using Tensor state = TorchGenerator.Processor.State();
        using Tensor expected = random.get_rng_state();
        Assert.Equal(Gradients.Bytes(expected), Gradients.Bytes(state));
    }

    [Fact]
    public void A_state_outlives_the_dispose_scope_that_it_was_kept_in()
    {
        GeneratorStates states;
        byte[] drawn;
        using (NewDisposeScope())
        {
            states = GeneratorStates.Keep(DeviceType.CPU);
            drawn = Draw(null);
        }

        using (states)
        {
            states.Restore();
            Assert.Equal(drawn, Draw(null));
        }
    }

    // As where the pass computes on a GPU: the processor's generator and another draw by turns.
    [Fact]
    public void Each_generator_goes_back_to_its_own_place()
    {
        using Generator other = new(11);
        using GeneratorStates states = new([TorchGenerator.Processor, new TorchGenerator(other.Handle, "another")]);
        byte[][] first = [Draw(null), Draw(other), Draw(other), Draw(null)];
        Assert.Equal(4, first.Select(Convert.ToHexString).Distinct().Count());
        states.Restore();
        Assert.Equal(first, [Draw(null), Draw(other), Draw(other), Draw(null)]);
        states.Restore();
        Assert.Equal(first[0], Draw(null));
        Assert.Equal(first[1], Draw(other));
    }

    [Fact]
    public void Without_a_GPU_its_generators_are_refused_with_the_reason()
    {
        Assert.SkipWhen(TorchCuda.IsAvailable(out _), "This torch has a GPU.");
        Assert.NotEmpty(Assert.Throws<PlatformNotSupportedException>(() => GeneratorStates.Keep(DeviceType.CUDA)).Message);
    }

    private static byte[] Draw(Generator? generator)
    {
        using Tensor numbers = rand(100, generator: generator);
        return Gradients.Bytes(numbers);
    }
}
