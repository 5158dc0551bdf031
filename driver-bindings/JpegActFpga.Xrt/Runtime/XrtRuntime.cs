using System.Runtime.InteropServices;

namespace JpegActFpga.Xrt;

/// <summary>The XRT installation that this process uses. Safe from any thread.</summary>
public static class XrtRuntime
{
    private static readonly Lock Gate = new();
    private static nint _library;
    private static XrtRuntimeReport? _usable;

    /// <summary>Reports on the installation: library, version, driver plug-in, and what is wrong with it. Opens no card.</summary>
    /// <returns>The report; it never throws for a broken installation.</returns>
    public static XrtRuntimeReport Probe()
    {
        lock (Gate)
        {
            return _usable ?? XrtLibrary.Inspect(out _);
        }
    }

    /// <summary>Makes XRT ready for calls; every object of this library does so by itself.</summary>
    /// <exception cref="XrtNotAvailableException">XRT is missing or set up in a way in which it would end the process.</exception>
    public static void EnsureAvailable()
    {
        if (Volatile.Read(ref _usable) is null)
        {
            Initialize();
        }
    }

    private static void Initialize()
    {
        lock (Gate)
        {
            if (_usable is not null)
            {
                return;
            }

            XrtRuntimeReport report = XrtLibrary.Inspect(out nint library);
            if (!report.IsUsable)
            {
                throw new XrtNotAvailableException(report);
            }

            if (_library == 0)
            {
                _library = library;
                NativeLibrary.SetDllImportResolver(typeof(XrtRuntime).Assembly, static (name, _, _) => name == Interop.Libraries.XrtCoreUtil ? _library : 0);
            }

            // Before any other call: XRT's own logger, when it fails, ends the process instead of failing the call.
            string log = XrtLibrary.ReadNativeEnvironment(XrtLibrary.LogVariable) is { Length: > 0 } chosen ? chosen : "null";
            if (Interop.Xrt.IniStringSet("Runtime.runtime_log", log) != 0)
            {
                throw new XrtException("xrtIniStringSet", Marshal.GetLastPInvokeError(), $"Runtime.runtime_log={log}");
            }

            ProcessExitGuard.Install();
            Volatile.Write(ref _usable, report);
        }
    }
}
