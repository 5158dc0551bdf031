using JpegActFpga.Training.SavedTensors;
using JpegActFpga.Training.Tests.Support;
using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace JpegActFpga.Training.Tests.SavedTensors;

public sealed class HookErrorTests
{
    [Fact]
    public void An_error_in_pack_keeps_the_tensor_and_is_thrown_before_the_backward_pass()
    {
        using DisposeScope scope = NewDisposeScope();
        CopyOutHooks hooks = new() { ThrowInPack = true };
        (Tensor x, Tensor loss) = Loss(hooks);
        SavedTensorHookException error = Assert.Throws<SavedTensorHookException>(() => SavedTensorsHooks.Backward(loss, hooks));
        Assert.Equal("Pack", error.Hook);
        Assert.IsType<InvalidTimeZoneException>(error.InnerException);
        SavedTensorsHooks.Backward(loss, hooks); // the error was taken, and the tensors are there
        Assert.Equal(Gradients.Bytes(x.detach().exp()), Gradients.Bytes(x.grad!));
    }

    [Fact]
    public void An_error_in_unpack_fails_the_backward_pass_and_the_next_one_works()
    {
        (Module<Tensor, Tensor> model, Tensor input, Tensor labels) = TestNets.Create("mixed");
        Dictionary<string, byte[]> plain = Gradients.Of(model, input, labels, null);
        CopyOutHooks failing = new() { ThrowInUnpack = true };
        SavedTensorHookException error =
            Assert.Throws<SavedTensorHookException>(() => Gradients.Of(model, input, labels, failing));
        Assert.Equal("Unpack", error.Hook);
        Assert.IsType<InvalidTimeZoneException>(error.InnerException);
        GC.Collect();
        GC.WaitForPendingFinalizers();
        Assert.Equal(0, SavedTensorsHooks.HooksLive);
        Assert.Equal(failing.Packed, failing.Released);
        Gradients.AssertEqual(plain, Gradients.Of(model, input, labels, new CopyOutHooks()));
    }

    [Fact]
    public void Plain_backward_throws_a_torch_error_that_names_the_remedy()
    {
        using DisposeScope scope = NewDisposeScope();
        CopyOutHooks hooks = new() { ThrowInUnpack = true };
        (_, Tensor loss) = Loss(hooks);
        Exception error = Assert.ThrowsAny<Exception>(loss.backward);
        Assert.Contains("ThrowIfFailed", error.Message, StringComparison.Ordinal);
        Assert.Throws<SavedTensorHookException>(() => SavedTensorsHooks.ThrowIfFailed(hooks));
        SavedTensorsHooks.ThrowIfFailed(hooks);
    }

    [Fact]
    public void A_wrong_shape_is_refused()
    {
        using DisposeScope scope = NewDisposeScope();
        CopyOutHooks hooks = new() { ReturnWrongShape = true };
        (_, Tensor loss) = Loss(hooks);
        SavedTensorHookException error = Assert.Throws<SavedTensorHookException>(() => SavedTensorsHooks.Backward(loss, hooks));
        Assert.Contains("[1, 2, 3, 4]", error.InnerException!.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_error_in_release_is_reported()
    {
        using DisposeScope scope = NewDisposeScope();
        CopyOutHooks hooks = new() { ThrowInRelease = true };
        (_, Tensor loss) = Loss(hooks);
        SavedTensorHookException error = Assert.Throws<SavedTensorHookException>(() => SavedTensorsHooks.Backward(loss, hooks));
        Assert.Equal("Release", error.Hook);
        Assert.Equal(0, SavedTensorsHooks.HooksLive);
    }

    [Fact]
    public void A_kept_tensor_that_was_modified_in_place_is_refused()
    {
        using DisposeScope scope = NewDisposeScope();
        IdentityHooks hooks = new();
        Tensor x = ones(3, requires_grad: true);
        Tensor y;
        using (SavedTensorsHooks.Use(hooks))
        {
            y = x.exp();
        }

        Tensor loss = y.add(0).sum();
        using (no_grad())
        {
            y.add_(1);
        }

        SavedTensorHookException error = Assert.Throws<SavedTensorHookException>(() => SavedTensorsHooks.Backward(loss, hooks));
        Assert.Contains("modified in place", error.Message, StringComparison.Ordinal);
    }

    /// <summary>Sum of exp(x): exp saves its result.</summary>
    private static (Tensor X, Tensor Loss) Loss(CopyOutHooks hooks)
    {
        Tensor x = rand(5, requires_grad: true);
        using (SavedTensorsHooks.Use(hooks))
        {
            return (x, x.exp().sum());
        }
    }
}
