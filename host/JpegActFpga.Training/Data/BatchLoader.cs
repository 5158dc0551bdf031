using System.Runtime.CompilerServices;
using JpegActFpga.Training.Native;
using TorchSharp;

namespace JpegActFpga.Training.Data;

/// <summary>Makes tensors of chosen images. Safe for use from several threads.</summary>
public sealed class BatchLoader(ImageDataset dataset)
{
    private readonly float[] _table = dataset.Normalization.Table();

    /// <summary>
    /// The images as float32 [n, channels, height, width], normalised, and their classes as int64 [n]. Both belong to the
    /// caller (and to its dispose scope, if any).
    /// </summary>
    public (torch.Tensor Images, torch.Tensor Labels) Load(ReadOnlySpan<int> indices)
    {
        torch.Tensor images = torch.empty(indices.Length, dataset.Channels, dataset.Height, dataset.Width);
        torch.Tensor labels = torch.empty(indices.Length, dtype: torch.int64);
        Span<float> pixels = Elements<float>(images, indices.Length * dataset.ImageBytes);
        Span<long> classes = Elements<long>(labels, indices.Length);
        for (int i = 0; i < indices.Length; i++)
        {
            Normalize(dataset.Pixels(indices[i]), pixels.Slice(i * dataset.ImageBytes, dataset.ImageBytes), _table);
            classes[i] = dataset.Label(indices[i]);
        }

        GC.KeepAlive(images);
        GC.KeepAlive(labels);
        return (images, labels);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Normalize(ReadOnlySpan<byte> from, Span<float> to, float[] table)
    {
        for (int i = 0; i < from.Length; i++)
        {
            to[i] = table[from[i]];
        }
    }

    private static unsafe Span<T> Elements<T>(torch.Tensor tensor, int count)
        where T : unmanaged => new((void*)TensorHandles.DataPointer(tensor), count);
}
