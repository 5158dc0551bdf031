using JpegActFpga.Training.Recomputation;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace JpegActFpga.Training.Models;

/// <summary>
/// ResNet-20 of He et al. (2015) for small images: a first convolution, three stages of three basic blocks with 16, 32 and 64
/// channels, global average pooling and a linear layer; option A shortcuts (subsample, and pad the channels with zeros: no
/// parameters). 0.27 million parameters. Takes 3 x 32 x 32 as in the paper, or 1 x 28 x 28.
/// An ordinary TorchSharp module that knows nothing of offloading.
/// </summary>
public sealed class ResNet20 : Module<Tensor, Tensor>, ISegmentedModel
{
    private const int BlocksPerStage = 3;
    private readonly Sequential _layers;

    /// <summary>New weights from torch's generator.</summary>
    public ResNet20(int channels = 1, int classes = 10)
        : base(nameof(ResNet20))
    {
        List<(string, Module<Tensor, Tensor>)> layers =
        [
            ("conv", Conv2d(channels, 16, 3, padding: 1, bias: false)),
            ("bn", BatchNorm2d(16)),
            ("relu", ReLU()),
        ];
        int width = 16;
        for (int stage = 0; stage < 3; stage++)
        {
            for (int block = 0; block < BlocksPerStage; block++)
            {
                int output = 16 << stage;
                layers.Add(($"stage{stage + 1}_block{block + 1}", new BasicBlock(width, output)));
                width = output;
            }
        }

        layers.Add(("pool", AdaptiveAvgPool2d(1)));
        layers.Add(("flatten", Flatten()));
        layers.Add(("linear", Linear(width, classes)));
        _layers = Sequential(layers);
        RegisterComponents();
    }

    /// <inheritdoc/>
    public IReadOnlyList<string> SegmentStarts { get; } =
        ["_layers.conv", .. Enumerable.Range(0, 3 * BlocksPerStage).Select(block => $"_layers.stage{(block / BlocksPerStage) + 1}_block{(block % BlocksPerStage) + 1}")];

    /// <summary>Logits [n, classes] of images [n, channels, height, width].</summary>
    public override Tensor forward(Tensor input) => _layers.call(input);

    /// <summary>relu(bn(conv(relu(bn(conv(x))))) + shortcut(x)); halves height and width when the channels grow.</summary>
    private sealed class BasicBlock : Module<Tensor, Tensor>
    {
        private readonly Sequential _residual;
        private readonly int _added;

        public BasicBlock(int input, int output)
            : base(nameof(BasicBlock))
        {
            _added = output - input;
            _residual = Sequential(
                ("conv1", Conv2d(input, output, 3, stride: _added > 0 ? 2 : 1, padding: 1, bias: false)),
                ("bn1", BatchNorm2d(output)),
                ("relu1", ReLU()),
                ("conv2", Conv2d(output, output, 3, padding: 1, bias: false)),
                ("bn2", BatchNorm2d(output)));
            RegisterComponents();
        }

        public override Tensor forward(Tensor input)
        {
            using DisposeScope scope = NewDisposeScope();
            Tensor sum = _residual.call(input) + Shortcut(input);
            return functional.relu(sum).MoveToOuterDisposeScope();
        }

        private Tensor Shortcut(Tensor input)
        {
            if (_added == 0)
            {
                return input;
            }

            Tensor subsampled = input.slice(2, 0, input.shape[2], 2).slice(3, 0, input.shape[3], 2);
            return functional.pad(subsampled, [0, 0, 0, 0, _added / 2, _added - (_added / 2)]);
        }
    }
}
