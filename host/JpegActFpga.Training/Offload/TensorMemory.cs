using JpegActFpga.Core.Memory;
using JpegActFpga.Core.Tensors;
using JpegActFpga.Training.Native;
using TorchSharp;

namespace JpegActFpga.Training.Offload;

/// <summary>TorchSharp tensors as the engine sees tensors.</summary>
internal static class TensorMemory
{
    /// <summary>The engine's element type, or null when the codec has no such type.</summary>
    public static ElementType? ElementTypeOf(torch.ScalarType type) => type switch
    {
        torch.ScalarType.Float32 => ElementType.Float32,
        torch.ScalarType.Float16 => ElementType.Float16,
        torch.ScalarType.BFloat16 => ElementType.BFloat16,
        _ => null,
    };

    /// <summary>
    /// The elements of a contiguous tensor, of a GPU's as well. Keep the tensor alive with <see cref="GC.KeepAlive"/> past the
    /// last use.
    /// </summary>
    public static TensorView View(torch.Tensor tensor, TensorSpec spec) => new(spec, Bytes(tensor, spec.ByteCount), KindOf(tensor));

    /// <summary>Where a tensor's elements lie; none of the engine's kinds for devices that it does not know.</summary>
    public static MemoryKind KindOf(torch.Tensor tensor) => tensor.device_type switch
    {
        DeviceType.CPU => MemoryKind.Host,
        DeviceType.CUDA => MemoryKind.Gpu,
        _ => MemoryKind.None,
    };

    /// <summary>The bytes of a contiguous tensor, under the same rule; a GPU's are an address only.</summary>
    public static unsafe NativeSpan<byte> Bytes(torch.Tensor tensor, long count) =>
        new((byte*)TensorHandles.DataPointer(tensor), count);

    /// <summary>
    /// The elements lie without gaps and without overlap, in some order of the dimensions (channels-last, transposed).
    /// </summary>
    public static bool IsDense(IReadOnlyList<long> shape, IReadOnlyList<long> strides)
    {
        long expected = 1;
        foreach (int d in Enumerable.Range(0, shape.Count).Where(d => shape[d] > 1).OrderBy(d => strides[d]))
        {
            if (strides[d] != expected)
            {
                return false;
            }

            expected *= shape[d];
        }

        return true;
    }
}
