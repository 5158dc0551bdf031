using System.Runtime.InteropServices;

namespace JpegActFpga.Training.Native;

/// <summary>Settings of glibc's allocator, process wide. Nothing here is applied unless asked for.</summary>
public static partial class NativeMemoryTuning
{
    private const int TrimThreshold = -1;
    private const int MmapThreshold = -3;
    private const int ArenaMax = -8;

    /// <summary>
    /// Makes all threads allocate from malloc's main heap. The heap of another thread, such as one of the pool on which a
    /// training runs, is made of 64 MiB pieces that go back to the system each time one is empty, whatever
    /// <see cref="KeepFreedMemory"/> says: their pages would be faulted in again at each step. A thread that has allocated
    /// before stays where it is, so call this first of all.
    /// </summary>
    /// <exception cref="InvalidOperationException">The C library refused.</exception>
    public static void UseOneHeap()
    {
        if (mallopt(ArenaMax, 1) != 1)
        {
            throw new InvalidOperationException("mallopt refused to keep to one heap");
        }
    }

    /// <summary>
    /// Lets malloc keep freed blocks up to <paramref name="thresholdBytes"/> for reuse instead of giving each large tensor's
    /// pages back to the system and faulting them in again at the next iteration (about 15 % of the CPU time of a training
    /// run on the CPU). The price: the resident set no longer falls when tensors are freed.
    /// </summary>
    /// <param name="thresholdBytes">1 MiB or more; blocks below it come from the heap and stay with the process.</param>
    /// <exception cref="ArgumentOutOfRangeException">The threshold is below 1 MiB.</exception>
    /// <exception cref="InvalidOperationException">The C library refused the value.</exception>
    public static void KeepFreedMemory(int thresholdBytes = 1 << 30)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(thresholdBytes, 1 << 20);
        if (mallopt(MmapThreshold, thresholdBytes) != 1 || mallopt(TrimThreshold, thresholdBytes) != 1)
        {
            throw new InvalidOperationException($"mallopt refused a threshold of {thresholdBytes} bytes");
        }
    }

    /// <summary>
    /// Collects garbage and gives malloc's free pages back to the system, so that the resident set shows what is held and one
    /// run's leavings are not counted in the next one's.
    /// </summary>
    public static void ReturnFreedMemory()
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        GC.Collect();
        _ = malloc_trim(0);
    }

    [LibraryImport("libc")]
    private static partial int malloc_trim(nuint pad);

    [LibraryImport("libc")]
    private static partial int mallopt(int parameter, int value);
}
