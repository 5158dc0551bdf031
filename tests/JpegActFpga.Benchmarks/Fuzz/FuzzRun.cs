using System.Diagnostics;
using System.Globalization;
using JpegActFpga.Codec.Simd;
using JpegActFpga.Codec.Tests.Simd;

namespace JpegActFpga.Benchmarks.Fuzz;

/// <summary>Feeds hostile frames to the codec for as long as one likes.</summary>
internal static class FuzzRun
{
    private const string Usage = "usage: bench fuzz [--count N] [--seed S] [--threads T]   (10 million frames, seed 1, all cores)";
    private const long Slice = 50_000;

    internal static int Run(string[] args)
    {
        long count = 10_000_000;
        int seed = 1;
        int threads = Environment.ProcessorCount;
        for (int i = 0; i < args.Length; i += 2)
        {
            if (i + 1 == args.Length || !long.TryParse(args[i + 1], NumberStyles.None, CultureInfo.InvariantCulture, out long value))
            {
                Console.Error.WriteLine(Usage);
                return 2;
            }

            switch (args[i])
            {
                case "--count":
                    count = value;
                    break;
                case "--seed":
                    seed = (int)value;
                    break;
                case "--threads":
                    threads = Math.Clamp((int)value, 1, 64);
                    break;
                default:
                    Console.Error.WriteLine(Usage);
                    return 2;
            }
        }

        CodecIsa isa = CodecIsas.Choose();
        Console.WriteLine($"{count} hostile frames, {isa.DisplayName()} decoder, seed {seed}, {threads} threads");
        long started = Stopwatch.GetTimestamp();
        long done = 0, refused = 0, decoded = 0, compared = 0;
        var report = new Lock();
        Parallel.For(0, threads, new ParallelOptions { MaxDegreeOfParallelism = threads }, thread =>
        {
            using var hostile = new HostileFrames(new SimdCodec(isa, threads: 1), unchecked((seed * 1000) + thread));
            long mine = (count / threads) + (thread < count % threads ? 1 : 0);
            while (mine > 0)
            {
                HostileResult result = hostile.Run(Math.Min(Slice, mine), CancellationToken.None);
                mine -= result.Frames;
                lock (report)
                {
                    done += result.Frames;
                    refused += result.Refused;
                    decoded += result.Decoded;
                    compared += result.Compared;
                    if (done % (20 * Slice) < Slice || done == count)
                    {
                        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{Stopwatch.GetElapsedTime(started).TotalSeconds,7:F0} s: {done} frames, {refused} refused, {decoded} decoded, {compared} of them compared with the reference"));
                    }
                }
            }
        });
        Console.WriteLine("no crash, no access outside a buffer, no difference");
        return 0;
    }
}
