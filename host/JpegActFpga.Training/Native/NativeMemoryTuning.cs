using System.Runtime.InteropServices;

namespace JpegActFpga.Training.Native;

/// <summary>Settings of glibc's allocator, process wide. Nothing here is applied unless asked for.</summary>
public static partial class NativeMemoryTuning
{
    private const int TrimThreshold = -1;
    private const int MmapThreshold = -3;

    /// <summary>
    /// Lets malloc keep freed blocks up to <paramref name="thresholdBytes"/> for reuse instead of giving each large tensor's
    /// pages back to the system and faulting them in again at the next iteration (about 15 % of the CPU time of a training
    /// run on the CPU). The price: the resident set no longer falls when tensors are freed.
    /// </summary>
    /// <param name="thresholdBytes">1 MiB or more; blocks below it come from the heap and stay with the process.</param>
    /// <exception cref="ArgumentOutOfRangeException">The threshold is below 1 MiB.</exception>
    /// <exception cref="InvalidOperationException">The C library refused the value.</exception>
    public static void KeepFreedMemory(int thresholdBytes = 1 << 30) => SetThresholds(thresholdBytes);

    /// <summary>
    /// Makes every block of 128 KiB or more come from mmap and return to the system when freed, so that the resident set
    /// shows what is held at each moment. Slower; for measurements of memory.
    /// </summary>
    /// <exception cref="InvalidOperationException">The C library refused the value.</exception>
    public static void ReturnFreedMemory() => SetThresholds(128 * 1024, 0);

    private static void SetThresholds(int thresholdBytes, int least = 1 << 20)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(thresholdBytes, least);
        if (mallopt(MmapThreshold, thresholdBytes) != 1 || mallopt(TrimThreshold, thresholdBytes) != 1)
        {
            throw new InvalidOperationException($"mallopt refused a threshold of {thresholdBytes} bytes");
        }
    }

    [LibraryImport("libc")]
    private static partial int mallopt(int parameter, int value);
}
