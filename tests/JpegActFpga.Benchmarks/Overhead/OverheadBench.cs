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
    private const int Placements = 6;

    private static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(2);

    private static readonly int[] Sizes = [4096, 16 << 10, 64 << 10, 256 << 10, 1 << 20, 4 << 20];

    /// <summary>Runs it.</summary>
    /// <param name="args">Number of turns, 41 where none is given; one size, all where none is given.</param>
    /// <returns>Exit status: 0 where every bar is met, 1 where one is not, 2 for wrong usage.</returns>
    internal static int Run(string[] args)
    {
        int turns = 41;
        int only = 0;
        if (args.Length > 2
            || (args.Length >= 1 && (!int.TryParse(args[0], CultureInfo.InvariantCulture, out turns) || turns is < 3 or > 1001))
            || (args.Length == 2 && (!int.TryParse(args[1], CultureInfo.InvariantCulture, out only) || !Sizes.Contains(only))))
        {
            Console.Error.WriteLine($"usage: bench overhead [TURNS [BYTES]]   (TURNS: 3 .. 1001, default 41; BYTES: one of {string.Join(", ", Sizes)}, default all)");
            return 2;
        }

        string folder = Environment.GetEnvironmentVariable("JPEGACT_HOST_OVERHEAD")
            ?? throw new InvalidOperationException("JPEGACT_HOST_OVERHEAD does not name the built tests/HostOverhead (run this by ./build.sh bench overhead).");
        string xclbin = Path.Combine(folder, "copy.xclbin");
        File.WriteAllBytes(xclbin, XclbinWriter.Write(Describe(File.ReadAllBytes(Path.Combine(folder, "copy_kernel.so")))));
        Console.WriteLine("EMULATED CARD: transfers are memcpy on this CPU, the kernel a memcpy on another thread. Only the ratio says something.");
        Console.WriteLine($"{turns} turns each over {Placements} placements of the buffers, medians; ratios: of neighbours. C++/C++: of two C++ hosts, the noise.");
        Console.WriteLine("C: XRT's C interface called from C++; C#/C is what the bindings add to it.");
        Console.WriteLine($"{"operation",-12}{"bytes",10}{"C++ us",12}{"C us",12}{"C# us",12}{"C#/C++",9}{"C#/C",9}{"C++/C++",10}{"bar",8}");
        bool good = true;
        WarmUpManaged(xclbin);
        foreach (int bytes in Sizes.Where(size => only == 0 || size == only))
        {
            Dictionary<OverheadOperation, Samples> samples = Enum.GetValues<OverheadOperation>().ToDictionary(operation => operation, _ => new Samples());
            for (int placement = 0; placement < Placements; placement++)
            {
                MeasurePlacement(folder, xclbin, bytes, (turns + Placements - 1) / Placements, samples);
            }

            foreach ((OverheadOperation operation, Samples sample) in samples)
            {
                good &= Report(operation, bytes, sample);
            }
        }

        Console.WriteLine(good ? "every bar is met" : "a bar is missed");
        return good ? 0 : 1;
    }

    // Until the JIT's last tier is in, and with every operation in turn: it optimises for what it saw called.
    private static void WarmUpManaged(string xclbin)
    {
        using var managed = new ManagedHost(xclbin, Sizes[0]);
        for (long start = Stopwatch.GetTimestamp(); Stopwatch.GetElapsedTime(start) < WarmUp;)
        {
            foreach (OverheadOperation operation in Enum.GetValues<OverheadOperation>())
            {
                managed.Measure(operation, 50);
            }
        }
    }

    // Opened anew each time: where the buffers' pages lie in the caches changes a transfer by more than who calls it.
    private static void MeasurePlacement(string folder, string xclbin, int bytes, int turns, Dictionary<OverheadOperation, Samples> samples)
    {
        string library = Path.Combine(folder, "libhost_overhead.so");
        using var native = new NativeHost(library, xclbin, bytes, OverheadInterface.Cpp);
        using var managed = new ManagedHost(xclbin, bytes);
        using var control = new NativeHost(library, xclbin, bytes, OverheadInterface.Cpp);
        using var plain = new NativeHost(library, xclbin, bytes, OverheadInterface.C);
        IOverheadHost[] hosts = [native, managed, control, plain];
        foreach ((OverheadOperation operation, Samples sample) in samples)
        {
            // Enough repetitions that a sample outlasts the clock's and the scheduler's grain.
            int repetitions = (int)Math.Clamp(SampleNanoseconds * 20 / Math.Max(1, native.Measure(operation, 20)), 1, MaxRepetitions);
            Array.ForEach(hosts, host => host.Measure(operation, Math.Max(1, repetitions / 4)));
            var times = new double[hosts.Length];
            for (int turn = 0; turn < turns; turn++)
            {
                // Who goes first changes: the next one finds warmer caches.
                for (int i = 0; i < hosts.Length; i++)
                {
                    int host = (turn + i) % hosts.Length;
                    times[host] = hosts[host].Measure(operation, repetitions) / (1000.0 * repetitions);
                }

                sample.Add(times[0], times[1], times[2], times[3]);
            }
        }
    }

    private static bool Report(OverheadOperation operation, int bytes, Samples samples)
    {
        double ratio = Median(samples.Ratios);
        double? bar = bytes >= 64 << 10 ? 1.05 : bytes == 4096 && operation is (OverheadOperation.RoundTrip or OverheadOperation.Launch) ? 1.15 : null;
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{Name(operation),-12}{bytes,10}{Median(samples.Native),12:0.000}{Median(samples.Plain),12:0.000}{Median(samples.Managed),12:0.000}{ratio,9:0.000}{Median(samples.OverPlain),9:0.000}{Median(samples.Controls),10:0.000}{(bar is { } limit ? limit.ToString("0.00", CultureInfo.InvariantCulture) : "-"),8}{(ratio > bar ? "  MISSED" : "")}"));
        return bar is null || ratio <= bar;
    }

    private static string Name(OverheadOperation operation) => operation switch
    {
        OverheadOperation.ToCard => "to card",
        OverheadOperation.FromCard => "from card",
        OverheadOperation.RoundTrip => "round trip",
        _ => "launch",
    };

    private static double Median(List<double> values)
    {
        double[] sorted = [.. values.Order()];
        int middle = sorted.Length / 2;
        return sorted.Length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    }

    /// <summary>Microseconds of an operation, turn by turn.</summary>
    private sealed class Samples
    {
        internal List<double> Native { get; } = [];

        internal List<double> Managed { get; } = [];

        internal List<double> Ratios { get; } = [];

        internal List<double> Controls { get; } = [];

        internal List<double> Plain { get; } = [];

        internal List<double> OverPlain { get; } = [];

        internal void Add(double native, double managed, double control, double plain)
        {
            Plain.Add(plain);
            OverPlain.Add(managed / plain);
            Native.Add(native);
            Managed.Add(managed);
            Ratios.Add(managed / native);
            Controls.Add(control / native);
        }
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
