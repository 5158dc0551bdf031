using System.Text.Json;
using Xunit;

namespace JpegActFpga.Cli.Tests;

public sealed class DoctorTests : TemporaryFolder
{
    [Fact]
    public async Task On_the_emulated_card_everything_is_found()
    {
        JsonElement report = (await CommandLine.RunAsync(EmulatedCard.Environment(), "doctor", "--json")).Json();
        Dictionary<string, JsonElement> checks = Checks(report);
        foreach (string name in new[] { ".NET", "libtorch", "autograd hooks", "XRT", "card driver", "FPGA card", "xclbin" })
        {
            Assert.Equal("ok", checks[name].GetProperty("status").GetString());
        }

        foreach (string name in new[] { "processor", "memory", "GPU", "XILINX_XRT", "peer to peer" })
        {
            Assert.Equal("info", checks[name].GetProperty("status").GetString());
            Assert.NotEmpty(checks[name].GetProperty("found").GetString()!);
        }

        Assert.Contains("EMULATED", checks["FPGA card"].GetProperty("found").GetString(), StringComparison.Ordinal);
        Assert.Equal(0, report.GetProperty("warnings").GetInt32());
        Assert.Equal("the driver gives such buffers", checks["peer to peer"].GetProperty("found").GetString());

        Dictionary<string, string?> refusing = EmulatedCard.Environment(("JPEGACT_CARD_FAULTS", "alloc=EINVAL"));
        JsonElement refused = Checks((await CommandLine.RunAsync(refusing, "doctor", "--json")).Json())["peer to peer"];
        Assert.Equal("info", refused.GetProperty("status").GetString());
        Assert.Contains("xrtBOAlloc", refused.GetProperty("found").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_a_card_there_are_warnings_with_remedies_and_status_0()
    {
        Assert.SkipUnless(Directory.Exists("/usr/share/datasets/fashion-mnist"), "needs the Debian package dataset-fashion-mnist");
        JsonElement report = (await CommandLine.RunAsync(EmulatedCard.None, "doctor", "--json")).Exits(0).Json();
        Assert.Equal(0, report.GetProperty("missing").GetInt32());
        Assert.True(report.GetProperty("warnings").GetInt32() > 0);
        foreach (JsonElement check in report.GetProperty("checks").EnumerateArray().Where(c => c.GetProperty("status").GetString() == "warning"))
        {
            Assert.NotEmpty(check.GetProperty("remedy").GetString()!);
        }
    }

    [Fact]
    public async Task What_training_needs_is_missing_with_status_1()
    {
        CommandResult result = (await CommandLine.RunAsync("doctor", "--data", At("none"))).Exits(1);
        Assert.Contains("missing  Fashion-MNIST", result.Output, StringComparison.Ordinal);
        Assert.Contains("apt-get install dataset-fashion-mnist", result.Output, StringComparison.Ordinal);
    }

    private static Dictionary<string, JsonElement> Checks(JsonElement report) =>
        report.GetProperty("checks").EnumerateArray().ToDictionary(check => check.GetProperty("name").GetString()!);
}
