namespace JpegActFpga.Xrt.Tests;

/// <summary>Where the emulated card and the xclbins are, and what to do where they are not.</summary>
internal static class CardSetup
{
    private const string BuildCommand = "run ./build.sh in the repository's root";

    /// <summary>The repository's root; the program's folder where it was packed and taken elsewhere.</summary>
    public static string Repository { get; } = FindRepository();

    /// <summary>XILINX_XRT from the environment, else artifacts/emulated-card/xrt of the repository.</summary>
    public static string XrtRoot { get; } = NativeEnvironment.Get("XILINX_XRT") ?? Path.Combine(Repository, "artifacts", "emulated-card", "xrt");

    /// <summary>JPEGACT_XCLBIN from the environment, else the repository's emulated image.</summary>
    public static string CodecXclbin { get; } = NativeEnvironment.Get("JPEGACT_XCLBIN") ?? Path.Combine(Repository, "artifacts", "bitstreams", "jpegact-emulated.xclbin");

    public static string PluginPath => Path.Combine(XrtRoot, "lib", "libxrt_core.so.2");

    /// <summary>Why the card's tests cannot run here; null where they can.</summary>
    public static string? SkipReason { get; } = FindSkipReason();

    /// <summary>Makes XRT look where this class says; before the first call into XRT.</summary>
    public static void Apply()
    {
        if (NativeEnvironment.Get("XILINX_XRT") is null)
        {
            NativeEnvironment.Set("XILINX_XRT", XrtRoot);
        }
    }

    private static string? FindSkipReason()
    {
        if (!File.Exists(PluginPath))
        {
            return $"The emulated card is not built ({PluginPath} is missing): {BuildCommand}.";
        }

        return File.Exists("/usr/bin/g++") ? null : "g++ is missing, which builds the test kernels: apt-get install g++.";
    }

    private static string FindRepository()
    {
        for (DirectoryInfo? directory = new(AppContext.BaseDirectory); directory is not null; directory = directory.Parent)
        {
            if (File.Exists(Path.Combine(directory.FullName, "JpegActFpga.sln")))
            {
                return directory.FullName;
            }
        }

        // A program that was packed and taken elsewhere: no card is built there, as SkipReason then says.
        return AppContext.BaseDirectory;
    }
}
