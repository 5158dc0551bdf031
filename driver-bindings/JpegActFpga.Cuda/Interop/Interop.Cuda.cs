using System.Runtime.InteropServices;

namespace JpegActFpga.Cuda;

/// <summary>Every native function that this assembly calls: the CUDA driver API, names and types as in cuda.h.</summary>
internal static unsafe partial class Interop
{
    /// <summary>The driver's library; resolved by <see cref="CudaLibrary"/>.</summary>
    internal const string Cuda = "libcuda.so.1";

    [LibraryImport(Cuda)]
    internal static partial int cuInit(uint flags);

    [LibraryImport(Cuda)]
    internal static partial int cuDriverGetVersion(int* version);

    [LibraryImport(Cuda)]
    internal static partial int cuDeviceGetCount(int* count);

    [LibraryImport(Cuda)]
    internal static partial int cuDeviceGet(int* device, int ordinal);

    [LibraryImport(Cuda)]
    internal static partial int cuDeviceGetName(byte* name, int length, int device);

    [LibraryImport(Cuda)]
    internal static partial int cuDeviceGetAttribute(int* value, int attribute, int device);

    [LibraryImport(Cuda)]
    internal static partial int cuDeviceTotalMem_v2(nuint* bytes, int device);

    [LibraryImport(Cuda)]
    internal static partial int cuDeviceGetPCIBusId(byte* id, int length, int device);

    [LibraryImport(Cuda)]
    internal static partial int cuDevicePrimaryCtxRetain(nint* context, int device);

    [LibraryImport(Cuda)]
    internal static partial int cuDevicePrimaryCtxRelease_v2(int device);

    [LibraryImport(Cuda)]
    internal static partial int cuCtxPushCurrent_v2(nint context);

    [LibraryImport(Cuda)]
    internal static partial int cuCtxPopCurrent_v2(nint* context);

    [LibraryImport(Cuda)]
    internal static partial int cuGetErrorName(int error, byte** name);

    [LibraryImport(Cuda)]
    internal static partial int cuGetErrorString(int error, byte** text);

    [LibraryImport(Cuda)]
    internal static partial int cuModuleLoadDataEx(nint* module, byte* image, uint count, int* options, nint* values);

    [LibraryImport(Cuda)]
    internal static partial int cuModuleUnload(nint module);

    [LibraryImport(Cuda)]
    internal static partial int cuModuleGetFunction(nint* function, nint module, byte* name);

    [LibraryImport(Cuda)]
    internal static partial int cuFuncGetAttribute(int* value, int attribute, nint function);

    [LibraryImport(Cuda)]
    internal static partial int cuLaunchKernel(nint function, uint gridX, uint gridY, uint gridZ, uint blockX, uint blockY, uint blockZ, uint sharedBytes, nint stream, void** parameters, void** extra);

    [LibraryImport(Cuda)]
    internal static partial int cuMemAlloc_v2(ulong* address, nuint bytes);

    [LibraryImport(Cuda)]
    internal static partial int cuMemFree_v2(ulong address);

    [LibraryImport(Cuda)]
    internal static partial int cuMemGetInfo_v2(nuint* free, nuint* total);

    [LibraryImport(Cuda)]
    internal static partial int cuMemHostAlloc(void** memory, nuint bytes, uint flags);

    [LibraryImport(Cuda)]
    internal static partial int cuMemFreeHost(void* memory);

    [LibraryImport(Cuda)]
    internal static partial int cuMemHostRegister_v2(void* memory, nuint bytes, uint flags);

    [LibraryImport(Cuda)]
    internal static partial int cuMemHostUnregister(void* memory);

    [LibraryImport(Cuda)]
    internal static partial int cuPointerGetAttribute(void* value, int attribute, ulong address);

    [LibraryImport(Cuda)]
    internal static partial int cuMemcpyHtoDAsync_v2(ulong to, void* from, nuint bytes, nint stream);

    [LibraryImport(Cuda)]
    internal static partial int cuMemcpyDtoHAsync_v2(void* to, ulong from, nuint bytes, nint stream);

    [LibraryImport(Cuda)]
    internal static partial int cuMemcpyDtoDAsync_v2(ulong to, ulong from, nuint bytes, nint stream);

    [LibraryImport(Cuda)]
    internal static partial int cuMemsetD8Async(ulong to, byte value, nuint bytes, nint stream);

    [LibraryImport(Cuda)]
    internal static partial int cuStreamCreate(nint* stream, uint flags);

    [LibraryImport(Cuda)]
    internal static partial int cuStreamDestroy_v2(nint stream);

    [LibraryImport(Cuda)]
    internal static partial int cuStreamWaitEvent(nint stream, nint @event, uint flags);

    [LibraryImport(Cuda)]
    internal static partial int cuEventCreate(nint* @event, uint flags);

    [LibraryImport(Cuda)]
    internal static partial int cuEventDestroy_v2(nint @event);

    [LibraryImport(Cuda)]
    internal static partial int cuEventRecord(nint @event, nint stream);

    [LibraryImport(Cuda)]
    internal static partial int cuEventQuery(nint @event);

    [LibraryImport(Cuda)]
    internal static partial int cuEventElapsedTime(float* milliseconds, nint start, nint end);
}
