using System.Diagnostics;
using Xunit;

namespace JpegActFpga.Xrt.Tests;

/// <summary>What happens at the start and at the end of a process, seen from outside.</summary>
public sealed class ProcessTests(CardFixture fixture) : CardTest(fixture)
{
    private const int NotAvailable = 3;

    [Theory]
    [InlineData("exit-open")]
    [InlineData("environment-exit-open")]
    [InlineData("exit-in-flight")]
    [InlineData("exit-hung")]
    [InlineData("exit-abandoned")]
    [InlineData("exit-awaiting")]
    [InlineData("exit-busy-thread")]
    [InlineData("exit-hung-call")]
    public void A_process_ends_with_its_own_code_whatever_it_left_open(string scenario)
    {
        (int exitCode, string output) = RunChild(scenario, []);
        Assert.True(exitCode == ChildScenarios.ExitCode, $"exit code {exitCode}: {output}");
    }

    [Theory]
    [InlineData("/nowhere")]
    [InlineData("")]
    [InlineData(null)]
    public void A_wrong_XILINX_XRT_is_an_exception_that_says_what_to_set(string? root)
    {
        (int exitCode, string output) = RunChild("open", new() { ["XILINX_XRT"] = root });
        Assert.True(exitCode == NotAvailable, $"exit code {exitCode}: {output}");
        Assert.Contains("XILINX_XRT", output, StringComparison.Ordinal);
        Assert.Contains("/opt/xilinx/xrt", output, StringComparison.Ordinal);
        Assert.Equal(NotAvailable, RunChild("probe", new() { ["XILINX_XRT"] = root }).ExitCode);
    }

    [Theory]
    [InlineData("sw_emu")]
    [InlineData("hw_emu")]
    [InlineData("1")]
    public void A_simulator_of_AMDs_is_refused(string mode)
    {
        (int exitCode, string output) = RunChild("open", new() { ["XCL_EMULATION_MODE"] = mode });
        Assert.True(exitCode == NotAvailable, $"exit code {exitCode}: {output}");
        Assert.Contains(mode == "hw_emu" ? "libxrt_hwemu.so.2" : "Unset XCL_EMULATION_MODE", output, StringComparison.Ordinal);
    }

    [Fact]
    public void A_usable_installation_is_reported_with_its_version()
    {
        (int exitCode, string output) = RunChild("probe", []);
        Assert.Equal((0, $"usable 2.13.0 {CardSetup.PluginPath}"), (exitCode, output.Trim()));
        Assert.True(XrtRuntime.Probe().IsUsable);
    }

    private (int ExitCode, string Output) RunChild(string scenario, Dictionary<string, string?> environment)
    {
        ProcessStartInfo start = new(Environment.ProcessPath!, ["--child", scenario])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["XILINX_XRT"] = CardSetup.XrtRoot;
        start.Environment["JPEGACT_XCLBIN"] = Image.XclbinPath;
        _ = start.Environment.Remove("XCL_EMULATION_MODE");
        foreach ((string name, string? value) in environment)
        {
            if (value is null)
            {
                _ = start.Environment.Remove(name);
            }
            else
            {
                start.Environment[name] = value;
            }
        }

        using Process child = Process.Start(start)!;
        Task<string> output = child.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        Task<string> errors = child.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        if (!child.WaitForExit(Patience))
        {
            child.Kill();
            Assert.Fail($"The child process '{scenario}' does not end.");
        }

        return (child.ExitCode, output.Result + errors.Result);
    }
}
