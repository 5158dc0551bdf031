using JpegActFpga.Training.Recomputation;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace JpegActFpga.Training.Models;

/// <summary>
/// A small convolutional network for 1 x 28 x 28 images: three blocks of convolution, batch normalisation and ReLU.
/// An ordinary TorchSharp module that knows nothing of offloading.
/// </summary>
public sealed class SmallCnn : Module<Tensor, Tensor>, ISegmentedModel
{
    private readonly Sequential _layers;

    /// <summary>New weights from torch's generator.</summary>
    public SmallCnn(int channels = 1, int classes = 10)
        : base(nameof(SmallCnn))
    {
        _layers = Sequential(
            ("conv1", Conv2d(channels, 4, 3, padding: 1, bias: false)),
            ("bn1", BatchNorm2d(4)),
            ("relu1", ReLU()),
            ("pool1", MaxPool2d(2)),
            ("conv2", Conv2d(4, 12, 3, padding: 1, bias: false)),
            ("bn2", BatchNorm2d(12)),
            ("relu2", ReLU()),
            ("conv3", Conv2d(12, 24, 3, stride: 2, padding: 1, bias: false)),
            ("bn3", BatchNorm2d(24)),
            ("relu3", ReLU()),
            ("flatten", Flatten()),
            ("linear", Linear(24 * 7 * 7, classes)));
        RegisterComponents();
    }

    /// <inheritdoc/>
    public IReadOnlyList<string> SegmentStarts { get; } = ["_layers.conv1", "_layers.conv2", "_layers.conv3"];

    /// <summary>Logits [n, classes] of images [n, channels, 28, 28].</summary>
    public override Tensor forward(Tensor input) => _layers.call(input);
}
