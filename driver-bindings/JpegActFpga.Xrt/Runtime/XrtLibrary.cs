using System.Runtime.InteropServices;

namespace JpegActFpga.Xrt;

/// <summary>Finds XRT's library and the driver plug-in that it will load. Stateless: safe from any thread.</summary>
internal static class XrtLibrary
{
    /// <summary>Environment variable that says where XRT is installed.</summary>
    internal const string RootVariable = "XILINX_XRT";

    /// <summary>Environment variable that makes XRT load a simulator of AMD's, even where it is empty.</summary>
    internal const string EmulationVariable = "XCL_EMULATION_MODE";

    /// <summary>Environment variable of ours: where XRT writes its messages (null, console, syslog or a file name).</summary>
    internal const string LogVariable = "JPEGACT_XRT_LOG";

    private const string HardwarePlugin = "libxrt_core.so.2";
    private const string HardwareEmulationPlugin = "libxrt_hwemu.so.2";

    // From this version on XRT takes the plug-in from beside its own library and ignores XILINX_XRT.
    private static readonly Version PluginBesideLibrary = new(2, 22);

    /// <summary>Looks at the installation without calling into XRT.</summary>
    /// <param name="library">The loaded library, 0 where none could be loaded.</param>
    internal static XrtRuntimeReport Inspect(out nint library)
    {
        if (!OperatingSystem.IsLinux())
        {
            library = 0;
            return new XrtRuntimeReport { Problem = "XRT runs on Linux alone.", Remedy = "Use another backend, or a Linux machine." };
        }

        string? root = ReadNativeEnvironment(RootVariable);
        string? emulation = ReadNativeEnvironment(EmulationVariable);
        List<string> tried = [];
        string? path = TryLoad(root, tried, out library);
        string? realPath = path is null ? null : FindMappedFile(path);
        Version? version = ParseVersion(realPath);
        XrtRuntimeReport report = new()
        {
            LibraryPath = path,
            LibraryPathsTried = tried,
            Version = version,
            XilinxXrt = root,
            EmulationMode = emulation,
        };
        if (path is null)
        {
            return report with
            {
                Problem = $"XRT's library was not found; tried {string.Join(", ", tried)}.",
                Remedy = "Install XRT (Debian: apt-get install libxrt1; Alveo cards: AMD's XRT package) or point XILINX_XRT to it.",
            };
        }

        return CheckPlugin(report, version >= PluginBesideLibrary ? Path.GetDirectoryName(realPath) : null);
    }

    /// <summary>Reads an environment variable as native code sees it.</summary>
    internal static string? ReadNativeEnvironment(string name) => Marshal.PtrToStringUTF8(Interop.LibC.GetEnv(name));

    private static string? TryLoad(string? root, List<string> tried, out nint library)
    {
        if (!string.IsNullOrEmpty(root))
        {
            string inRoot = Path.Combine(root, "lib", Interop.Libraries.XrtCoreUtil);
            tried.Add(inRoot);
            if (NativeLibrary.TryLoad(inRoot, out library))
            {
                return inRoot;
            }
        }

        tried.Add(Interop.Libraries.XrtCoreUtil);
        return NativeLibrary.TryLoad(Interop.Libraries.XrtCoreUtil, out library) ? Interop.Libraries.XrtCoreUtil : null;
    }

    // XRT 2.13 ends the process where its plug-in is missing (it throws while a message about it is under way),
    // so what it would load is checked here first.
    private static XrtRuntimeReport CheckPlugin(XrtRuntimeReport report, string? libraryDirectory)
    {
        string plugin = HardwarePlugin;
        if (report.EmulationMode is not null)
        {
            if (report.EmulationMode != "hw_emu")
            {
                return report with
                {
                    Problem = $"{EmulationVariable} is set to '{report.EmulationMode}': XRT would load a simulator of AMD's that forks, exits the process and takes its signal handlers, in place of the card.",
                    Remedy = $"Unset {EmulationVariable}; the emulated card of this project needs {RootVariable} alone.",
                };
            }

            plugin = HardwareEmulationPlugin;
        }

        if (libraryDirectory is null && string.IsNullOrEmpty(report.XilinxXrt))
        {
            return report with
            {
                Problem = $"{RootVariable} is not set: XRT would end this process when it looks for its driver plug-in.",
                Remedy = $"Real card: source /opt/xilinx/xrt/setup.sh. Emulated card: set {RootVariable} to artifacts/emulated-card/xrt (made by build.sh).",
            };
        }

        string path = libraryDirectory is null
            ? Path.Combine(report.XilinxXrt!, "lib", plugin)
            : Path.Combine(libraryDirectory, plugin);
        report = report with { CorePluginPath = path };
        return File.Exists(path)
            ? report
            : report with
            {
                Problem = $"XRT's driver plug-in {path} does not exist: XRT would end this process.",
                Remedy = $"Point {RootVariable} to a directory that has lib/{plugin}: /opt/xilinx/xrt for a real card, artifacts/emulated-card/xrt (made by build.sh) for the emulated one; on Debian make such a directory with a link to /usr/lib/*/{plugin}.",
            };
    }

    // The dynamic loader does not say where it found a bare name; the memory map of the process does.
    private static string? FindMappedFile(string path)
    {
        try
        {
            if (Path.IsPathRooted(path) && new FileInfo(path).ResolveLinkTarget(returnFinalTarget: true) is { } target)
            {
                return target.FullName;
            }

            foreach (string line in File.ReadLines("/proc/self/maps"))
            {
                int start = line.IndexOf('/', StringComparison.Ordinal);
                if (start >= 0 && Path.GetFileName(line.AsSpan(start)).StartsWith("libxrt_coreutil.so", StringComparison.Ordinal))
                {
                    return line[start..];
                }
            }
        }
        catch (IOException)
        {
            // The version is only told to the user; without /proc it stays unknown.
        }
        catch (UnauthorizedAccessException)
        {
            // As above.
        }

        return Path.IsPathRooted(path) ? path : null;
    }

    private static Version? ParseVersion(string? path)
    {
        const string marker = ".so.";
        int at = path?.LastIndexOf(marker, StringComparison.Ordinal) ?? -1;
        return at >= 0 && Version.TryParse(path.AsSpan(at + marker.Length), out Version? version) ? version : null;
    }
}
