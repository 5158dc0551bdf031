using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using JpegActFpga.Cuda;

namespace JpegActFpga.Gpu.Tests.Support;

/// <summary>
/// The GPU that the tests run on: what JPEGACT_CUDA_LIBRARY names (libcuda.so.1 for a real one), or the emulated GPU that
/// build.sh makes.
/// </summary>
internal static unsafe class Gpu
{
    private static readonly Lazy<nint> Handle = new(() => NativeLibrary.Load(CudaLibrary.Name));

    public static string Library => CudaLibrary.Name;

    public static string? WhyNot { get; } = CudaRuntime.Inspect().Problem;

    public static bool IsEmulated => CudaLibrary.IsEmulated;

    public static long LiveObjects => Call<long>("jpegact_gpu_live_objects");

    public static long KernelsRun => Call<long>("jpegact_gpu_kernels_run");

    [ModuleInitializer]
    [System.Diagnostics.CodeAnalysis.SuppressMessage("Usage", "CA2255", Justification = "Before the first use of the bindings.")]
    internal static void ChooseEmulatedGpu()
    {
        if (string.IsNullOrEmpty(Environment.GetEnvironmentVariable(CudaLibrary.PathVariable)))
        {
            Environment.SetEnvironmentVariable(CudaLibrary.PathVariable, Path.GetFullPath(Path.Combine(AppContext.BaseDirectory, "../../../emulated-gpu/libcuda-emulated.so")));
        }
    }

    public static void SkipUnlessThere() => Assert.SkipWhen(WhyNot is not null, WhyNot ?? string.Empty);

    public static void SkipUnlessEmulated()
    {
        SkipUnlessThere();
        Assert.SkipUnless(IsEmulated, "Faults can be asked of the emulated GPU alone.");
    }

    public static void SetFaults(string specification)
    {
        if (IsEmulated)
        {
            var set = (delegate* unmanaged<byte*, int>)NativeLibrary.GetExport(Handle.Value, "jpegact_gpu_set_faults");
            fixed (byte* text = System.Text.Encoding.ASCII.GetBytes(specification + '\0'))
            {
                Assert.Equal(0, set(text));
            }
        }
    }

    public static long Hits(string point)
    {
        var hits = (delegate* unmanaged<byte*, long>)NativeLibrary.GetExport(Handle.Value, "jpegact_gpu_fault_hits");
        fixed (byte* text = System.Text.Encoding.ASCII.GetBytes(point + '\0'))
        {
            return hits(text);
        }
    }

    /// <summary>Lets the kernels that a <c>hold</c> fault holds run.</summary>
    public static void Release() => ((delegate* unmanaged<void>)NativeLibrary.GetExport(Handle.Value, "jpegact_gpu_release"))();

    /// <summary>As if the process started anew: a lost context works again.</summary>
    public static void Reset()
    {
        SetFaults(string.Empty);
        if (IsEmulated)
        {
            ((delegate* unmanaged<void>)NativeLibrary.GetExport(Handle.Value, "jpegact_gpu_reset"))();
        }
    }

    private static T Call<T>(string name) => ((delegate* unmanaged<T>)NativeLibrary.GetExport(Handle.Value, name))();
}
