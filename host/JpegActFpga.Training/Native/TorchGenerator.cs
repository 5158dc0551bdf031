using System.Runtime.InteropServices;
using static TorchSharp.torch;

namespace JpegActFpga.Training.Native;

/// <summary>A generator of torch's own, from which dropout and the like draw: the processor's, or a GPU's.</summary>
/// <remarks>
/// TorchSharp 0.107 names the processor's alone, but its native functions take any <c>at::Generator</c>. The generators live as
/// long as the process. Not to be used while another thread draws from the same one.
/// </remarks>
internal sealed unsafe partial class TorchGenerator
{
    private const string TorchSharpNative = "LibTorchSharp";

    // at::Generator const& at::cuda::detail::getDefaultCUDAGenerator(c10::DeviceIndex), of libtorch_cuda.
    private const string OfGpuExport = "_ZN2at4cuda6detail23getDefaultCUDAGeneratorEa";

    private static readonly Lazy<TorchGenerator> OfProcessor = new(() => new TorchGenerator(THSGenerator_default_generator(), "the processor's"));
    private static readonly Lazy<IReadOnlyList<TorchGenerator>> OfGpus = new(FindGpus);

    private readonly nint _native;
    private readonly string _whose;

    /// <summary>Wraps a generator that outlives the object.</summary>
    /// <param name="native">An <c>at::Generator*</c>.</param>
    /// <param name="whose">Whose it is, for messages.</param>
    internal TorchGenerator(nint native, string whose) => (_native, _whose) = (native, whose);

    /// <summary>Gets the processor's.</summary>
    internal static TorchGenerator Processor => OfProcessor.Value;

    /// <summary>Gets those of all GPUs that torch sees, by their index.</summary>
    /// <exception cref="PlatformNotSupportedException">torch has no CUDA part, or one that names them otherwise.</exception>
    internal static IReadOnlyList<TorchGenerator> Gpus => OfGpus.Value;

    /// <summary>Gives a copy of the state, bytes on the processor, in no dispose scope.</summary>
    /// <exception cref="InvalidOperationException">torch refused.</exception>
    internal Tensor State()
    {
        nint state = THSGenerator_get_rng_state(_native);
        return state != 0
            ? Tensor.UnsafeCreateTensor(state).DetachFromDisposeScope()
            : throw new InvalidOperationException($"torch does not give the state of {_whose} generator");
    }

    /// <summary>Sets the state.</summary>
    /// <param name="state">What <see cref="State"/> gave, of this generator.</param>
    internal void Set(Tensor state)
    {
        THSGenerator_set_rng_state(_native, state.Handle);
        GC.KeepAlive(state);
    }

    private static List<TorchGenerator> FindGpus()
    {
        nint library = TorchCuda.Library;
        if (!NativeLibrary.TryGetExport(library, OfGpuExport, out nint export))
        {
            throw new PlatformNotSupportedException($"This libtorch's CUDA part has no {OfGpuExport}: it is of another version than 2.10, and what dropout draws could not be drawn again.");
        }

        var get = (delegate* unmanaged<sbyte, nint>)export;
        return [.. Enumerable.Range(0, cuda.device_count()).Select(gpu => new TorchGenerator(get((sbyte)gpu), $"GPU {gpu}'s"))];
    }

    [LibraryImport(TorchSharpNative)]
    private static partial nint THSGenerator_default_generator();

    [LibraryImport(TorchSharpNative)]
    private static partial nint THSGenerator_get_rng_state(nint generator);

    [LibraryImport(TorchSharpNative)]
    private static partial void THSGenerator_set_rng_state(nint generator, nint state);
}
