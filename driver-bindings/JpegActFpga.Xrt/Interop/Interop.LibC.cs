using System.Runtime.InteropServices;

namespace JpegActFpga.Xrt;

internal static partial class Interop
{
    /// <summary>Imports of the C library.</summary>
    internal static partial class LibC
    {
        /// <summary>Reads the environment that native code sees; .NET's own copy is taken at start-up and can differ.</summary>
        /// <returns>A pointer that the C library owns, or 0.</returns>
        [LibraryImport(Libraries.LibC, EntryPoint = "getenv", StringMarshalling = StringMarshalling.Utf8)]
        internal static partial nint GetEnv(string name);

        /// <summary>Gives where the calling thread's errno lies. Three instructions: no transition around them.</summary>
        [SuppressGCTransition]
        [LibraryImport(Libraries.LibC, EntryPoint = "__errno_location")]
        internal static unsafe partial int* ErrorNumberLocation();

        /// <summary>Runs <paramref name="function"/>(status, argument) when the process calls exit, before what was registered earlier.</summary>
        [LibraryImport(Libraries.LibC, EntryPoint = "on_exit")]
        internal static partial int OnExit(nint function, nint argument);

        /// <summary>Sleeps; wakes some 50 microseconds late with Linux's default timer slack.</summary>
        [LibraryImport(Libraries.LibC, EntryPoint = "usleep")]
        internal static partial int SleepMicroseconds(uint microseconds);
    }
}
