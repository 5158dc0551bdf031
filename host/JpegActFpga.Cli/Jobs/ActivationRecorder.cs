using System.Globalization;
using JpegActFpga.Cli.Files;
using JpegActFpga.Cli.Npy;
using JpegActFpga.Core.Memory;
using JpegActFpga.Core.Tensors;
using JpegActFpga.Training.Native;
using JpegActFpga.Training.SavedTensors;
using TorchSharp;
using static TorchSharp.torch;

namespace JpegActFpga.Cli.Jobs;

/// <summary>What activations are saved, and where.</summary>
/// <param name="Folder">Receives a file each.</param>
/// <param name="Step">The step whose forward pass is recorded, from 1; 0 for the last.</param>
internal sealed record ActivationRecording(string Folder, int Step);

/// <summary>Hooks that change nothing and save the feature maps that autograd keeps in one step as .npy files.</summary>
/// <remarks>
/// Float32 tensors of rank 4 that a layer made, each once, however many nodes save it. A file is called after its turn,
/// the layer that saved it first, and the operation that made it: <c>03-_layers.conv2-MaxPool2DWithIndices.npy</c>.
/// </remarks>
/// <param name="folder">An existing folder; files in it are replaced.</param>
/// <param name="step">The step, from 1.</param>
/// <param name="cancellation">Looked at between parts of a file.</param>
internal sealed class ActivationRecorder(string folder, long step, CancellationToken cancellation) : ISavedTensorHooks, IDisposable
{
    private const string NodeSuffix = "Backward0";

    private readonly LayerNames _layers = new();
    private readonly HashSet<SavedValueKey> _seen = [];
    private long _done;

    /// <summary>Gets the files written.</summary>
    internal List<string> Files { get; } = [];

    /// <summary>Follows a model, so that files are called after its layers.</summary>
    internal void Attach(nn.Module<Tensor, Tensor> model) => _layers.Attach(model);

    /// <summary>A step is done.</summary>
    /// <param name="done">Steps done, from 1.</param>
    internal void StepDone(long done) => _done = done;

    /// <inheritdoc/>
    public object? Pack(in SavedTensorInfo info, Tensor tensor)
    {
        if (_done + 1 == step
            && info is { IsLeaf: false, IsParameter: false, ElementType: ScalarType.Float32, Shape.Count: 4, Elements: > 0 }
            && tensor.device_type == DeviceType.CPU
            && (info.Key is not { } key || _seen.Add(key)))
        {
            Save(in info, tensor);
        }

        return null;
    }

    /// <inheritdoc/>
    public Tensor Unpack(object packed) => throw new NotSupportedException("a recorder packs nothing");

    /// <inheritdoc/>
    public void Release(object packed) => throw new NotSupportedException("a recorder packs nothing");

    /// <inheritdoc/>
    public void Dispose() => _layers.Dispose();

    private unsafe void Save(in SavedTensorInfo info, Tensor tensor)
    {
        string maker = info.GradientFunction is { } node ? node.Replace(NodeSuffix, string.Empty, StringComparison.Ordinal) : "none";
        string name = string.Create(CultureInfo.InvariantCulture, $"{Files.Count + 1:00}-{(_layers.Current is { Length: > 0 } layer ? layer : "model")}-{maker}.npy");
        var spec = new TensorSpec(ElementType.Float32, new TensorShape([.. info.Shape]));
        Tensor dense = info.IsContiguous ? tensor : tensor.contiguous();
        using (OutputFile file = OutputFile.Create(Path.Join(folder, name), input: null, overwrite: true))
        {
            NpyFile.Write(file, new TensorView(spec, new NativeSpan<byte>((byte*)TensorHandles.DataPointer(dense), spec.ByteCount)), cancellation);
            file.Commit();
        }

        GC.KeepAlive(dense);
        Files.Add(name);
    }
}
