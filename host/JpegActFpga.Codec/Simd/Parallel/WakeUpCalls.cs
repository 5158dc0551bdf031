using System.ComponentModel;
using System.Runtime.InteropServices;

namespace JpegActFpga.Codec.Simd.Parallel;

/// <summary>A counting semaphore for threads that sleep between jobs: a POSIX one where there is one.</summary>
/// <remarks>
/// A job of the codec lasts a quarter of a millisecond, and its caller pays for waking its helpers. .NET's own semaphore wakes
/// through a lock, a condition variable and the lock once more; this one is a single call of the system. Safe from any
/// thread; lives as long as the process.
/// </remarks>
#pragma warning disable CA1001 // Lives as long as the process.
internal sealed unsafe partial class WakeUpCalls
#pragma warning restore CA1001
{
    // sizeof(sem_t) is 32 in glibc and musl on 64-bit machines.
    private const int SemaphoreBytes = 64;
    private const int Interrupted = 4;

    private readonly void* _native;
    private readonly SemaphoreSlim? _managed;

    /// <summary>Initializes a new instance of the <see cref="WakeUpCalls"/> class with no call pending.</summary>
    /// <exception cref="Win32Exception">The system refused.</exception>
    internal WakeUpCalls()
    {
        if (!OperatingSystem.IsLinux())
        {
            _managed = new SemaphoreSlim(0);
            return;
        }

        _native = NativeMemory.AlignedAlloc(SemaphoreBytes, SemaphoreBytes);
        Demand(sem_init(_native, shared: 0, value: 0) == 0);
    }

    /// <summary>Wakes one thread that waits, or the next that will.</summary>
    internal void Post()
    {
        if (_managed is { } managed)
        {
            managed.Release();
            return;
        }

        Demand(sem_post(_native) == 0);
    }

    /// <summary>Waits for a call, and takes it.</summary>
    internal void Wait()
    {
        if (_managed is { } managed)
        {
            managed.Wait();
            return;
        }

        while (sem_wait(_native) != 0)
        {
            Demand(Marshal.GetLastPInvokeError() == Interrupted);
        }
    }

    private static void Demand(bool done)
    {
        if (!done)
        {
            throw new Win32Exception(Marshal.GetLastPInvokeError());
        }
    }

    [LibraryImport("libc", SetLastError = true)]
    private static partial int sem_init(void* semaphore, int shared, uint value);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int sem_post(void* semaphore);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int sem_wait(void* semaphore);
}
