using JpegActFpga.Codec.Simd.Parallel;

namespace JpegActFpga.Codec.Tests.Simd;

/// <summary>The codec's helper threads: every unit of every job is done exactly once, and before its caller goes on.</summary>
public class WorkerTeamTests
{
    [Theory]
    [InlineData(1, 2)]
    [InlineData(1, 4)]
    [InlineData(3, 3)]
    public void Each_unit_is_done_once_whoever_calls_and_whoever_sleeps(int callers, int threads)
    {
        const int Jobs = 400;
        var team = new WorkerTeam();
        var failures = new List<Exception>();
        Thread[] running = [.. Enumerable.Range(0, callers).Select(seed => new Thread(() => Call(seed)))];
        Array.ForEach(running, thread => thread.Start());
        Array.ForEach(running, thread => thread.Join());
        Assert.Empty(failures);

        void Call(int seed)
        {
            try
            {
                var random = new Random(seed);
                var job = new CountingJob();
                for (int i = 0; i < Jobs; i++)
                {
                    if (random.Next(8) == 0)
                    {
                        // Long enough for helpers to fall asleep; nothing depends on whether they do.
                        Thread.Sleep(1);
                    }

                    if (random.Next(2) == 0)
                    {
                        team.Expect(threads - 1);
                    }

                    job.Prepare(random.Next(1, 40));
                    team.Run(job, threads, CodecScratch.OfThread);
                    Assert.All(job.Done, times => Assert.Equal(1, times));
                }
            }
            catch (Exception error)
            {
                lock (failures)
                {
                    failures.Add(error);
                }
            }
        }
    }

    [Fact]
    public void What_a_helper_throws_reaches_the_caller_and_the_team_goes_on()
    {
        var team = new WorkerTeam();
        var job = new CountingJob();
        for (int i = 0; i < 50; i++)
        {
            job.Prepare(20);
            job.FailAt = i % 20;
            Assert.Throws<InvalidOperationException>(() => team.Run(job, 3, CodecScratch.OfThread));
            job.Prepare(20);
            team.Run(job, 3, CodecScratch.OfThread);
            Assert.All(job.Done, times => Assert.Equal(1, times));
        }
    }

    private sealed class CountingJob : ParallelJob
    {
        internal int[] Done { get; private set; } = [];

        internal int FailAt { get; set; }

        internal void Prepare(int units)
        {
            Done = new int[units];
            FailAt = -1;
            Reset(units, CancellationToken.None);
        }

        protected override void RunUnit(long unit, CodecScratch scratch)
        {
            Thread.SpinWait(200);
            if (unit == FailAt)
            {
                throw new InvalidOperationException("asked to fail");
            }

            Interlocked.Increment(ref Done[unit]);
        }
    }
}
