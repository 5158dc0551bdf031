namespace JpegActFpga.Training.Data;

/// <summary>A data set as the user names it: <c>fashion-mnist</c> or <c>fashion-mnist:FOLDER</c>.</summary>
/// <param name="Name">The kind of data set.</param>
/// <param name="Folder">Where its files lie.</param>
public sealed record DatasetSource(string Name, string Folder)
{
    private const string FashionMnistName = "fashion-mnist";

    /// <summary>Fashion-MNIST where the Debian package puts it.</summary>
    public static readonly DatasetSource Default = new(FashionMnistName, FashionMnist.DefaultFolder);

    /// <summary>Reads the user's text.</summary>
    /// <exception cref="FormatException">Not a known name, or an empty folder.</exception>
    public static DatasetSource Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        int colon = text.IndexOf(':', StringComparison.Ordinal);
        string name = colon < 0 ? text : text[..colon];
        string folder = colon < 0 ? FashionMnist.DefaultFolder : text[(colon + 1)..];
        if (name != FashionMnistName || folder.Length == 0)
        {
            throw new FormatException($"'{text}' names no data set; known: {FashionMnistName} or {FashionMnistName}:FOLDER");
        }

        return new DatasetSource(name, folder);
    }

    /// <summary>Reads the files.</summary>
    /// <exception cref="IOException">Files are missing; the message names the Debian package.</exception>
    /// <exception cref="InvalidDataException">Files are not what they should be.</exception>
    public (ImageDataset Train, ImageDataset Test) Load() => FashionMnist.Load(Folder);

    /// <inheritdoc/>
    public override string ToString() => $"{Name}:{Folder}";
}
