using System.Numerics;

namespace JpegActFpga.Benchmarks.Codec;

/// <summary>A feature map of the net.</summary>
/// <param name="Name">What made it.</param>
/// <param name="Shape">N, C, H, W.</param>
/// <param name="Elements">In C order.</param>
internal sealed record FeatureMap(string Name, int[] Shape, float[] Elements);

/// <summary>
/// Five stages of 3x3 convolution, batch normalisation, ReLU and 2x2 max-pooling, with normally distributed weights of one
/// seed: what a network's first layers do to pictures, though nothing was learned. The same numbers on every machine.
/// </summary>
internal static class ConvolutionNet
{
    private const int Seed = 20;
    private static readonly int[] Channels = [16, 32, 64, 64, 64];

    /// <summary>Runs the net.</summary>
    /// <param name="images">[N, C, side, side]; the side is a multiple of 16.</param>
    /// <returns>Normalised results of each convolution, and those after ReLU.</returns>
    internal static IEnumerable<FeatureMap> Run(float[,,,] images)
    {
        (int n, int c, int side) = (images.GetLength(0), images.GetLength(1), images.GetLength(2));
        var input = new float[images.Length];
        Buffer.BlockCopy(images, 0, input, 0, input.Length * sizeof(float));
        var random = new Random(Seed);
        for (int stage = 0; stage < Channels.Length; stage++)
        {
            int outputs = Channels[stage];
            float[] convolved = Convolve(input, n, c, side, outputs, Weights(random, outputs, c));
            Normalise(convolved, n, outputs, side * side);
            int[] shape = [n, outputs, side, side];
            yield return new FeatureMap($"norm{stage + 1}", shape, convolved);
            float[] rectified = [.. convolved.Select(value => Math.Max(0, value))];
            yield return new FeatureMap($"relu{stage + 1}", shape, rectified);
            input = Pool(rectified, n * outputs, side);
            (c, side) = (outputs, side / 2);
        }
    }

    /// <summary>3x3 convolution with a border of zeros.</summary>
    /// <param name="input">[n, c, side, side].</param>
    /// <param name="n">Images.</param>
    /// <param name="c">Channels.</param>
    /// <param name="side">Rows and columns.</param>
    /// <param name="outputs">Channels of the result.</param>
    /// <param name="weights">[outputs, c, 3, 3].</param>
    internal static float[] Convolve(float[] input, int n, int c, int side, int outputs, float[] weights)
    {
        int row = side + 2 + Vector<float>.Count;
        int plane = row * (side + 2);
        var padded = new float[n * c * plane];
        for (int p = 0; p < n * c; p++)
        {
            for (int y = 0; y < side; y++)
            {
                input.AsSpan(((p * side) + y) * side, side).CopyTo(padded.AsSpan((p * plane) + ((y + 1) * row) + 1));
            }
        }

        var result = new float[n * outputs * side * side];
        Parallel.For(0, n * outputs, output =>
        {
            (int image, int channel) = Math.DivRem(output, outputs);
            var sums = new float[side + Vector<float>.Count];
            for (int y = 0; y < side; y++)
            {
                Array.Clear(sums);
                for (int tap = 0; tap < c * 9; tap++)
                {
                    int from = ((((image * c) + (tap / 9)) * plane) + ((y + (tap / 3 % 3)) * row)) + (tap % 3);
                    var weight = new Vector<float>(weights[(channel * c * 9) + tap]);
                    for (int x = 0; x < side; x += Vector<float>.Count)
                    {
                        (new Vector<float>(sums, x) + (weight * new Vector<float>(padded, from + x))).CopyTo(sums, x);
                    }
                }

                sums.AsSpan(0, side).CopyTo(result.AsSpan(((output * side) + y) * side));
            }
        });
        return result;
    }

    /// <summary>The largest of each 2x2.</summary>
    /// <param name="input">[planes, side, side].</param>
    /// <param name="planes">Planes.</param>
    /// <param name="side">Rows and columns, even.</param>
    internal static float[] Pool(float[] input, int planes, int side)
    {
        int half = side / 2;
        var result = new float[planes * half * half];
        for (int i = 0; i < result.Length; i++)
        {
            int at = ((i / half) * 2 * side) + (i % half * 2);
            result[i] = Math.Max(Math.Max(input[at], input[at + 1]), Math.Max(input[at + side], input[at + side + 1]));
        }

        return result;
    }

    // Box and Muller's; the deviation keeps the size of what comes out (He et al.).
    private static float[] Weights(Random random, int outputs, int inputs)
    {
        double deviation = Math.Sqrt(2.0 / (9 * inputs));
        return [.. Enumerable.Range(0, outputs * inputs * 9).Select(_ =>
            (float)(deviation * Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble())))];
    }

    // Each channel to mean 0 and deviation 1, as batch normalisation does in its first step.
    private static void Normalise(float[] maps, int n, int channels, int plane)
    {
        for (int channel = 0; channel < channels; channel++)
        {
            double sum = 0, squares = 0;
            for (int image = 0; image < n; image++)
            {
                foreach (float value in maps.AsSpan(((image * channels) + channel) * plane, plane))
                {
                    sum += value;
                    squares += (double)value * value;
                }
            }

            double mean = sum / ((double)n * plane);
            double scale = 1 / Math.Sqrt((squares / ((double)n * plane)) - (mean * mean) + 1e-5);
            for (int image = 0; image < n; image++)
            {
                foreach (ref float value in maps.AsSpan(((image * channels) + channel) * plane, plane))
                {
                    value = (float)((value - mean) * scale);
                }
            }
        }
    }
}
