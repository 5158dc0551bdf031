using JpegActFpga.Training.Data;

namespace JpegActFpga.Training.Tests.Support;

/// <summary>The real images, read once; a test that asks for them is skipped where they are not installed.</summary>
internal static class Fashion
{
    private static readonly Lazy<(ImageDataset Train, ImageDataset Test)> Sets = new(() => FashionMnist.Load());

    public static ImageDataset Train => Installed().Train;

    public static ImageDataset Test => Installed().Test;

    private static (ImageDataset Train, ImageDataset Test) Installed()
    {
        Assert.SkipUnless(FashionMnist.IsAvailable(), $"needs the Debian package {FashionMnist.Package}");
        return Sets.Value;
    }
}
