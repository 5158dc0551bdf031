namespace JpegActFpga.Benchmarks.Codec;

/// <summary>Photographs of a folder as a batch of small colour images, for a network to look at.</summary>
internal static class Photographs
{
    /// <summary>Where Debian's mate-backgrounds puts its photographs.</summary>
    internal const string DefaultFolder = "/usr/share/backgrounds/mate/nature";

    private const int Colours = 3;

    /// <summary>Reads the first JPEG files of a folder, by name.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="count">Images at most.</param>
    /// <param name="side">Columns and rows of each image: the middle of the photograph, made smaller by averaging.</param>
    /// <returns>[images, 3, side, side], about zero, of deviation about one.</returns>
    /// <exception cref="InvalidDataException">No JPEG file, or one that is too small.</exception>
    internal static float[,,,] Load(string folder, int count, int side)
    {
        string[] files = [.. Directory.GetFiles(folder, "*.jpg").Order(StringComparer.Ordinal).Take(count)];
        if (files.Length == 0)
        {
            throw new InvalidDataException($"There is no .jpg file in {folder}.");
        }

        var batch = new float[files.Length, Colours, side, side];
        for (int n = 0; n < files.Length; n++)
        {
            (byte[] pixels, int width, int height) = Peers.DecodeColours(File.ReadAllBytes(files[n]));
            Place(pixels, width, height, batch, n, side, files[n]);
        }

        return batch;
    }

    private static void Place(byte[] pixels, int width, int height, float[,,,] batch, int n, int side, string file)
    {
        int factor = Math.Min(width, height) / side;
        if (factor == 0)
        {
            throw new InvalidDataException($"{file} has {width} x {height} pixels; at least {side} x {side} are needed.");
        }

        int left = (width - (factor * side)) / 2;
        int top = (height - (factor * side)) / 2;
        for (int colour = 0; colour < Colours; colour++)
        {
            for (int y = 0; y < side; y++)
            {
                for (int x = 0; x < side; x++)
                {
                    int sum = 0;
                    for (int dy = 0; dy < factor; dy++)
                    {
                        int row = ((top + (y * factor) + dy) * width) + left + (x * factor);
                        for (int dx = 0; dx < factor; dx++)
                        {
                            sum += pixels[((row + dx) * Colours) + colour];
                        }
                    }

                    batch[n, colour, y, x] = ((sum / (255f * factor * factor)) - 0.45f) / 0.25f;
                }
            }
        }
    }
}
