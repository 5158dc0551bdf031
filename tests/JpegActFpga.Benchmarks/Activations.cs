using JpegActFpga.Core.Memory;
using JpegActFpga.Core.Tensors;

namespace JpegActFpga.Benchmarks;

/// <summary>A made-up activation that compresses like a real one: smooth, noisy, about half zero. Never zeros alone, which memory likes too much.</summary>
internal static class Activations
{
    /// <summary>Fills a tensor.</summary>
    internal static void FillReluLike(TensorView tensor, int seed)
    {
        var random = new Random(seed);
        NativeSpan<float> elements = tensor.Bytes.Cast<float>();
        long width = tensor.Spec.Shape.W;
        for (long i = 0; i < elements.Length; i++)
        {
            double wave = Math.Sin(0.2 * (i % width)) + Math.Sin(0.13 * (i / width));
            elements[i] = (float)Math.Max(0, wave + (0.5 * (random.NextDouble() - 0.5)));
        }
    }
}
