namespace JpegActFpga.Training.Data;

/// <summary>
/// Fashion-MNIST: 60,000 training and 10,000 test images of 28 x 28 grey pixels in 10 classes of clothing. Debian's package
/// <c>dataset-fashion-mnist</c> installs it.
/// </summary>
public static class FashionMnist
{
    /// <summary>The Debian package.</summary>
    public const string Package = "dataset-fashion-mnist";

    /// <summary>Where the package puts the files.</summary>
    public const string DefaultFolder = "/usr/share/datasets/fashion-mnist";

    /// <summary>Rows and columns of an image.</summary>
    public const int Side = 28;

    /// <summary>Classes.</summary>
    public const int Classes = 10;

    /// <summary>Mean and standard deviation of the 60,000 training images' pixels.</summary>
    public static readonly PixelNormalization Normalization = new(0.2860f, 0.3530f);

    /// <summary>All four files are there; nothing is read.</summary>
    public static bool IsAvailable(string folder = DefaultFolder) =>
        HasPart(folder, "train") && HasPart(folder, "t10k");

    /// <summary>Reads the training set and the test set.</summary>
    /// <exception cref="DirectoryNotFoundException">The folder is missing; the message names the package.</exception>
    /// <exception cref="FileNotFoundException">A file is missing; the message names it and the package.</exception>
    /// <exception cref="InvalidDataException">A file is not what it should be.</exception>
    public static (ImageDataset Train, ImageDataset Test) Load(string folder = DefaultFolder)
    {
        if (!Directory.Exists(folder))
        {
            throw new DirectoryNotFoundException($"there is no folder {folder}; install the Debian package {Package}, or name the folder of the four IDX files");
        }

        return (Load(folder, "train"), Load(folder, "t10k"));
    }

    private static ImageDataset Load(string folder, string part)
    {
        string imagesFile = ImagesFile(folder, part);
        string labelsFile = LabelsFile(folder, part);
        foreach (string file in new[] { imagesFile, labelsFile })
        {
            if (!File.Exists(file))
            {
                throw new FileNotFoundException($"{file} is missing; the Debian package {Package} installs it", file);
            }
        }

        IdxArray images = IdxReader.ReadGzip(imagesFile, rank: 3);
        IdxArray labels = IdxReader.ReadGzip(labelsFile, rank: 1);
        if (images.Shape[1] != Side || images.Shape[2] != Side)
        {
            throw new InvalidDataException($"{imagesFile}: images are {images.Shape[1]} x {images.Shape[2]}, not {Side} x {Side}");
        }

        if (images.Shape[0] != labels.Shape[0])
        {
            throw new InvalidDataException($"{imagesFile} has {images.Shape[0]} images and {labelsFile} has {labels.Shape[0]} labels");
        }

        return new ImageDataset($"fashion-mnist/{part}", images.Data, labels.Data, 1, Side, Side, Classes, Normalization);
    }

    private static bool HasPart(string folder, string part) =>
        File.Exists(ImagesFile(folder, part)) && File.Exists(LabelsFile(folder, part));

    private static string ImagesFile(string folder, string part) => Path.Combine(folder, $"{part}-images-idx3-ubyte.gz");

    private static string LabelsFile(string folder, string part) => Path.Combine(folder, $"{part}-labels-idx1-ubyte.gz");
}
