using System.Globalization;
using System.Runtime.InteropServices;
using JpegActFpga.Offload.Stores;

namespace JpegActFpga.Training.Native;

/// <summary>What the process holds, measured. All figures are bytes.</summary>
public static partial class ProcessMemory
{
    /// <summary>
    /// Bytes that malloc has handed out and not got back, in all its arenas and its mmapped blocks. CPU tensors come from
    /// malloc, the .NET heap does not.
    /// </summary>
    public static long MallocLiveBytes()
    {
        MallInfo2 info = mallinfo2();
        return (long)(info.InUse + info.Mapped);
    }

    /// <summary>What is live of tensors and frames: <see cref="MallocLiveBytes"/>, and the memory in which stores keep frames, which is not malloc's.</summary>
    public static long LiveBytes() => MallocLiveBytes() + HostMemoryStore.OccupiedBytes;

    /// <summary>Resident set of the process now (VmRSS).</summary>
    public static long ResidentBytes() => Status("VmRSS:");

    /// <summary>Largest resident set since the process began or <see cref="TryResetPeakResident"/> (VmHWM).</summary>
    public static long PeakResidentBytes() => Status("VmHWM:");

    /// <summary>Restarts <see cref="PeakResidentBytes"/> from the present; false where the kernel does not allow that.</summary>
    public static bool TryResetPeakResident()
    {
        try
        {
            File.WriteAllText("/proc/self/clear_refs", "5");
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    private static long Status(string key)
    {
        foreach (string line in File.ReadLines("/proc/self/status"))
        {
            if (line.StartsWith(key, StringComparison.Ordinal))
            {
                string kibibytes = line[key.Length..].Replace("kB", "", StringComparison.Ordinal).Trim();
                return 1024 * long.Parse(kibibytes, CultureInfo.InvariantCulture);
            }
        }

        throw new InvalidDataException($"/proc/self/status has no {key}");
    }

    [LibraryImport("libc")]
    private static partial MallInfo2 mallinfo2();

    /// <summary>struct mallinfo2 of glibc 2.33 and later.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private struct MallInfo2
    {
        public nuint Arena, FreeChunks, FastBinBlocks, MappedBlocks, Mapped, MaxAllocated, FastBinFree, InUse, Free, TopFree;
    }
}
