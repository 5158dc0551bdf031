using System.Runtime.InteropServices;

namespace JpegActFpga.Xrt;

internal static partial class Interop
{
    /// <summary>
    /// XRT's native C API. Each import clears errno before the call (that is what SetLastError does), because XRT sets it
    /// for only some failures: where it raised xrt_core::error, or where an ioctl of the driver plug-in left it.
    /// </summary>
    internal static partial class Xrt
    {
        /// <summary>xrt_ini.h: overrides a key of xrt.ini; only before XRT first read that key. 0, or a negative number.</summary>
        [LibraryImport(Libraries.XrtCoreUtil, EntryPoint = "xrtIniStringSet", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
        internal static partial int IniStringSet(string key, string value);
    }
}
