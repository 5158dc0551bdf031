using System.Runtime.InteropServices;

namespace JpegActFpga.Training.Native;

/// <summary>
/// Which libtorch the process uses: the one beside the program, or a folder of the user's, such as the lib folder of an
/// installed Python torch with CUDA.
/// </summary>
/// <remarks>Choose before torch is first used. Safe from any thread.</remarks>
public static class TorchLibraries
{
    /// <summary>Environment variable that names the folder.</summary>
    public const string FolderVariable = "JPEGACT_LIBTORCH";

    private const string Cpu = "libtorch_cpu.so";
    private const string Cuda = "libtorch_cuda.so";

    // In the order of their needs. The loader then finds them by their names when TorchSharp's library asks for them.
    private static readonly string[] InOrder = ["libc10.so", "libc10_cuda.so", Cpu, Cuda, "libtorch.so"];

    private static string? _folder = Environment.GetEnvironmentVariable(FolderVariable) is { Length: > 0 } folder ? folder : null;

    /// <summary>Gets the user's folder; null for the libtorch beside the program or on LD_LIBRARY_PATH.</summary>
    public static string? Folder => _folder;

    /// <summary>Gets a value indicating whether a libtorch lies beside the program.</summary>
    public static bool IsBundled => File.Exists(Path.Combine(AppContext.BaseDirectory, Cpu));

    /// <summary>Chooses a folder.</summary>
    /// <param name="folder">It holds libtorch_cpu.so, and libtorch_cuda.so where the GPU is to be used.</param>
    /// <exception cref="DllNotFoundException">It is no such folder, or this program carries a libtorch that would be loaded beside it.</exception>
    public static void Use(string folder)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        _folder = folder;
        Check();
    }

    /// <summary>Loads the libraries of the user's folder, if there is one.</summary>
    /// <exception cref="DllNotFoundException">A library does not load; the message says which and why.</exception>
    internal static void Preload()
    {
        if (_folder is null)
        {
            return;
        }

        Check();
        foreach (string file in InOrder.Select(name => Path.Combine(_folder, name)).Where(File.Exists))
        {
            _ = NativeLibrary.Load(Path.GetFullPath(file));
        }
    }

    /// <summary>The CUDA part of libtorch.</summary>
    /// <param name="library">The library.</param>
    internal static bool TryLoadCuda(out nint library) =>
        NativeLibrary.TryLoad(_folder is null ? Cuda : Path.GetFullPath(Path.Combine(_folder, Cuda)), out library);

    private static void Check()
    {
        if (!File.Exists(Path.Combine(_folder!, Cpu)))
        {
            throw new DllNotFoundException($"{_folder} has no {Cpu}: name the lib folder of a Python torch of version 2.10 (python3 -c 'import torch, os; print(os.path.join(os.path.dirname(torch.__file__), \"lib\"))').");
        }

        if (IsBundled)
        {
            throw new DllNotFoundException($"This program carries a libtorch of its own in {AppContext.BaseDirectory}, and two do not go together: use the program that tests/gpu-check.sh pack makes, which has none.");
        }
    }
}
