using System.Globalization;
using JpegActFpga.Training.Native;

namespace JpegActFpga.Faults.Tests.Soak;

/// <summary>What the process holds at one moment, and who holds it: where it grows, this tells where to look. Bytes.</summary>
/// <param name="Resident">Pages in memory, counted one by one (VmRSS of the kernel is an estimate where threads are many).</param>
/// <param name="Managed">Living objects of .NET and its garbage.</param>
/// <param name="ManagedRoom">What the garbage collector has taken from the system.</param>
/// <param name="Malloc">Handed out by malloc.</param>
/// <param name="Compiled">Machine code that the JIT made so far, as bytes of IL.</param>
internal readonly record struct MemorySample(long Resident, long Managed, long ManagedRoom, long Malloc, long Compiled)
{
    internal static MemorySample Take() => new(
        ExactResident(),
        GC.GetTotalMemory(false),
        GC.GetGCMemoryInfo(GCKind.Any).TotalCommittedBytes,
        ProcessMemory.MallocLiveBytes(),
        System.Runtime.JitInfo.GetCompiledILBytes());

    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"resident {Mib(Resident):0.0} MiB (.NET {Mib(Managed):0.0} of {Mib(ManagedRoom):0.0}, malloc {Mib(Malloc):0.0}, compiled IL {Mib(Compiled):0.00})");

    private static long ExactResident()
    {
        string line = File.ReadLines("/proc/self/smaps_rollup").First(line => line.StartsWith("Rss:", StringComparison.Ordinal));
        return 1024 * long.Parse(line["Rss:".Length..].Replace("kB", "", StringComparison.Ordinal).Trim(), CultureInfo.InvariantCulture);
    }

    private static double Mib(long bytes) => bytes / 1048576.0;
}
