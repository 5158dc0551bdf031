using JpegActFpga.Training.SavedTensors;
using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace JpegActFpga.Training.Tests.Support;

/// <summary>Loss and gradients of a model, as bytes, so that equality means equality.</summary>
internal static class Gradients
{
    public static Dictionary<string, byte[]> Of(
        Module<Tensor, Tensor> model, Tensor input, Tensor labels, ISavedTensorHooks? hooks)
    {
        using DisposeScope scope = NewDisposeScope();
        model.train();
        model.zero_grad();
        manual_seed(7); // dropout
        Tensor loss;
        using (hooks is null ? null : SavedTensorsHooks.Use(hooks))
        {
            loss = functional.cross_entropy(model.call(input), labels);
        }

        // What the forward pass left to finalizers must not be what the graph needs.
        GC.Collect();
        GC.WaitForPendingFinalizers();
        if (hooks is null)
        {
            loss.backward();
        }
        else
        {
            SavedTensorsHooks.Backward(loss, hooks);
        }

        Dictionary<string, byte[]> result = new() { ["loss"] = Bytes(loss.detach()) };
        foreach ((string name, TorchSharp.Modules.Parameter parameter) in model.named_parameters())
        {
            result[name] = Bytes(parameter.grad!);
        }

        return result;
    }

    public static byte[] Bytes(Tensor tensor)
    {
        using Tensor here = tensor.cpu();
        using Tensor dense = here.contiguous();
        return dense.bytes.ToArray();
    }

    public static void AssertEqual(Dictionary<string, byte[]> expected, Dictionary<string, byte[]> actual)
    {
        Assert.Equal(expected.Keys, actual.Keys);
        foreach (string name in expected.Keys)
        {
            Assert.True(expected[name].AsSpan().SequenceEqual(actual[name]), $"{name} differs");
        }
    }
}
