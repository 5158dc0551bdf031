using System.Globalization;
using JpegActFpga.Training.Native;

namespace JpegActFpga.Faults.Tests.Soak;

/// <summary>What the process holds at one moment, and who holds it: where it grows, this tells where to look. Bytes.</summary>
/// <param name="Resident">Pages in memory, counted one by one (VmRSS of the kernel is an estimate where threads are many).</param>
/// <param name="Anonymous">Of those, heaps, stacks and the emulated cards' memory.</param>
/// <param name="Shared">Of those, machine code that the JIT made, and the emulated cards' kernels.</param>
/// <param name="Managed">Living objects of .NET and its garbage.</param>
/// <param name="ManagedRoom">What the garbage collector has taken from the system.</param>
/// <param name="Malloc">Handed out by malloc, touched or not.</param>
/// <param name="Compiled">Machine code that the JIT made so far, as bytes of IL.</param>
/// <param name="Threads">Number of threads.</param>
/// <param name="Files">Number of open files.</param>
internal readonly record struct MemorySample(long Resident, long Anonymous, long Shared, long Managed, long ManagedRoom, long Malloc, long Compiled, int Threads, int Files)
{
    /// <summary>The columns of <see cref="ToCsv"/>.</summary>
    internal const string CsvHeader = "seconds,resident,anonymous,shared,managed,managed_room,malloc,compiled_il,threads,files";

    internal static MemorySample Take()
    {
        // The kernel adds up the pages of each mapping; what is anonymous or of a memory file is of this process alone.
        Dictionary<string, long> pages = File.ReadLines("/proc/self/smaps_rollup").Skip(1)
            .Select(line => line.Split(':', 2))
            .ToDictionary(pair => pair[0], pair => 1024 * long.Parse(pair[1].Replace("kB", "", StringComparison.Ordinal), NumberStyles.AllowLeadingWhite | NumberStyles.AllowTrailingWhite, CultureInfo.InvariantCulture));
        return new MemorySample(
            pages["Rss"],
            pages["Pss_Anon"],
            pages["Pss_Shmem"],
            GC.GetTotalMemory(false),
            GC.GetGCMemoryInfo(GCKind.Any).TotalCommittedBytes,
            ProcessMemory.MallocLiveBytes(),
            System.Runtime.JitInfo.GetCompiledILBytes(),
            Directory.GetDirectories("/proc/self/task").Length,
            Directory.GetFiles("/proc/self/fd").Length);
    }

    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"resident {Mib(Resident):0.0} MiB (anonymous {Mib(Anonymous):0.0}, code {Mib(Shared):0.0}, .NET {Mib(Managed):0.0} of {Mib(ManagedRoom):0.0}, malloc {Mib(Malloc):0.0}, compiled IL {Mib(Compiled):0.00})  threads {Threads}  files {Files}");

    internal string ToCsv(TimeSpan at) => string.Create(
        CultureInfo.InvariantCulture,
        $"{at.TotalSeconds:0.00},{Resident},{Anonymous},{Shared},{Managed},{ManagedRoom},{Malloc},{Compiled},{Threads},{Files}");

    private static double Mib(long bytes) => bytes / 1048576.0;
}
