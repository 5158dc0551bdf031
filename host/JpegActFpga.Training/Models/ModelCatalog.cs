using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace JpegActFpga.Training.Models;

/// <summary>The models that can be named on a command line.</summary>
public static class ModelCatalog
{
    /// <summary>The names that <see cref="Create"/> takes.</summary>
    public static readonly IReadOnlyList<string> Names = ["small-cnn", "resnet20"];

    /// <summary>A new model with weights from torch's generator.</summary>
    /// <exception cref="ArgumentException">The name is not in <see cref="Names"/>.</exception>
    public static Module<Tensor, Tensor> Create(string name, int channels, int classes) => name switch
    {
        "small-cnn" => new SmallCnn(channels, classes),
        "resnet20" => new ResNet20(channels, classes),
        _ => throw new ArgumentException($"there is no model '{name}'; known: {string.Join(", ", Names)}", nameof(name)),
    };
}
