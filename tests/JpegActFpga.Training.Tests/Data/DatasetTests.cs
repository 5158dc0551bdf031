using CsCheck;
using JpegActFpga.Training.Data;
using JpegActFpga.Training.Tests.Support;
using TorchSharp;

namespace JpegActFpga.Training.Tests.Data;

public sealed class DatasetTests
{
    [Theory]
    [InlineData("fashion-mnist", FashionMnist.DefaultFolder)]
    [InlineData("fashion-mnist:/data/x", "/data/x")]
    public void Sources_are_parsed(string text, string folder) => Assert.Equal(folder, DatasetSource.Parse(text).Folder);

    [Theory]
    [InlineData("")]
    [InlineData("mnist")]
    [InlineData("fashion-mnist:")]
    public void Wrong_sources_are_refused(string text) => Assert.Throws<FormatException>(() => DatasetSource.Parse(text));

    [Fact]
    public void Missing_files_name_the_package()
    {
        DirectoryNotFoundException noFolder = Assert.Throws<DirectoryNotFoundException>(() => FashionMnist.Load("/no/such/folder"));
        Assert.Contains(FashionMnist.Package, noFolder.Message, StringComparison.Ordinal);
        string folder = Directory.CreateTempSubdirectory().FullName;
        try
        {
            FileNotFoundException noFile = Assert.Throws<FileNotFoundException>(() => FashionMnist.Load(folder));
            Assert.Contains(FashionMnist.Package, noFile.Message, StringComparison.Ordinal);
        }
        finally
        {
            Directory.Delete(folder);
        }
    }

    [Fact]
    public void The_stated_normalisation_is_that_of_the_training_images()
    {
        ImageDataset train = Fashion.Train;
        double sum = 0;
        double squares = 0;
        for (int i = 0; i < train.Count; i++)
        {
            foreach (byte pixel in train.Pixels(i))
            {
                sum += pixel / 255.0;
                squares += pixel / 255.0 * (pixel / 255.0);
            }
        }

        double count = (double)train.Count * train.ImageBytes;
        double mean = sum / count;
        Assert.Equal(60000, train.Count);
        Assert.Equal(FashionMnist.Normalization.Mean, mean, 0.0001);
        Assert.Equal(FashionMnist.Normalization.Deviation, Math.Sqrt((squares / count) - (mean * mean)), 0.0001);
    }

    [Fact]
    public void Batches_hold_the_images_asked_for()
    {
        ImageDataset set = Synthetic(3);
        using DisposeScope scope = torch.NewDisposeScope();
        (torch.Tensor images, torch.Tensor labels) = new BatchLoader(set).Load([2, 0]);
        Assert.Equal([2, 1, 2, 2], images.shape);
        Assert.Equal([2, 0], labels.data<long>().ToArray());
        float[] table = set.Normalization.Table();
        Assert.Equal(new[] { 8, 9, 10, 11, 0, 1, 2, 3 }.Select(p => table[p]), images.data<float>().ToArray());
        Assert.Equal((9 / 255f - 0.5f) / 0.25f, table[9]);
    }

    [Fact]
    public void Inconsistent_sets_are_refused()
    {
        PixelNormalization as_is = new(0, 1);
        Assert.Throws<InvalidDataException>(() => new ImageDataset("x", new byte[7], new byte[2], 1, 2, 2, 3, as_is));
        InvalidDataException error = Assert.Throws<InvalidDataException>(
            () => new ImageDataset("x", new byte[8], new byte[] { 0, 3 }, 1, 2, 2, 3, as_is));
        Assert.Contains("label 1 is 3", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_epoch_is_a_permutation_fixed_by_seed_and_epoch() =>
        Gen.Select(Gen.Int[1, 300], Gen.Int[1, 40], Gen.ULong, Gen.Int[0, 5]).Sample((count, batch, seed, epoch) =>
        {
            BatchSampler sampler = new(count, batch, seed);
            int[][] batches = [.. sampler.Epoch(epoch).Select(b => b.ToArray())];
            int[] all = [.. batches.SelectMany(b => b)];
            int left = batch > 1 && count % batch == 1 ? 1 : 0;
            Assert.Equal(sampler.BatchesPerEpoch, batches.Length);
            Assert.Equal(count - left, all.Distinct().Count());
            Assert.Equal(count - left, all.Length);
            Assert.All(all, i => Assert.InRange(i, 0, count - 1));
            Assert.Equal(all, new BatchSampler(count, batch, seed).Epoch(epoch).SelectMany(b => b.ToArray()));
        });

    [Fact]
    public void Epochs_and_seeds_differ()
    {
        int[] Order(ulong seed, int epoch) => [.. new BatchSampler(100, 100, seed).Epoch(epoch).Single().ToArray()];
        Assert.NotEqual(Order(1, 0), Order(1, 1));
        Assert.NotEqual(Order(1, 0), Order(2, 0));
        Assert.NotEqual(Enumerable.Range(0, 100), Order(1, 0));
    }

    private static ImageDataset Synthetic(int count) => new(
        "synthetic",
        Enumerable.Range(0, 4 * count).Select(i => (byte)i).ToArray(),
        Enumerable.Range(0, count).Select(i => (byte)i).ToArray(),
        1,
        2,
        2,
        count,
        new PixelNormalization(0.5f, 0.25f));
}
