using System.Runtime.InteropServices;
using TorchSharp;

namespace JpegActFpga.Training.Native;

/// <summary>Loads libtorch once, with an error that says what to do when it does not load.</summary>
public static class TorchRuntime
{
    private static readonly Lazy<bool> Loaded = new(Load);

    /// <summary>Loads libtorch for the CPU. Safe to call often and from any thread.</summary>
    /// <exception cref="DllNotFoundException">A native library is missing or does not load; the message says which and why.</exception>
    public static void EnsureLoaded() => _ = Loaded.Value;

    /// <summary>Handle of a library that the process has loaded already, found by its file name in /proc/self/maps.</summary>
    /// <param name="fileName">File name without a folder, for example <c>libtorch_cpu.so</c>.</param>
    /// <exception cref="DllNotFoundException">The process has not loaded such a library.</exception>
    internal static nint HandleOfLoaded(string fileName)
    {
        foreach (string line in File.ReadLines("/proc/self/maps"))
        {
            int path = line.IndexOf('/', StringComparison.Ordinal);
            if (path >= 0 && Path.GetFileName(line.AsSpan(path)).SequenceEqual(fileName))
            {
                return NativeLibrary.Load(line[path..]);
            }
        }

        throw new DllNotFoundException($"{fileName} is not loaded in this process");
    }

    private static bool Load()
    {
        OpenMpWaiting.PreferSleeping();
        try
        {
            TorchLibraries.Preload();
            torch.InitializeDeviceType(DeviceType.CPU);
            return true;
        }
        catch (Exception e) when (e is DllNotFoundException or NotSupportedException or TypeInitializationException or EntryPointNotFoundException or BadImageFormatException)
        {
            throw new DllNotFoundException(
                $"libtorch did not load from '{TorchLibraries.Folder ?? AppContext.BaseDirectory}' (or LD_LIBRARY_PATH). The executable must reference the "
                + "package libtorch-cpu-linux-x64 and import host/JpegActFpga.Training/build/TorchSharpNative.targets, which lets "
                + $"libLibTorchSharp.so load on systems whose libstdc++ lacks GLIBCXX_3.4.32 (Debian 12). Cause: {Deepest(e).Message}",
                e);
        }
    }

    private static Exception Deepest(Exception e)
    {
        while (e.InnerException is { } inner)
        {
            e = inner;
        }

        return e;
    }
}
