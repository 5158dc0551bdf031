using System.Runtime.InteropServices;
using System.Text;
using JpegActFpga.Benchmarks.Codec;
using JpegActFpga.Core.Tensors;

namespace JpegActFpga.Codec.Tests.BenchmarkData;

public sealed class BenchmarkDataTests : IDisposable
{
    private static readonly float[] Elements = [.. Enumerable.Range(0, 24).Select(i => (i * 0.37f) - 3)];

    private readonly string _folder = Directory.CreateTempSubdirectory("jpegact-bench").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void A_npy_file_gives_its_shape_and_its_elements(int version)
    {
        using Workload workload = Workload.FromFile(Write("03-conv-Relu.npy", Npy("'<f4'", "False", "(1, 2, 3, 4)", version)));
        Assert.Equal("03-conv-Relu", workload.Name);
        Assert.Equal(ElementType.Float32, workload.Tensor.Spec.ElementType);
        Assert.Equal([1, 2, 3, 4], workload.Tensor.Spec.Shape.Dimensions.ToArray());
        Assert.Equal(Elements, workload.Tensor.Bytes.Cast<float>().AsSpan(0, Elements.Length).ToArray());
    }

    [Fact]
    public void A_npy_file_of_rank_1_or_0_is_read()
    {
        using Workload vector = Workload.FromFile(Write("v.npy", Npy("'<f4'", "False", "(24,)")));
        Assert.Equal([24], vector.Tensor.Spec.Shape.Dimensions.ToArray());
        using Workload scalar = Workload.FromFile(Write("s.npy", Npy("'<f4'", "False", "()")[..^(23 * sizeof(float))]));
        Assert.Equal(Elements[0], scalar.Tensor.Bytes.Cast<float>()[0]);
    }

    [Fact]
    public void A_raw_file_says_its_shape_in_its_name()
    {
        using Workload workload = Workload.FromFile(Write("conv_2x3x4.f32", Bytes()));
        Assert.Equal([2, 3, 4], workload.Tensor.Spec.Shape.Dimensions.ToArray());
        Assert.Equal(Elements, workload.Tensor.Bytes.Cast<float>().AsSpan(0, Elements.Length).ToArray());
    }

    [Fact]
    public void What_is_no_float32_tensor_in_c_order_is_refused()
    {
        byte[] good = Npy("'<f4'", "False", "(2, 3, 4)");
        Refuse("text.npy", "NUMPY is not enough"u8.ToArray());
        Refuse("empty.npy", []);
        Refuse("double.npy", Npy("'<f8'", "False", "(2, 3, 4)"));
        Refuse("big.npy", Npy("'>f4'", "False", "(2, 3, 4)"));
        Refuse("fortran.npy", Npy("'<f4'", "True", "(2, 3, 4)"));
        Refuse("short.npy", good[..^1]);
        Refuse("long.npy", [.. good, 0]);
        Refuse("header.npy", good[..40]);
        Refuse("noshape.f32", Bytes());
        Refuse("wrong_2x3.f32", Bytes());
    }

    [Fact]
    public void The_nets_convolution_and_pooling_are_what_they_say()
    {
        const int N = 2, C = 3, Side = 6, Outputs = 4;
        var random = new Random(5);
        float[] input = [.. Enumerable.Range(0, N * C * Side * Side).Select(_ => (float)random.NextDouble() - 0.5f)];
        float[] weights = [.. Enumerable.Range(0, Outputs * C * 9).Select(_ => (float)random.NextDouble() - 0.5f)];
        float[] result = ConvolutionNet.Convolve(input, N, C, Side, Outputs, weights);
        for (int i = 0; i < result.Length; i++)
        {
            (int x, int y) = (i % Side, i / Side % Side);
            (int output, int n) = (i / (Side * Side) % Outputs, i / (Side * Side * Outputs));
            double sum = 0;
            for (int tap = 0; tap < C * 9; tap++)
            {
                (int c, int row, int column) = (tap / 9, y + (tap / 3 % 3) - 1, x + (tap % 3) - 1);
                if (row is >= 0 and < Side && column is >= 0 and < Side)
                {
                    sum += weights[(output * C * 9) + tap] * (double)input[(((((n * C) + c) * Side) + row) * Side) + column];
                }
            }

            Assert.Equal(sum, result[i], 1e-5);
        }

        Assert.Equal([5, 8, 11, 9], ConvolutionNet.Pool([1, 5, 2, 3, 4, 0, 8, 7, 10, 1, 2, 9, 11, 3, 4, 5], 1, 4));
    }

    [Fact]
    public void The_net_gives_normalised_and_rectified_maps_the_same_each_time()
    {
        var images = new float[2, 3, 16, 16];
        var random = new Random(7);
        for (int i = 0; i < images.Length; i++)
        {
            images[i / 768, i / 256 % 3, i / 16 % 16, i % 16] = (float)random.NextDouble();
        }

        FeatureMap[] maps = [.. ConvolutionNet.Run(images)];
        FeatureMap[] again = [.. ConvolutionNet.Run(images)];
        Assert.Equal(["norm1", "relu1", "norm2", "relu2", "norm3", "relu3", "norm4", "relu4", "norm5", "relu5"], maps.Select(map => map.Name));
        Assert.Equal([2, 32, 8, 8], maps[2].Shape);
        Assert.Equal(maps.SelectMany(map => map.Elements), again.SelectMany(map => map.Elements));
        Assert.InRange(maps[0].Elements.Average(), -1e-3, 1e-3);
        Assert.InRange(maps[0].Elements.Average(value => value * value), 0.99, 1.01);
        Assert.Equal(maps[0].Elements.Select(value => Math.Max(0, value)), maps[1].Elements);
    }

    private static byte[] Bytes() => MemoryMarshal.AsBytes(Elements.AsSpan()).ToArray();

    private static byte[] Npy(string type, string fortran, string shape, int version = 1)
    {
        byte[] text = Encoding.ASCII.GetBytes($"{{'descr': {type}, 'fortran_order': {fortran}, 'shape': {shape}, }}".PadRight(117) + "\n");
        byte[] length = version == 1 ? BitConverter.GetBytes((ushort)text.Length) : BitConverter.GetBytes(text.Length);
        return [0x93, .. "NUMPY"u8, (byte)version, 0, .. length, .. text, .. Bytes()];
    }

    private void Refuse(string name, byte[] content) => Assert.Throws<InvalidDataException>(() => Workload.FromFile(Write(name, content)));

    private string Write(string name, byte[] content)
    {
        string path = Path.Join(_folder, name);
        File.WriteAllBytes(path, content);
        return path;
    }
}
