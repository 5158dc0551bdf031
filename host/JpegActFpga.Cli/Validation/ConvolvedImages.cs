using System.Runtime.CompilerServices;
using JpegActFpga.Core.Profiles;
using JpegActFpga.Training.Data;

namespace JpegActFpga.Cli.Validation;

/// <summary>Activations of a real network layer: Fashion-MNIST images through a fixed random 3x3 convolution, before and after its ReLU.</summary>
internal static class ConvolvedImages
{
    private const int Channels = 8;
    private const int Kernel = 3;

    /// <summary>Makes the tensors.</summary>
    /// <param name="folder">Folder of the data set.</param>
    /// <param name="images">Images.</param>
    /// <param name="seed">Seed of the weights.</param>
    /// <exception cref="SkippedException">The data set is not installed.</exception>
    internal static IEnumerable<TensorCase> Cases(string folder, int images, int seed)
    {
        if (!FashionMnist.IsAvailable(folder))
        {
            throw new SkippedException($"there is no data set in {folder}; install the Debian package {FashionMnist.Package}");
        }

        ImageDataset data = FashionMnist.Load(folder).Test.Take(images);
        float[] convolved = Convolve(data, Weights(seed));
        float[] rectified = [.. convolved.Select(value => Math.Max(0f, value))];
        long[] shape = [data.Count, Channels, data.Height, data.Width];
        foreach (ShiftTable table in new[] { ShiftTables.OptsLow, ShiftTables.OptsHigh, ShiftTables.Jpeg(80) })
        {
            CodecProfile profile = CodecProfile.JpegAct(table);
            yield return TensorCases.Case("Fashion-MNIST after a convolution", shape, _ => convolved, profile);
            yield return TensorCases.Case("Fashion-MNIST after convolution and ReLU", shape, _ => rectified, profile);
        }
    }

    private static float[] Weights(int seed)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, Channels * Kernel * Kernel).Select(_ => (float)(random.NextDouble() - 0.5))];
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static float[] Convolve(ImageDataset data, float[] weights)
    {
        (int height, int width) = (data.Height, data.Width);
        float[] table = data.Normalization.Table();
        var result = new float[data.Count * Channels * height * width];
        int at = 0;
        for (int image = 0; image < data.Count; image++)
        {
            ReadOnlySpan<byte> pixels = data.Pixels(image);
            for (int channel = 0; channel < Channels; channel++)
            {
                for (int y = 0; y < height; y++)
                {
                    for (int x = 0; x < width; x++, at++)
                    {
                        result[at] = At(pixels, table, weights.AsSpan(channel * Kernel * Kernel), y, x, height, width);
                    }
                }
            }
        }

        return result;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static float At(ReadOnlySpan<byte> pixels, float[] table, ReadOnlySpan<float> weights, int y, int x, int height, int width)
    {
        float sum = 0;
        for (int dy = 0; dy < Kernel; dy++)
        {
            for (int dx = 0; dx < Kernel; dx++)
            {
                (int py, int px) = (y + dy - 1, x + dx - 1);
                if ((uint)py < (uint)height && (uint)px < (uint)width)
                {
                    sum += weights[(Kernel * dy) + dx] * table[pixels[(py * width) + px]];
                }
            }
        }

        return sum;
    }
}
