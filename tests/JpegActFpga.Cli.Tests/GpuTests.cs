using System.Text.Json;
using JpegActFpga.Core.Profiles;
using JpegActFpga.Core.Tensors;
using Xunit;

namespace JpegActFpga.Cli.Tests;

/// <summary>The commands on the GPU's codec; here the emulated GPU, which is named explicitly and shown as such.</summary>
public sealed class GpuTests : TemporaryFolder
{
    private const string LibraryVariable = "JPEGACT_CUDA_LIBRARY";

    private static readonly Dictionary<string, string?> Gpu = new()
    {
        [LibraryVariable] = Path.GetFullPath(Path.Combine(AppContext.BaseDirectory, "../../../emulated-gpu/libcuda-emulated.so")),
        ["JPEGACT_GPU_FAULTS"] = null,
    };

    private static readonly Dictionary<string, string?> NoGpu = new() { [LibraryVariable] = "/nowhere/libcuda.so.1" };

    [Fact]
    public async Task A_frame_of_the_GPU_is_the_references()
    {
        float[] values = Npy.Activation(2 * 3 * 17 * 9, seed: 3, rectified: true);
        byte[] expected = Reference.Encode(ElementType.Float32, [2, 3, 17, 9], Npy.Bytes(values), CodecProfile.JpegAct(ShiftTables.OptsHigh));
        string tensor = Put("a.npy", Npy.Of("<f4", [2, 3, 17, 9], Npy.Bytes(values)));
        (await CommandLine.RunAsync(Gpu, "compress", tensor, At("a.jac"), "--backend", "gpu")).Exits(0);
        Assert.Equal(expected, await File.ReadAllBytesAsync(At("a.jac"), TestContext.Current.CancellationToken));
        (await CommandLine.RunAsync(Gpu, "decompress", At("a.jac"), At("b.npy"), "--backend", "gpu")).Exits(0);
        Assert.Equal(Npy.Of("<f4", [2, 3, 17, 9], Reference.Decode(expected)), await File.ReadAllBytesAsync(At("b.npy"), TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Validate_tries_the_GPU_and_names_it()
    {
        JsonElement report = (await CommandLine.RunAsync(Gpu, "validate", "--backend", "gpu", "--quick", "--json")).Exits(0).Json();
        Assert.Contains("EMULATED GPU", report.GetProperty("device").GetString(), StringComparison.Ordinal);
        Assert.Equal(0, report.GetProperty("failed").GetInt32());
        Assert.True(report.GetProperty("passed").GetInt32() >= 11);
    }

    [Fact]
    public async Task GPU_and_processor_train_alike_bit_for_bit_also_where_the_GPU_is_lost_in_the_middle()
    {
        Assert.SkipUnless(Directory.Exists("/usr/share/datasets/fashion-mnist"), "needs the Debian package dataset-fashion-mnist");
        string[] once = ["train", "--images", "192", "--test-images", "64", "--epochs", "1", "--batch", "32", "--threads", "1", "--no-compare", "--json", "-"];
        double[] processor = Losses(await CommandLine.RunAsync(NoGpu, [.. once, "--backend", "cpu"]), "cpu");
        double[] gpu = Losses(await CommandLine.RunAsync(Gpu, [.. once, "--backend", "gpu"]), "gpu");
        Assert.Equal(processor, gpu);

        var lost = new Dictionary<string, string?>(Gpu) { ["JPEGACT_GPU_FAULTS"] = "lost@200" };
        CommandResult survived = await CommandLine.RunAsync(lost, [.. once, "--backend", "gpu"]);
        Assert.Equal(processor, Losses(survived, "cpu"));
        Assert.Contains("CUDA_ERROR_UNKNOWN", survived.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("compress")]
    [InlineData("validate")]
    [InlineData("train")]
    public async Task Without_a_GPU_its_codec_is_refused_with_the_reason(string command)
    {
        string[] arguments = command switch
        {
            "compress" => ["compress", Put("a.npy", Npy.Of("<f4", [4], new byte[16])), At("a.jac"), "--backend", "gpu"],
            "validate" => ["validate", "--backend", "gpu", "--quick"],
            _ => ["train", "--images", "64", "--backend", "gpu"],
        };
        CommandResult result = await CommandLine.RunAsync(NoGpu, arguments);
        Assert.Equal(3, result.ExitCode);
        Assert.Contains("/nowhere/libcuda.so.1 does not load", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Training_on_a_GPU_without_a_CUDA_libtorch_says_what_to_name()
    {
        CommandResult result = await CommandLine.RunAsync(Gpu, "train", "--compute", "cuda", "--images", "64");
        Assert.Equal(1, result.ExitCode);
        Assert.Contains("libtorch_cuda.so", result.Error, StringComparison.Ordinal);
        Assert.Contains("--libtorch", result.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("gpu")]
    [InlineData("cuda:")]
    [InlineData("cuda:-1")]
    [InlineData("cpu:0")]
    public async Task A_place_to_compute_that_is_none_is_refused(string place) =>
        (await CommandLine.RunAsync(NoGpu, "train", "--compute", place)).Refuses(2, "--compute takes cpu, cuda or cuda:N", place);

    [Fact]
    public async Task A_folder_without_libtorch_is_refused() =>
        (await CommandLine.RunAsync(NoGpu, "train", "--libtorch", At("."))).Refuses(1, "libtorch_cpu.so", "Python torch");

    [Fact]
    public async Task Doctor_names_the_emulated_GPU_and_asks_for_a_CUDA_libtorch()
    {
        CommandResult result = await CommandLine.RunAsync(Gpu, "doctor");
        Assert.Contains("EMULATED GPU", result.Output, StringComparison.Ordinal);
        Assert.Contains("JPEGACT_LIBTORCH", result.Output, StringComparison.Ordinal);
    }

    private static double[] Losses(CommandResult result, string workedLast)
    {
        JsonElement run = Assert.Single(result.Exits(0).Json().GetProperty("runs").EnumerateArray());
        Assert.Contains(run.GetProperty("work").EnumerateArray(), work => work.GetProperty("backend").GetString() == workedLast);
        return [.. run.GetProperty("losses").EnumerateArray().Select(loss => loss.GetDouble())];
    }
}
