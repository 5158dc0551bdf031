using System.Runtime.InteropServices;

namespace JpegActFpga.Xrt;

internal static partial class Interop
{
    internal static partial class Xrt
    {
        /// <summary>Allocates a buffer with host memory of XRT's; NULL on failure.</summary>
        [LibraryImport(Libraries.XrtCoreUtil, EntryPoint = "xrtBOAlloc", SetLastError = true)]
        internal static partial nint BufferAllocate(SafeXrtDeviceHandle device, nuint byteCount, ulong flags, uint memoryGroup);

        /// <summary>Allocates a buffer over host memory of ours, 4096-byte aligned; NULL on failure.</summary>
        [LibraryImport(Libraries.XrtCoreUtil, EntryPoint = "xrtBOAllocUserPtr", SetLastError = true)]
        internal static unsafe partial nint BufferAllocateUserPointer(SafeXrtDeviceHandle device, void* memory, nuint byteCount, ulong flags, uint memoryGroup);

        /// <summary>Frees a buffer. Takes the bare handle: only <see cref="SafeXrtBufferHandle"/> calls it.</summary>
        [LibraryImport(Libraries.XrtCoreUtil, EntryPoint = "xrtBOFree", SetLastError = true)]
        internal static partial int BufferFree(nint buffer);

        /// <summary>Gives the host address of a buffer; NULL on failure.</summary>
        [LibraryImport(Libraries.XrtCoreUtil, EntryPoint = "xrtBOMap", SetLastError = true)]
        internal static unsafe partial void* BufferMap(SafeXrtBufferHandle buffer);

        /// <summary>
        /// Copies a range between host and card memory, and waits for it; 0, or a negative number. Takes the bare handle
        /// and leaves errno where it is, so that no marshalling comes between: small transfers take a tenth of a microsecond.
        /// </summary>
        [LibraryImport(Libraries.XrtCoreUtil, EntryPoint = "xrtBOSync")]
        internal static partial int BufferSync(nint buffer, int direction, nuint byteCount, nuint offset);

        /// <summary>Gives the card address of a buffer; UINT64_MAX (LLONG_MAX in old versions) on failure.</summary>
        [LibraryImport(Libraries.XrtCoreUtil, EntryPoint = "xrtBOAddress", SetLastError = true)]
        internal static partial ulong BufferAddress(SafeXrtBufferHandle buffer);
    }
}
