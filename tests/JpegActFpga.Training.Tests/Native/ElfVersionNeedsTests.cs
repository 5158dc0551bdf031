namespace JpegActFpga.Training.Tests.Native;

public sealed class ElfVersionNeedsTests
{
    private static readonly string Library = Path.Combine(AppContext.BaseDirectory, "libLibTorchSharp.so");

    [Fact]
    public void Weakening_what_is_weak_changes_nothing()
    {
        byte[] image = File.ReadAllBytes(Library);
        new ElfVersionNeeds(image).Weaken("GLIBCXX_3.4.32"); // done by the build already, on a system that lacks it
        byte[] weakened = [.. image];
        Assert.False(new ElfVersionNeeds(weakened).Weaken("GLIBCXX_3.4.32"));
        Assert.Equal(image, weakened);
    }

    [Fact]
    public void A_version_that_is_really_used_is_refused_and_left_alone()
    {
        byte[] image = File.ReadAllBytes(Library);
        InvalidDataException error = Assert.Throws<InvalidDataException>(() => new ElfVersionNeeds(image).Weaken("GLIBCXX_3.4"));
        Assert.Contains("really uses", error.Message, StringComparison.Ordinal);
        Assert.Equal(File.ReadAllBytes(Library), image);
    }

    [Fact]
    public void An_unknown_version_changes_nothing()
    {
        byte[] image = File.ReadAllBytes(Library);
        Assert.False(new ElfVersionNeeds(image).Weaken("GLIBCXX_9.9"));
        Assert.Equal(File.ReadAllBytes(Library), image);
    }

    [Fact]
    public void What_is_no_library_is_refused() =>
        Assert.Throws<InvalidDataException>(() => new ElfVersionNeeds(new byte[100]));
}
