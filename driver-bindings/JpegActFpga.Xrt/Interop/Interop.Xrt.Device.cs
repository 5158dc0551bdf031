using System.Runtime.InteropServices;

namespace JpegActFpga.Xrt;

internal static partial class Interop
{
    internal static partial class Xrt
    {
        /// <summary>Opens a device by index; NULL on failure.</summary>
        [LibraryImport(Libraries.XrtCoreUtil, EntryPoint = "xrtDeviceOpen", SetLastError = true)]
        internal static partial nint DeviceOpen(uint index);

        /// <summary>Closes a device. Takes the bare handle: only <see cref="SafeXrtDeviceHandle"/> calls it.</summary>
        [LibraryImport(Libraries.XrtCoreUtil, EntryPoint = "xrtDeviceClose", SetLastError = true)]
        internal static partial int DeviceClose(nint device);

        /// <summary>Loads an xclbin file; 0, or a negative number.</summary>
        [LibraryImport(Libraries.XrtCoreUtil, EntryPoint = "xrtDeviceLoadXclbinFile", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
        internal static partial int DeviceLoadXclbinFile(SafeXrtDeviceHandle device, string path);

        /// <summary>Writes the 16 bytes of the loaded xclbin's UUID, all zero where none is loaded; 0, or a negative number.</summary>
        [LibraryImport(Libraries.XrtCoreUtil, EntryPoint = "xrtDeviceGetXclbinUUID", SetLastError = true)]
        internal static unsafe partial int DeviceGetXclbinUuid(SafeXrtDeviceHandle device, byte* uuid);
    }
}
