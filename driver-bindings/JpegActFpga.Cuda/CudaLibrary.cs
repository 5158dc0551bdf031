using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace JpegActFpga.Cuda;

/// <summary>Finds the CUDA driver's library, or the emulated GPU where it is asked for by name. Safe from any thread.</summary>
public static class CudaLibrary
{
    /// <summary>Environment variable that names another library than the system's driver: the emulated GPU's.</summary>
    public const string PathVariable = "JPEGACT_CUDA_LIBRARY";

    // What tells the emulated GPU's library from a driver.
    private const string EmulationMark = "jpegact_gpu_is_emulated";

    private static readonly Lock Gate = new();
    private static nint _handle;

    /// <summary>Gets the library that is loaded, or would be: the path in <see cref="PathVariable"/>, or the driver's name.</summary>
    public static string Name => Environment.GetEnvironmentVariable(PathVariable) is { Length: > 0 } path ? path : Interop.Cuda;

    /// <summary>Gets a value indicating whether the loaded library is the emulated GPU: no figure measured on it is a GPU's.</summary>
    public static bool IsEmulated => TryLoad(out nint handle) && NativeLibrary.TryGetExport(handle, EmulationMark, out _);

    /// <summary>Loads the library. Does not fall back to the driver where the variable names a library that does not load.</summary>
    /// <param name="handle">The library.</param>
    /// <returns>False where it does not load.</returns>
    internal static bool TryLoad(out nint handle)
    {
        lock (Gate)
        {
            if (_handle == 0)
            {
                _ = NativeLibrary.TryLoad(Name, out _handle);
            }

            handle = _handle;
            return handle != 0;
        }
    }

    /// <summary>Directs this assembly's imports here.</summary>
    [ModuleInitializer]
    [System.Diagnostics.CodeAnalysis.SuppressMessage("Usage", "CA2255", Justification = "The resolver must be set before the first import, whichever type is used first.")]
    internal static void Register() => NativeLibrary.SetDllImportResolver(typeof(CudaLibrary).Assembly, Resolve);

    private static nint Resolve(string name, Assembly assembly, DllImportSearchPath? path)
    {
        if (name != Interop.Cuda)
        {
            return 0;
        }

        return TryLoad(out nint handle) ? handle : throw new DllNotFoundException($"{Name} does not load.");
    }
}
