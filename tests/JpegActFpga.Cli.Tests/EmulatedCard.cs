using Xunit;

namespace JpegActFpga.Cli.Tests;

/// <summary>The environment of runs on the emulated card that build.sh makes.</summary>
public static class EmulatedCard
{
    private static readonly string Artifacts = Path.GetFullPath(Path.Join(CommandLine.Program, "..", "..", "..", ".."));

    /// <summary>Gets the xclbin.</summary>
    public static string Xclbin { get; } = Path.Join(Artifacts, "bitstreams", "jpegact-emulated.xclbin");

    private static string Root { get; } = Path.Join(Artifacts, "emulated-card", "xrt");

    /// <summary>Gives the environment, with more variables or other values.</summary>
    public static Dictionary<string, string?> Environment(params (string Name, string? Value)[] changes)
    {
        Assert.SkipUnless(File.Exists(Xclbin) && File.Exists(Path.Join(Root, "lib", "libxrt_core.so.2")), "The emulated card is not built: run ./build.sh in the repository's root.");
        var environment = new Dictionary<string, string?>
        {
            ["XILINX_XRT"] = Root,
            ["JPEGACT_XCLBIN"] = Xclbin,
            ["XCL_EMULATION_MODE"] = null,
            ["JPEGACT_CARD_COUNT"] = null,
            ["JPEGACT_CARD_FAULTS"] = null,
        };
        foreach ((string name, string? value) in changes)
        {
            environment[name] = value;
        }

        return environment;
    }

    /// <summary>Gets the environment of a machine without XRT set up.</summary>
    public static Dictionary<string, string?> None { get; } = new() { ["XILINX_XRT"] = null, ["JPEGACT_XCLBIN"] = null, ["XCL_EMULATION_MODE"] = null };
}
