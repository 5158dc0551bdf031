using System.Diagnostics;

namespace JpegActFpga.Codec.Simd.Parallel;

/// <summary>The process' helper threads for the codec: one team, which helps one call at a time.</summary>
/// <remarks>
/// A call's own thread always works; helpers join it. While the team is busy, other calls run on their own thread alone,
/// so that callers and helpers together never exceed the processors that the callers asked for. Helpers sleep between
/// calls: a training step has better use for the cores. But they watch out for a moment first, because a call has several
/// jobs, one right after the other, and a caller watches its helpers end: to wake a thread takes as long as a quarter of
/// a usual job. For the same reason nobody takes a lock on the way: a job has places, and a helper joins by taking one.
/// Thread-safe.
/// </remarks>
internal sealed class WorkerTeam
{
    // Places of the job that are free, and from the upper half on helpers at work on it.
    private const int FreePlaces = 0xffff;
    private const int AtWork = FreePlaces + 1;

    // From the end of a scan to the start of its encoding.
    private static readonly long HelperWatch = Stopwatch.Frequency / 25_000;

    // Longer than a unit takes, unless its thread lost its processor.
    private static readonly long CallerWatch = Stopwatch.Frequency / 5_000;

    private readonly Lock _startLock = new();
    private readonly object _callerGate = new();
    private readonly WakeUpCalls _wakeUpCalls = new();
    private ParallelJob? _job;
    private int _places;
    private int _asleep;
    private bool _callerAsleep;
    private int _threads;
    private int _busy;

    /// <summary>Gets the team.</summary>
    internal static WorkerTeam Shared { get; } = new();

    /// <summary>Runs a job on the calling thread and helpers, and throws what stopped it.</summary>
    /// <param name="job">The job.</param>
    /// <param name="threads">Threads at most, the caller's included.</param>
    /// <param name="scratch">The calling thread's scratch memory.</param>
    internal void Run(ParallelJob job, int threads, CodecScratch scratch)
    {
        int helpers = (int)Math.Min(Math.Min(threads, job.Units) - 1, FreePlaces / 2);
        if (helpers <= 0 || Interlocked.CompareExchange(ref _busy, 1, 0) != 0)
        {
            job.Work(scratch);
            job.ThrowIfStopped();
            return;
        }

        try
        {
            Hire(helpers);

            // The job before its places; the places before the look at who is asleep.
            _job = job;
            Interlocked.Exchange(ref _places, helpers);
            Wake(helpers);
            job.Work(scratch);
            WaitForHelpers();
        }
        finally
        {
            Volatile.Write(ref _busy, 0);
        }

        job.ThrowIfStopped();
    }

    /// <summary>A job is about to come: helpers wake up while its caller prepares it, and watch out for a moment.</summary>
    /// <param name="helpers">Helpers that it will have use for.</param>
    internal void Expect(int helpers)
    {
        if (Volatile.Read(ref _busy) == 0)
        {
            Wake(helpers);
        }
    }

    private void WaitForHelpers()
    {
        // Whoever has not come by now is not needed.
        Interlocked.And(ref _places, ~FreePlaces);
        long started = Stopwatch.GetTimestamp();
        while (Volatile.Read(ref _places) != 0)
        {
            if (Stopwatch.GetTimestamp() - started >= CallerWatch)
            {
                SleepUntilHelpersLeft();
                break;
            }

            Thread.SpinWait(8);
        }

        _job = null;
    }

    private void SleepUntilHelpersLeft()
    {
        lock (_callerGate)
        {
            // A helper leaves first and looks for a sleeper then: one of the two sees the other.
            Volatile.Write(ref _callerAsleep, true);
            Interlocked.MemoryBarrier();
            while (Volatile.Read(ref _places) != 0)
            {
                Monitor.Wait(_callerGate);
            }

            Volatile.Write(ref _callerAsleep, false);
        }
    }

    private void Hire(int helpers)
    {
        if (Volatile.Read(ref _threads) >= helpers)
        {
            return;
        }

        lock (_startLock)
        {
            try
            {
                for (; _threads < helpers; _threads++)
                {
                    var thread = new Thread(Help) { IsBackground = true, Name = $"JPEG-ACT codec {_threads + 1}" };
                    thread.Start();
                }
            }
            catch (OutOfMemoryException)
            {
                // The system gives no thread. Whoever is there does the work, the caller at least: this codec is the last fallback.
            }
        }
    }

    // Who takes one off the count owes a call.
    private void Wake(int helpers)
    {
        for (; helpers > 0 && TryTakeSleeper(); helpers--)
        {
            _wakeUpCalls.Post();
        }
    }

    private bool TryTakeSleeper()
    {
        int seen = Volatile.Read(ref _asleep);
        while (seen != 0)
        {
            int found = Interlocked.CompareExchange(ref _asleep, seen - 1, seen);
            if (found == seen)
            {
                return true;
            }

            seen = found;
        }

        return false;
    }

    private void Help()
    {
        CodecScratch scratch;
        try
        {
            scratch = CodecScratch.OfThread;
        }
        catch (OutOfMemoryException)
        {
            lock (_startLock)
            {
                _threads--;
            }

            return;
        }

        while (true)
        {
            if (TryJoin())
            {
                _job!.Work(scratch);
                Leave();
            }
            else if (!SeesWork())
            {
                Sleep();
            }
        }
    }

    private bool TryJoin()
    {
        int seen = Volatile.Read(ref _places);
        while ((seen & FreePlaces) != 0)
        {
            int found = Interlocked.CompareExchange(ref _places, seen - 1 + AtWork, seen);
            if (found == seen)
            {
                return true;
            }

            seen = found;
        }

        return false;
    }

    private void Leave()
    {
        Interlocked.Add(ref _places, -AtWork);
        if (Volatile.Read(ref _callerAsleep))
        {
            lock (_callerGate)
            {
                Monitor.PulseAll(_callerGate);
            }
        }
    }

    private bool SeesWork()
    {
        long started = Stopwatch.GetTimestamp();
        while ((Volatile.Read(ref _places) & FreePlaces) == 0)
        {
            if (Stopwatch.GetTimestamp() - started >= HelperWatch)
            {
                return false;
            }

            Thread.SpinWait(8);
        }

        return true;
    }

    private void Sleep()
    {
        // A caller that did not see this one counted has offered its places before: they are seen now.
        Interlocked.Increment(ref _asleep);
        if ((Volatile.Read(ref _places) & FreePlaces) != 0 && TryTakeSleeper())
        {
            return;
        }

        _wakeUpCalls.Wait();
    }
}
