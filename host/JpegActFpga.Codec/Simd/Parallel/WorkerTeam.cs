namespace JpegActFpga.Codec.Simd.Parallel;

/// <summary>The process' helper threads for the codec: one team, which helps one call at a time.</summary>
/// <remarks>
/// A call's own thread always works; helpers join it. While the team is busy, other calls run on their own thread alone,
/// so that callers and helpers together never exceed the processors that the callers asked for. Helpers sleep between
/// calls instead of spinning: a training step has better use for the cores. Thread-safe.
/// </remarks>
internal sealed class WorkerTeam
{
    private readonly Lock _startLock = new();
    private readonly object _gate = new();
    private ParallelJob? _job;
    private int _helpersWanted;
    private int _helpersAtWork;
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
                _helpersWanted = helpers;
                Monitor.PulseAll(_gate);
            }

            job.Work(scratch);
            lock (_gate)
            {
                // Whoever has not come by now is not needed.
                _job = null;
                while (_helpersAtWork != 0)
                {
                    Monitor.Wait(_gate);
                }
            }
        }
        finally
        {
            Volatile.Write(ref _busy, 0);
        }

        job.ThrowIfStopped();
    }

    private void Hire(int helpers)
    {
        lock (_startLock)
        {
            for (; _threads < helpers; _threads++)
            {
                var thread = new Thread(Help) { IsBackground = true, Name = $"JPEG-ACT codec {_threads + 1}" };
                thread.Start();
            }
        }
    }

    private void Help()
    {
        CodecScratch scratch = CodecScratch.OfThread;
        while (true)
        {
            ParallelJob job;
            lock (_gate)
            {
                while (_job is null || _helpersWanted == 0)
                {
                    Monitor.Wait(_gate);
                }

                job = _job;
                _helpersWanted--;
                _helpersAtWork++;
            }

            job.Work(scratch);
            lock (_gate)
            {
                _helpersAtWork--;
                Monitor.PulseAll(_gate);
            }
        }
    }
}
