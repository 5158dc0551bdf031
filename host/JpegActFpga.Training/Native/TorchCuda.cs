using System.Runtime.InteropServices;
using TorchSharp;

namespace JpegActFpga.Training.Native;

/// <summary>torch on a GPU: whether it can, and its streams. Safe from any thread.</summary>
public static unsafe class TorchCuda
{
    private static readonly Lazy<(nint Library, string? WhyNot)> Loaded = new(Load);

    /// <summary>Tells whether torch can compute on a GPU.</summary>
    /// <param name="whyNot">What is missing and what to do, where it can't.</param>
    public static bool IsAvailable(out string whyNot)
    {
        whyNot = Loaded.Value.WhyNot ?? string.Empty;
        return Loaded.Value.WhyNot is null;
    }

    /// <summary>Demands that torch can compute on a GPU.</summary>
    /// <exception cref="PlatformNotSupportedException">It can't; the message says what is missing.</exception>
    public static void Demand()
    {
        if (!IsAvailable(out string whyNot))
        {
            throw new PlatformNotSupportedException(whyNot);
        }
    }

    /// <summary>Gives torch's current stream of a GPU on the calling thread, a CUstream.</summary>
    /// <param name="device">The GPU's index.</param>
    /// <exception cref="PlatformNotSupportedException">torch has no CUDA part.</exception>
    /// <exception cref="InvalidOperationException">torch refused.</exception>
    public static nint CurrentStream(int device)
    {
        var get = (delegate* unmanaged<int, nint*, int>)NativeLibrary.GetExport(Library, "aoti_torch_get_current_cuda_stream");
        nint stream;
        int status = get(device, &stream);
        return status == 0 ? stream : throw new InvalidOperationException($"aoti_torch_get_current_cuda_stream failed with status {status}; libtorch wrote the reason to stderr");
    }

    /// <summary>Gets the handle of libtorch's CUDA part.</summary>
    /// <exception cref="PlatformNotSupportedException">torch can't compute on a GPU.</exception>
    internal static nint Library
    {
        get
        {
            Demand();
            return Loaded.Value.Library;
        }
    }

    private static (nint Library, string? WhyNot) Load()
    {
        try
        {
            TorchRuntime.EnsureLoaded();
            if (!TorchLibraries.TryLoadCuda(out nint library))
            {
                string where = TorchLibraries.Folder ?? "beside the program and on LD_LIBRARY_PATH";
                return (0, $"This libtorch has no CUDA part: there is no libtorch_cuda.so that loads ({where}). Name the lib folder of a Python torch with CUDA, version 2.10, by --libtorch or {TorchLibraries.FolderVariable}.");
            }

            torch.InitializeDeviceType(DeviceType.CUDA);
            return torch.cuda.is_available() ? (library, null) : (library, "torch sees no GPU: check nvidia-smi, and that the driver is new enough for this torch.");
        }
        catch (Exception error) when (error is DllNotFoundException or NotSupportedException or ExternalException or InvalidOperationException)
        {
            return (0, $"torch's CUDA part does not start: {error.Message}");
        }
    }
}
