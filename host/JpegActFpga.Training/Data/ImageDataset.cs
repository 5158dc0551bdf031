namespace JpegActFpga.Training.Data;

/// <summary>Labelled 8-bit images of one size, in memory. Immutable; safe to share among threads.</summary>
public sealed class ImageDataset
{
    private readonly ReadOnlyMemory<byte> _pixels;
    private readonly ReadOnlyMemory<byte> _labels;

    /// <summary>A set of <paramref name="labels"/>.Length images.</summary>
    /// <param name="name">For messages and reports.</param>
    /// <param name="pixels">Images after each other, each channels x height x width bytes.</param>
    /// <param name="labels">One a image, below <paramref name="classes"/>.</param>
    /// <param name="channels">1 or more.</param>
    /// <param name="height">Pixels.</param>
    /// <param name="width">Pixels.</param>
    /// <param name="classes">Number of classes.</param>
    /// <param name="normalization">How bytes become the network's input.</param>
    /// <exception cref="InvalidDataException">Sizes do not match, or a label is out of range.</exception>
    public ImageDataset(
        string name,
        ReadOnlyMemory<byte> pixels,
        ReadOnlyMemory<byte> labels,
        int channels,
        int height,
        int width,
        int classes,
        PixelNormalization normalization)
    {
        if (pixels.Length != (long)labels.Length * channels * height * width)
        {
            throw new InvalidDataException(
                $"{name}: {pixels.Length} bytes of pixels are not {labels.Length} images of {channels}x{height}x{width}");
        }

        int wrong = labels.Span.IndexOfAnyExceptInRange((byte)0, (byte)(classes - 1));
        if (wrong >= 0)
        {
            throw new InvalidDataException($"{name}: label {wrong} is {labels.Span[wrong]}, and there are {classes} classes");
        }

        (Name, Channels, Height, Width, Classes, Normalization) = (name, channels, height, width, classes, normalization);
        (_pixels, _labels) = (pixels, labels);
    }

    /// <summary>For messages and reports.</summary>
    public string Name { get; }

    /// <summary>Images.</summary>
    public int Count => _labels.Length;

    /// <summary>Channels of an image.</summary>
    public int Channels { get; }

    /// <summary>Rows of an image.</summary>
    public int Height { get; }

    /// <summary>Columns of an image.</summary>
    public int Width { get; }

    /// <summary>Classes; labels are 0 to Classes - 1.</summary>
    public int Classes { get; }

    /// <summary>How bytes become the network's input.</summary>
    public PixelNormalization Normalization { get; }

    /// <summary>Bytes of one image.</summary>
    public int ImageBytes => Channels * Height * Width;

    /// <summary>The bytes of image <paramref name="index"/>.</summary>
    public ReadOnlySpan<byte> Pixels(int index) => _pixels.Span.Slice(index * ImageBytes, ImageBytes);

    /// <summary>The class of image <paramref name="index"/>.</summary>
    public int Label(int index) => _labels.Span[index];

    /// <summary>The first <paramref name="count"/> images; all of them when there are fewer.</summary>
    public ImageDataset Take(int count)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        int kept = Math.Min(count, Count);
        return new ImageDataset(
            Name, _pixels[..(kept * ImageBytes)], _labels[..kept], Channels, Height, Width, Classes, Normalization);
    }
}

/// <summary>A pixel byte p becomes (p / 255 - Mean) / Deviation, in float32.</summary>
/// <param name="Mean">Mean of the training set's pixels, of 0 to 1.</param>
/// <param name="Deviation">Their standard deviation, above 0.</param>
public readonly record struct PixelNormalization(float Mean, float Deviation)
{
    /// <summary>The 256 values a byte can become.</summary>
    public float[] Table()
    {
        float[] table = new float[256];
        for (int p = 0; p < table.Length; p++)
        {
            table[p] = ((p / 255f) - Mean) / Deviation;
        }

        return table;
    }
}
