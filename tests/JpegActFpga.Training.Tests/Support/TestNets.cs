using JpegActFpga.Training.Models;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace JpegActFpga.Training.Tests.Support;

/// <summary>Small models that use the layers people use, with inputs for them.</summary>
internal static class TestNets
{
    public static readonly TheoryData<string> Names = ["mixed", "small-cnn", "resnet20"];

    public static (Module<Tensor, Tensor> Model, Tensor Input, Tensor Labels) Create(string name, int batch = 8)
    {
        manual_seed(1);
        Module<Tensor, Tensor> model = name == "mixed" ? Mixed() : ModelCatalog.Create(name, 1, 10);
        return (model, randn(batch, 1, 28, 28), randint(0, 10, [batch], int64));
    }

    private static Module<Tensor, Tensor> Mixed() => Sequential(
        Conv2d(1, 8, 3, padding: 1),
        BatchNorm2d(8),
        ReLU(),
        Conv2d(8, 8, 3, padding: 1),
        BatchNorm2d(8),
        ReLU(inplace: true),
        MaxPool2d(2),
        Dropout(0.1),
        Conv2d(8, 16, 3, padding: 1, bias: false),
        ReLU(),
        AvgPool2d(2),
        Flatten(),
        Linear(16 * 7 * 7, 10));
}
