using JpegActFpga.Training.SavedTensors;
using JpegActFpga.Training.Tests.Support;
using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace JpegActFpga.Training.Tests.SavedTensors;

/// <summary>A wrong "own" would replace values by bits, so each way to reach a ReLU is tried.</summary>
public sealed class ReluOwnershipTests
{
    [Theory]
    [InlineData("method")]
    [InlineData("functional")]
    [InlineData("module")]
    [InlineData("in place")]
    [InlineData("module in place")]
    public void The_relu_owns_its_save_and_its_consumers_do_not(string how)
    {
        List<SavedTensorInfo> saves = Saves(x =>
        {
            Tensor h = x.add(x);
            Tensor y = how switch
            {
                "method" => h.relu(),
                "functional" => functional.relu(h),
                "module" => ReLU().call(h),
                "in place" => h.relu_(),
                _ => ReLU(inplace: true).call(h),
            };
            _ = y.sin();
            _ = y.cos();
        });
        Assert.Equal([true, false, false], saves.Select(s => s.IsReluOutputOfItself));
        Assert.Single(saves.Select(s => s.Key).Distinct());
        Assert.NotNull(saves[0].Key);
    }

    [Fact]
    public void A_relu_before_two_convolutions_owns_one_save_of_three()
    {
        using TorchSharp.Modules.Conv2d first = Conv2d(2, 2, 3);
        using TorchSharp.Modules.Conv2d second = Conv2d(2, 2, 3);
        List<SavedTensorInfo> saves = Saves(x =>
        {
            Tensor y = x.add(x).view(1, 2, 4, 4).clone().relu();
            _ = first.call(y);
            _ = second.call(y);
        });
        SavedTensorInfo[] own = [.. saves.Where(s => s.GradientFunction == "ReluBackward0")];
        Assert.Equal([true, false, false], own.Select(s => s.IsReluOutputOfItself));
    }

    [Fact]
    public void A_residual_sum_makes_a_new_tensor()
    {
        List<SavedTensorInfo> saves = Saves(x =>
        {
            Tensor y = x.add(x).relu();
            Tensor z = (y.sin() + y).relu();
            _ = z.sin();
        });
        Assert.Equal([true, false, true, false], saves.Select(s => s.IsReluOutputOfItself));
        Assert.Equal(2, saves.Select(s => s.Key).Distinct().Count());
    }

    [Fact]
    public void A_relu_outside_the_scope_does_not_lend_its_ownership()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor x = randn(32, requires_grad: true);
        Tensor y = x.add(x).relu();
        CopyOutHooks hooks = new();
        using (SavedTensorsHooks.Use(hooks))
        {
            _ = y.sin();
        }

        Assert.False(Assert.Single(hooks.Infos).IsReluOutputOfItself);
    }

    [Fact]
    public void Reused_addresses_do_not_confuse()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor x = randn(32, requires_grad: true);
        for (int i = 0; i < 200; i++)
        {
            using DisposeScope inner = NewDisposeScope();
            CopyOutHooks hooks = new();
            using (SavedTensorsHooks.Use(hooks))
            {
                if (i % 2 == 0)
                {
                    _ = x.add(x).relu().sin();
                }
                else
                {
                    _ = x.add(x).exp().sin();
                }
            }

            Assert.Equal(i % 2 == 0 ? [true, false] : [false, false], hooks.Infos.Select(s => s.IsReluOutputOfItself));
        }
    }

    [Fact]
    public void A_relu_on_a_view_in_place_is_saved_as_values()
    {
        List<SavedTensorInfo> saves = Saves(x =>
        {
            Tensor h = x.add(x);
            h.slice(0, 0, 16, 1).relu_();
            _ = h.sin();
        });
        Assert.All(saves, s => Assert.False(s.IsReluOutputOfItself));
    }

    private static List<SavedTensorInfo> Saves(Action<Tensor> work)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor x = randn(32, requires_grad: true);
        CopyOutHooks hooks = new();
        using (SavedTensorsHooks.Use(hooks))
        {
            work(x);
        }

        SavedTensorsHooks.ThrowIfFailed(hooks);
        return [.. hooks.Infos.Where(i => !i.IsParameter)];
    }
}
