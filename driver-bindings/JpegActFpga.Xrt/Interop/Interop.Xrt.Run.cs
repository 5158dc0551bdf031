using System.Runtime.InteropServices;

namespace JpegActFpga.Xrt;

internal static partial class Interop
{
    internal static partial class Xrt
    {
        /// <summary>Opens a run, one command packet for a kernel; NULL on failure.</summary>
        [LibraryImport(Libraries.XrtCoreUtil, EntryPoint = "xrtRunOpen", SetLastError = true)]
        internal static partial nint RunOpen(SafeXrtKernelHandle kernel);

        /// <summary>Closes a run. Takes the bare handle: only <see cref="SafeXrtRunHandle"/> calls it, never while the run is in flight.</summary>
        [LibraryImport(Libraries.XrtCoreUtil, EntryPoint = "xrtRunClose", SetLastError = true)]
        internal static partial int RunClose(nint run);

        /// <summary>Gives the run to the card; 0, or a negative number: then the run is dead, XRT holds it for started for ever.</summary>
        [LibraryImport(Libraries.XrtCoreUtil, EntryPoint = "xrtRunStart", SetLastError = true)]
        internal static partial int RunStart(SafeXrtRunHandle run);

        /// <summary>Reads the state that the driver wrote into the command packet, without waiting; ABORT where it fails.</summary>
        [LibraryImport(Libraries.XrtCoreUtil, EntryPoint = "xrtRunState", SetLastError = true)]
        internal static partial int RunState(SafeXrtRunHandle run);

        /// <summary>As <see cref="RunState(SafeXrtRunHandle)"/>, for a handle whose owner has let go of it.</summary>
        [LibraryImport(Libraries.XrtCoreUtil, EntryPoint = "xrtRunState", SetLastError = true)]
        internal static partial int RunState(nint run);

        // xrtRunSetArg is variadic in C. On x86-64 and AArch64 Linux an integer or pointer lies where a variadic callee
        // looks for it; a float does not (AL counts vector registers): so there is no float prototype here.

        /// <summary>Sets a 32-bit scalar; 0, or a negative number.</summary>
        [LibraryImport(Libraries.XrtCoreUtil, EntryPoint = "xrtRunSetArg", SetLastError = true)]
        internal static partial int RunSetArgument(SafeXrtRunHandle run, int index, uint value);

        /// <summary>Sets a 64-bit scalar; 0, or a negative number.</summary>
        [LibraryImport(Libraries.XrtCoreUtil, EntryPoint = "xrtRunSetArg", SetLastError = true)]
        internal static partial int RunSetArgument(SafeXrtRunHandle run, int index, ulong value);

        /// <summary>Sets a buffer; 0, or a negative number.</summary>
        [LibraryImport(Libraries.XrtCoreUtil, EntryPoint = "xrtRunSetArg", SetLastError = true)]
        internal static partial int RunSetArgument(SafeXrtRunHandle run, int index, SafeXrtBufferHandle buffer);
    }
}
