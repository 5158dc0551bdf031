using System.Runtime.InteropServices;

namespace JpegActFpga.Xrt;

internal static partial class Interop
{
    internal static partial class Xrt
    {
        /// <summary>Opens a kernel, shared with other users of its compute units; NULL on failure. An all-zero UUID would skip XRT's check.</summary>
        [LibraryImport(Libraries.XrtCoreUtil, EntryPoint = "xrtPLKernelOpen", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
        internal static unsafe partial nint KernelOpen(SafeXrtDeviceHandle device, byte* uuid, string name);

        /// <summary>Opens a kernel for this process alone; NULL on failure.</summary>
        [LibraryImport(Libraries.XrtCoreUtil, EntryPoint = "xrtPLKernelOpenExclusive", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
        internal static unsafe partial nint KernelOpenExclusive(SafeXrtDeviceHandle device, byte* uuid, string name);

        /// <summary>Closes a kernel. Takes the bare handle: only <see cref="SafeXrtKernelHandle"/> calls it.</summary>
        [LibraryImport(Libraries.XrtCoreUtil, EntryPoint = "xrtKernelClose", SetLastError = true)]
        internal static partial int KernelClose(nint kernel);

        /// <summary>Gives the memory bank that an argument is wired to; a negative number on failure.</summary>
        [LibraryImport(Libraries.XrtCoreUtil, EntryPoint = "xrtKernelArgGroupId", SetLastError = true)]
        internal static partial int KernelArgGroupId(SafeXrtKernelHandle kernel, int argument);

        /// <summary>Gives an argument's register offset in bytes; UINT32_MAX on failure.</summary>
        [LibraryImport(Libraries.XrtCoreUtil, EntryPoint = "xrtKernelArgOffset", SetLastError = true)]
        internal static partial uint KernelArgOffset(SafeXrtKernelHandle kernel, int argument);
    }
}
