using System.Runtime.InteropServices;

namespace JpegActFpga.Cli.Jobs;

/// <summary>Gives freed memory back to the system, so that one run's leavings are not counted in the next run's resident set.</summary>
internal static partial class HeapTrim
{
    /// <summary>Collects garbage and trims malloc's heaps.</summary>
    internal static void Run()
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        GC.Collect();
        _ = MallocTrim(0);
    }

    [LibraryImport("libc", EntryPoint = "malloc_trim")]
    private static partial int MallocTrim(nuint pad);
}
