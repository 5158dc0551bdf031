using System.Diagnostics;
using System.Globalization;
using JpegActFpga.Xclbin;

namespace JpegActFpga.Benchmarks.Overhead;

/// <summary>
/// What the C# bindings cost over a C++ program that does the same through XRT's own interface, on the emulated card. The two
/// take turns in one process, so that both meet the same noise; the ratio is the median of the ratios of neighbours.
/// </summary>
internal static class OverheadBench
{
    private const long SampleNanoseconds = 4_000_000;
    private const int MaxRepetitions = 20_000;

    private static readonly TimeSpan WarmUp = TimeSpan.FromMilliseconds(350);

    private static readonly int[] Sizes = [4096, 16 << 10, 64 << 10, 256 << 10, 1 << 20, 4 << 20];

    /// <summary>Runs it.</summary>
    /// <param name="args">Number of turns; 41 where none is given.</param>
    /// <returns>Exit status: 0 where every bar is met, 1 where one is not, 2 for wrong usage.</returns>
    internal static int Run(string[] args)
    {
        int turns = 41;
        if (args.Length > 1 || (args.Length == 1 && (!int.TryParse(args[0], CultureInfo.InvariantCulture, out turns) || turns is < 3 or > 1001)))
        {
            Console.Error.WriteLine("usage: bench overhead [TURNS]   (3 .. 1001, default 41)");
            return 2;
        }

        string folder = Environment.GetEnvironmentVariable("JPEGACT_HOST_OVERHEAD")
            ?? throw new InvalidOperationException("JPEGACT_HOST_OVERHEAD does not name the built tests/HostOverhead (run this by ./build.sh bench overhead).");
        string xclbin = Path.Combine(folder, "copy.xclbin");
        File.WriteAllBytes(xclbin, XclbinWriter.Write(Describe(File.ReadAllBytes(Path.Combine(folder, "copy_kernel.so")))));
        Console.WriteLine("EMULATED CARD: transfers are memcpy on this CPU, the kernel a memcpy on another thread. Only the ratio says something.");
        Console.WriteLine($"{turns} turns each, medians; ratio: median of neighbours' ratios. Bar: 1.05 from 64 KiB on, 1.15 for a 4 KiB round trip.");
        Console.WriteLine($"{"operation",-12}{"bytes",10}{"C++ us",12}{"C# us",12}{"ratio",9}{"bar",8}");
        bool good = true;
        foreach (int bytes in Sizes)
        {
            using var native = new NativeHost(Path.Combine(folder, "libhost_overhead.so"), xclbin, bytes);
            using var managed = new ManagedHost(xclbin, bytes);
            foreach (OverheadOperation operation in Enum.GetValues<OverheadOperation>())
            {
                good &= Compare(native, managed, operation, bytes, turns);
            }
        }

        Console.WriteLine(good ? "every bar is met" : "a bar is missed");
        return good ? 0 : 1;
    }

    private static bool Compare(NativeHost native, ManagedHost managed, OverheadOperation operation, int bytes, int turns)
    {
        // Enough repetitions that a sample outlasts the clock's and the scheduler's grain; before them the JIT's last tier must be in.
        int repetitions = (int)Math.Clamp(SampleNanoseconds * 20 / Math.Max(1, native.Measure(operation, 20)), 1, MaxRepetitions);
        for (long start = Stopwatch.GetTimestamp(); Stopwatch.GetElapsedTime(start) < WarmUp;)
        {
            managed.Measure(operation, Math.Max(1, repetitions / 8));
        }

        native.Measure(operation, repetitions);
        var nativeTimes = new double[turns];
        var managedTimes = new double[turns];
        var ratios = new double[turns];
        for (int i = 0; i < turns; i++)
        {
            // Who goes first changes: the second of a pair finds warmer caches.
            if (i % 2 == 0)
            {
                nativeTimes[i] = native.Measure(operation, repetitions);
                managedTimes[i] = managed.Measure(operation, repetitions);
            }
            else
            {
                managedTimes[i] = managed.Measure(operation, repetitions);
                nativeTimes[i] = native.Measure(operation, repetitions);
            }

            ratios[i] = managedTimes[i] / nativeTimes[i];
        }

        double ratio = Median(ratios);
        double? bar = bytes >= 64 << 10 ? 1.05 : bytes == 4096 && operation is (OverheadOperation.RoundTrip or OverheadOperation.Launch) ? 1.15 : null;
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{Name(operation),-12}{bytes,10}{Median(nativeTimes) / repetitions / 1000,12:0.000}{Median(managedTimes) / repetitions / 1000,12:0.000}{ratio,9:0.000}{(bar is { } limit ? limit.ToString("0.00", CultureInfo.InvariantCulture) : "-"),8}{(ratio > bar ? "  MISSED" : "")}"));
        return bar is null || ratio <= bar;
    }

    private static string Name(OverheadOperation operation) => operation switch
    {
        OverheadOperation.ToCard => "to card",
        OverheadOperation.FromCard => "from card",
        OverheadOperation.RoundTrip => "round trip",
        _ => "launch",
    };

    private static double Median(double[] values)
    {
        double[] sorted = [.. values.Order()];
        int middle = sorted.Length / 2;
        return sorted.Length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    }

    private static XclbinDescription Describe(byte[] payload)
    {
        XclbinKernel copy = XclbinDescription.HlsKernel(new KernelSignature(
            "copy_words",
            [new(0, "in", KernelArgumentKind.ReadBuffer), new(1, "out", KernelArgumentKind.WriteBuffer), new(2, "words", KernelArgumentKind.Scalar32)]));
        return new XclbinDescription
        {
            Platform = "jpegact_emulated_u250_1",
            Payload = payload,
            MemoryBanks =
            [
                new("DDR[0]", XclbinMemoryKind.Ddr4, 0x40_0000_0000, 16L << 30),
                new("DDR[1]", XclbinMemoryKind.Ddr4, 0x50_0000_0000, 16L << 30),
            ],
            Kernels = [copy],
            ComputeUnits = [new XclbinComputeUnit(copy.Name, "copy_words_1", 0x800000, [new(0, 0), new(1, 1)])],
        };
    }
}
