using JpegActFpga.Training.SavedTensors;
using JpegActFpga.Training.Tests.Support;
using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace JpegActFpga.Training.Tests.SavedTensors;

public sealed class GradientTests
{
    [Fact]
    public void Hooks_install_on_this_libtorch()
    {
        Assert.True(SavedTensorsHooks.TryInstall(out string whyNot), whyNot);
        Assert.Equal("", whyNot);
        Assert.True(SavedTensorsHooks.RecognisesReluOwnership);
    }

    [Theory]
    [MemberData(nameof(TestNets.Names), MemberType = typeof(TestNets))]
    public void Gradients_through_hooks_equal_those_without(string name)
    {
        (Module<Tensor, Tensor> model, Tensor input, Tensor labels) = TestNets.Create(name);
        Dictionary<string, byte[]> plain = Gradients.Of(model, input, labels, null);

        Gradients.AssertEqual(plain, Gradients.Of(model, input, labels, new IdentityHooks()));
        CopyOutHooks copying = new();
        Gradients.AssertEqual(plain, Gradients.Of(model, input, labels, copying));
        Assert.True(copying.Packed > 5, $"only {copying.Packed} tensors were packed");
        Assert.Equal(copying.Packed, copying.Unpacked);
        Assert.Equal(0, SavedTensorsHooks.HooksLive);
        Assert.Equal(copying.Packed, copying.Released);
    }

    [Fact]
    public void Saved_tensors_of_a_dropping_hook_reach_the_gradient()
    {
        // The counter-proof: if the hooks were bypassed, dropping the data would change nothing.
        (Module<Tensor, Tensor> model, Tensor input, Tensor labels) = TestNets.Create("small-cnn");
        Dictionary<string, byte[]> plain = Gradients.Of(model, input, labels, null);
        Dictionary<string, byte[]> dropped = Gradients.Of(model, input, labels, new CopyOutHooks { DropData = true });
        Assert.Equal(plain["loss"], dropped["loss"]);
        Assert.NotEqual(plain["_layers.conv2.weight"], dropped["_layers.conv2.weight"]);
    }

    [Fact]
    public void Nothing_is_hooked_outside_the_scope_or_in_a_hook()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor x = ones(3, requires_grad: true);
        CopyOutHooks outer = new();
        CopyOutHooks inner = new();
        using (SavedTensorsHooks.Use(outer))
        {
            _ = x.exp();
            using (SavedTensorsHooks.Use(inner))
            {
                _ = x.sin().exp();
            }

            _ = x.exp();
        }

        _ = x.exp();
        Assert.Equal(2, outer.Infos.Count);
        Assert.Equal(2, inner.Infos.Count);

        ComputingHooks computing = new();
        using (SavedTensorsHooks.Use(computing))
        {
            _ = x.exp();
        }

        Assert.Equal(1, computing.Calls);
    }

    [Fact]
    public void A_scope_ends_on_its_own_thread_only()
    {
        IDisposable scope = SavedTensorsHooks.Use(new IdentityHooks());
        Exception? error = null;
        Thread other = new(() => error = Record.Exception(scope.Dispose));
        other.Start();
        other.Join();
        Assert.IsType<InvalidOperationException>(error);
        scope.Dispose();
        scope.Dispose();
    }

    [Fact]
    public void The_description_is_right()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor weight = randn(5, 3, requires_grad: true);
        Tensor x = randn(4, 3, requires_grad: true);
        CopyOutHooks hooks = new();
        using (SavedTensorsHooks.Use(hooks))
        {
            Tensor h = x.sin();               // saves x
            _ = h.mm(weight.t());             // saves h and a view of a parameter
            _ = h.view(3, 4).exp().sin();     // exp saves its result, sin the same again
        }

        SavedTensorInfo leaf = hooks.Infos[0];
        Assert.True(leaf is { IsLeaf: true, IsParameter: true, IsView: false, GradientFunction: null, Key: null });
        Assert.Equal([4, 3], leaf.Shape);
        Assert.Equal(48, leaf.Bytes);
        SavedTensorInfo view = Assert.Single(hooks.Infos, i => i is { IsView: true, IsParameter: true });
        Assert.Equal([1, 3], view.Strides);
        Assert.False(view.IsContiguous);
        SavedTensorInfo sine = Assert.Single(hooks.Infos, i => i.GradientFunction == "SinBackward0");
        Assert.True(sine is { IsLeaf: false, RequiresGrad: true, IsParameter: false, IsContiguous: true, ElementType: ScalarType.Float32 });
        SavedTensorInfo[] exp = [.. hooks.Infos.Where(i => i.GradientFunction == "ExpBackward0")];
        Assert.Equal(2, exp.Length);
        Assert.NotNull(exp[0].Key);
        Assert.Equal(exp[0].Key, exp[1].Key);
    }

    private sealed class ComputingHooks : ISavedTensorHooks
    {
        public int Calls { get; private set; }

        public object? Pack(in SavedTensorInfo info, Tensor tensor)
        {
            Calls++;
            using IDisposable gradients = enable_grad();
            Tensor leaf = ones(3, requires_grad: true);
            _ = leaf.exp().sin();
            return null;
        }

        public Tensor Unpack(object packed) => throw new NotSupportedException();

        public void Release(object packed) => throw new NotSupportedException();
    }
}
