using System.Text.Json;
using Xunit;

namespace JpegActFpga.Cli.Tests;

public sealed class ValidateTests : TemporaryFolder
{
    [Fact]
    public async Task The_emulated_card_passes_every_test()
    {
        Assert.SkipUnless(Directory.Exists("/usr/share/datasets/fashion-mnist"), "needs the Debian package dataset-fashion-mnist");
        CommandResult result = (await CommandLine.RunAsync(EmulatedCard.Environment(), "validate", "--quick", "--seed", "42", "--json")).Exits(0);
        JsonElement report = result.Json();
        Assert.Equal(12, report.GetProperty("passed").GetInt32());
        Assert.Equal(0, report.GetProperty("failed").GetInt32());
        Assert.Equal(0, report.GetProperty("skipped").GetInt32());
        Assert.Equal(42, report.GetProperty("seed").GetInt32());
        Assert.Contains("EMULATED", report.GetProperty("device").GetString(), StringComparison.Ordinal);
        Assert.Equal(12, report.GetProperty("tests").GetArrayLength());
        Assert.Contains("PASS random-shapes", result.Error, StringComparison.Ordinal);

        // What the emulated card's kernels took here, and what the model says, labelled as such.
        JsonElement[] times = [.. report.GetProperty("kernelTimes").EnumerateArray()];
        foreach (string kernel in new[] { "jpegact_encode_", "jpegact_decode_" })
        {
            JsonElement[] units = [.. times.Where(unit => unit.GetProperty("unit").GetString()!.StartsWith(kernel, StringComparison.Ordinal) && unit.GetProperty("launches").GetInt64() > 0)];
            Assert.NotEmpty(units);
            Assert.All(units, unit =>
            {
                JsonElement model = unit.GetProperty("model");
                Assert.Equal("MODEL, not measured", model.GetProperty("kind").GetString());
                Assert.Equal(unit.GetProperty("launches").GetInt64(), model.GetProperty("launches").GetInt64());
                Assert.True(unit.GetProperty("simulationSeconds").GetDouble() > model.GetProperty("seconds").GetDouble());
                Assert.InRange(model.GetProperty("fixedSeconds").GetDouble(), 1e-9, model.GetProperty("seconds").GetDouble());
            });
        }
    }

    [Fact]
    public async Task The_model_is_labelled_in_the_text()
    {
        CommandResult result = (await CommandLine.RunAsync(EmulatedCard.Environment(), "validate", "--quick", "--data", At("none"))).Exits(0);
        Assert.Contains("C simulation as measured on this CPU | MODEL, not measured", result.Output, StringComparison.Ordinal);
        Assert.Matches(@"card 0 jpegact_encode_1 +\d+ launches +\d+\.\d{3} s +\| +MODEL \d+\.\d{4} s \(", result.Output);
    }

    [Theory]
    [InlineData("corrupt@20", "checksum")]
    [InlineData("drop@20", "jpegact_")]
    [InlineData("error@20", "state")]
    public async Task A_card_that_errs_fails_and_the_tensor_is_named(string fault, string reason)
    {
        CommandResult result = (await CommandLine.RunAsync(EmulatedCard.Environment(("JPEGACT_CARD_FAULTS", fault)), "validate", "--quick")).Exits(1);
        string line = Assert.Single(result.Output.Split('\n'), text => text.StartsWith("FAIL", StringComparison.Ordinal));
        Assert.Matches("(compressing|expanding) random .*float32 \\[", line);
        Assert.Contains(reason, line, StringComparison.Ordinal);
        Assert.Contains(" 1 failed", result.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_the_data_set_its_test_is_skipped_visibly()
    {
        CommandResult result = (await CommandLine.RunAsync(EmulatedCard.Environment(), "validate", "--quick", "--data", At("none"))).Exits(0);
        Assert.Contains("SKIP real-tensors", result.Output, StringComparison.Ordinal);
        Assert.Contains("dataset-fashion-mnist", result.Output, StringComparison.Ordinal);
        Assert.Contains("11 passed, 0 failed, 1 skipped", result.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_a_card_the_status_is_3()
    {
        (await CommandLine.RunAsync(EmulatedCard.None, "validate")).Refuses(3, "no xclbin is named", "JPEGACT_XCLBIN");
        (await CommandLine.RunAsync(EmulatedCard.Environment(("JPEGACT_CARD_COUNT", "0")), "validate")).Refuses(3, "no card 0");
        (await CommandLine.RunAsync(EmulatedCard.Environment(), "validate", "--device", "7")).Refuses(3, "no card 7");
        (await CommandLine.RunAsync(EmulatedCard.Environment(("XILINX_XRT", null)), "validate")).Refuses(3, "XILINX_XRT");
        (await CommandLine.RunAsync(EmulatedCard.Environment(), "validate", "--xclbin", At("none.xclbin"))).Refuses(1, "none.xclbin");
    }

    [Fact]
    public async Task Files_compressed_by_the_card_equal_those_of_the_processor()
    {
        string input = Put("a.npy", Npy.Of("<f4", [3, 5, 30, 50], Npy.Bytes(Npy.Activation(3 * 5 * 30 * 50, seed: 12, rectified: false))));
        Dictionary<string, string?> environment = EmulatedCard.Environment();

        JsonElement report = (await CommandLine.RunAsync(environment, "compress", input, At("card.jac"), "--backend", "fpga", "--json")).Exits(0).Json();
        (await CommandLine.RunAsync("compress", input, At("cpu.jac"))).Exits(0);
        (await CommandLine.RunAsync(environment, "decompress", At("cpu.jac"), At("card.npy"), "--backend", "fpga")).Exits(0);
        (await CommandLine.RunAsync("decompress", At("card.jac"), At("cpu.npy"))).Exits(0);

        Assert.Equal("fpga", report.GetProperty("ranOn").GetProperty("backend").GetString());
        Assert.Contains("EMULATED", report.GetProperty("ranOn").GetProperty("device").GetString(), StringComparison.Ordinal);
        Assert.Equal(await File.ReadAllBytesAsync(At("cpu.jac"), TestContext.Current.CancellationToken), await File.ReadAllBytesAsync(At("card.jac"), TestContext.Current.CancellationToken));
        Assert.Equal(await File.ReadAllBytesAsync(At("cpu.npy"), TestContext.Current.CancellationToken), await File.ReadAllBytesAsync(At("card.npy"), TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task A_card_that_fails_or_lacks_the_method_makes_no_file()
    {
        string input = Put("a.npy", Npy.Of("<f4", [64, 64], Npy.Bytes(Npy.Activation(4096, seed: 13))));
        (await CommandLine.RunAsync(EmulatedCard.Environment(), "compress", input, At("a.jac"), "--backend", "fpga", "--method", "raw")).Refuses(2, "no method raw", "--backend cpu");
        (await CommandLine.RunAsync(EmulatedCard.Environment(("JPEGACT_CARD_FAULTS", "error*forever")), "compress", input, At("a.jac"), "--backend", "fpga")).Refuses(1, "jpegact doctor");
        Assert.Equal(["a.npy"], Files);
    }
}
