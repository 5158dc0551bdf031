using System.Diagnostics;

namespace JpegActFpga.Codec.Simd.Parallel;

/// <summary>The process' helper threads for the codec: one team, which helps one call at a time.</summary>
/// <remarks>
/// A call's own thread always works; helpers join it. While the team is busy, other calls run on their own thread alone,
/// so that callers and helpers together never exceed the processors that the callers asked for. Helpers sleep between
/// calls: a training step has better use for the cores. But they watch out for a moment first, because a call has several
/// jobs, one right after the other, and a caller watches its helpers end: to wake a thread takes as long as a quarter of
/// a usual job. Thread-safe.
/// </remarks>
internal sealed class WorkerTeam
{
    // From the end of a scan to the start of its encoding.
    private static readonly long HelperWatch = Stopwatch.Frequency / 25_000;

    // Longer than a unit takes, unless its thread lost its processor.
    private static readonly long CallerWatch = Stopwatch.Frequency / 5_000;

    private readonly Lock _startLock = new();
    private readonly object _gate = new();
    private ParallelJob? _job;
    private int _helpersWanted;
    private int _helpersAtWork;
    private int _helpersAsleep;
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
        int helpers = (int)Math.Min(threads, job.Units) - 1;
        if (helpers <= 0 || Interlocked.CompareExchange(ref _busy, 1, 0) != 0)
        {
            job.Work(scratch);
            job.ThrowIfStopped();
            return;
        }

        try
        {
            Hire(helpers);
            lock (_gate)
            {
                _job = job;
                Volatile.Write(ref _helpersWanted, helpers);
                if (_helpersAsleep != 0)
                {
                    Monitor.PulseAll(_gate);
                }
            }

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
    internal void Expect()
    {
        if (Volatile.Read(ref _helpersAsleep) != 0 && Volatile.Read(ref _busy) == 0)
        {
            lock (_gate)
            {
                Monitor.PulseAll(_gate);
            }
        }
    }

    private void WaitForHelpers()
    {
        lock (_gate)
        {
            // Whoever has not come by now is not needed.
            _job = null;
            Volatile.Write(ref _helpersWanted, 0);
        }

        long started = Stopwatch.GetTimestamp();
        while (Volatile.Read(ref _helpersAtWork) != 0 && Stopwatch.GetTimestamp() - started < CallerWatch)
        {
            Thread.SpinWait(8);
        }

        lock (_gate)
        {
            while (_helpersAtWork != 0)
            {
                _callerAsleep = true;
                Monitor.Wait(_gate);
            }

            _callerAsleep = false;
        }
    }

    private void Hire(int helpers)
    {
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
            WatchForWork();
            ParallelJob job;
            lock (_gate)
            {
                if (_job is null || _helpersWanted == 0)
                {
                    _helpersAsleep++;
                    Monitor.Wait(_gate);
                    _helpersAsleep--;
                }

                if (_job is null || _helpersWanted == 0)
                {
                    // Woken for a job that is about to come.
                    continue;
                }

                job = _job;
                _helpersWanted--;
                _helpersAtWork++;
            }

            job.Work(scratch);
            lock (_gate)
            {
                Volatile.Write(ref _helpersAtWork, _helpersAtWork - 1);
                if (_callerAsleep)
                {
                    Monitor.PulseAll(_gate);
                }
            }
        }
    }

    private void WatchForWork()
    {
        long started = Stopwatch.GetTimestamp();
        while (Volatile.Read(ref _helpersWanted) == 0 && Stopwatch.GetTimestamp() - started < HelperWatch)
        {
            Thread.SpinWait(8);
        }
    }
}
