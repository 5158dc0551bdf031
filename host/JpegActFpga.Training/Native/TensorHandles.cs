using System.Runtime.InteropServices;
using TorchSharp;

namespace JpegActFpga.Training.Native;

/// <summary>
/// Native handles of tensors through libtorch's stable C shim. A TorchSharp handle is an <c>at::Tensor*</c>, which is the
/// shim's AtenTensorHandle.
/// </summary>
public static unsafe partial class TensorHandles
{
    private const string TorchCpu = "torch_cpu";

    /// <summary>A second, independently owned wrapper of the same tensor, in no dispose scope. Shares data and graph.</summary>
    public static torch.Tensor Share(torch.Tensor tensor)
    {
        ArgumentNullException.ThrowIfNull(tensor);
        nint handle = NewHandle(tensor.Handle);
        GC.KeepAlive(tensor);
        return torch.Tensor.UnsafeCreateTensor(handle).DetachFromDisposeScope();
    }

    /// <summary>
    /// Address of the tensor's first element. Valid while the tensor is alive; keep it alive with
    /// <see cref="GC.KeepAlive"/> past the last use.
    /// </summary>
    public static nint DataPointer(torch.Tensor tensor)
    {
        ArgumentNullException.ThrowIfNull(tensor);
        void* data;
        Check(aoti_torch_get_data_ptr(tensor.Handle, &data), nameof(aoti_torch_get_data_ptr));
        GC.KeepAlive(tensor);
        return (nint)data;
    }

    /// <summary>The identity of a tensor: the address of its TensorImpl. Unique among the tensors alive.</summary>
    public static nint Identity(torch.Tensor tensor)
    {
        ArgumentNullException.ThrowIfNull(tensor);
        nint identity = *(nint*)tensor.Handle;
        GC.KeepAlive(tensor);
        return identity;
    }

    /// <summary>A tensor's sizes, as its own property gives them, which calls back for the memory they go to.</summary>
    internal static long[] Sizes(torch.Tensor tensor)
    {
        long* sizes;
        Check(aoti_torch_get_sizes(tensor.Handle, &sizes), nameof(aoti_torch_get_sizes));
        return Copy(tensor, sizes);
    }

    /// <summary>A tensor's strides, in elements; likewise.</summary>
    internal static long[] Strides(torch.Tensor tensor)
    {
        long* strides;
        Check(aoti_torch_get_strides(tensor.Handle, &strides), nameof(aoti_torch_get_strides));
        return Copy(tensor, strides);
    }

    /// <summary>A new owning handle for the tensor that <paramref name="tensor"/> (an <c>at::Tensor const*</c>) names.</summary>
    internal static nint NewHandle(nint tensor)
    {
        nint handle;
        Check(aoti_torch_new_tensor_handle(tensor, &handle), nameof(aoti_torch_new_tensor_handle));
        return handle;
    }

    // The values lie in the tensor.
    private static long[] Copy(torch.Tensor tensor, long* values)
    {
        long dimensions;
        Check(aoti_torch_get_dim(tensor.Handle, &dimensions), nameof(aoti_torch_get_dim));
        long[] copy = new ReadOnlySpan<long>(values, (int)dimensions).ToArray();
        GC.KeepAlive(tensor);
        return copy;
    }

    private static void Check(int status, string function)
    {
        if (status != 0)
        {
            throw new InvalidOperationException($"{function} failed with status {status}; libtorch wrote the reason to stderr");
        }
    }

    [LibraryImport(TorchCpu)]
    private static partial int aoti_torch_new_tensor_handle(nint original, nint* handle);

    [LibraryImport(TorchCpu)]
    private static partial int aoti_torch_get_data_ptr(nint tensor, void** data);

    [LibraryImport(TorchCpu)]
    private static partial int aoti_torch_get_dim(nint tensor, long* dimensions);

    [LibraryImport(TorchCpu)]
    private static partial int aoti_torch_get_sizes(nint tensor, long** sizes);

    [LibraryImport(TorchCpu)]
    private static partial int aoti_torch_get_strides(nint tensor, long** strides);
}
