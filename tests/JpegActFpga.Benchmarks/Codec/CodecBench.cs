using System.Globalization;
using JpegActFpga.Codec.Simd;
using JpegActFpga.Core.Memory;
using JpegActFpga.Core.Profiles;
using JpegActFpga.Core.Tensors;

namespace JpegActFpga.Benchmarks.Codec;

/// <summary>Measures the CPU codec: stages, in cache, from memory, beside other codecs.</summary>
internal static class CodecBench
{
    internal const string Usage = """
        usage: bench codec [--rounds N] [--json FILE] [--only cache|stages|memory|peers] [FILE ...]

          --rounds N   timed batches of each action (41)
          --json FILE  write the results as JSON as well
          --only WHAT  one section
          --loop CALL  encode-known, encode or decode over and over for five seconds, for a profiler; --shape 1x32x32x32
          --activations DIR  .npy files of a training (jpegact train --method none --save-activations DIR), beside other codecs
          --photographs DIR  photographs (.jpg), through a net, beside other codecs (Debian's mate-backgrounds)
          FILE         other activations: .npy (float32, C order), or raw name_8x64x28x28.f32
        """;

    private static readonly CodecProfile Profile = CodecProfile.JpegAct(ShiftTables.OptsLow);

    internal static int Run(string[] args)
    {
        int rounds = 41;
        string? json = null;
        string? only = null;
        string? loop = null;
        string? activations = null;
        string photographs = Photographs.DefaultFolder;
        var loopShape = new TensorShape(1, 32, 32, 32);
        var files = new List<string>();
        for (int i = 0; i < args.Length; i++)
        {
            switch (args[i])
            {
                case "--rounds" when i + 1 < args.Length:
                    rounds = Math.Max(3, int.Parse(args[++i], CultureInfo.InvariantCulture));
                    break;
                case "--json" when i + 1 < args.Length:
                    json = args[++i];
                    break;
                case "--only" when i + 1 < args.Length:
                    only = args[++i];
                    break;
                case "--activations" when i + 1 < args.Length && Directory.Exists(args[i + 1]):
                    activations = args[++i];
                    break;
                case "--photographs" when i + 1 < args.Length && Directory.Exists(args[i + 1]):
                    photographs = args[++i];
                    break;
                case "--loop" when i + 1 < args.Length:
                    loop = args[++i];
                    break;
                case "--shape" when i + 1 < args.Length:
                    loopShape = new TensorShape([.. args[++i].Split('x').Select(size => long.Parse(size, CultureInfo.InvariantCulture))]);
                    break;
                default:
                    if (args[i].StartsWith('-') || !File.Exists(args[i]))
                    {
                        Console.Error.WriteLine($"{args[i]}: no such option or file.\n{Usage}");
                        return 2;
                    }

                    files.Add(args[i]);
                    break;
            }
        }

        CodecIsa isa = CodecIsas.Choose();
        if (isa == CodecIsa.Scalar)
        {
            Console.Error.WriteLine($"This machine, or {CodecIsas.Variable}, leaves only the scalar reference: it is the judge of results, not of speed.");
            return 2;
        }

        if (loop is not null)
        {
            return ProfileLoop.Run(isa, loop, loopShape, Profile);
        }

        MachineFacts machine = MachineFacts.Gather(isa);
        var report = new Report(machine);
        Console.WriteLine(machine);
        Console.WriteLine("GB/s are 10^9 bytes of the uncompressed tensor a second; \"of first\" is the fraction of the section's first line.");
        if (only is null or "cache")
        {
            InCache(report, isa, rounds);
        }

        if (only is null or "stages")
        {
            Stages(report, isa, rounds);
        }

        if (only is null or "memory")
        {
            FromMemory(report, isa, rounds);
        }

        if (only is null or "peers")
        {
            using (Workload synthetic = Workload.Synthetic(new TensorSpec(ElementType.Float32, new TensorShape(4, 64, 64, 64))))
            {
                PeerBench.Run(report, isa, rounds, synthetic, "synthetic");
            }

            if (activations is not null)
            {
                DataSets.Activations(report, isa, rounds, activations);
            }
            else
            {
                Report.Skip("activations of a training: give --activations DIR (./build.sh bench codec makes them)");
            }

            DataSets.OfPhotographs(report, isa, rounds, photographs);
            if (files.Count > 0)
            {
                DataSets.Measure(report, isa, rounds, "files", files.Select(Workload.FromFile));
            }
        }

        if (json is not null)
        {
            report.WriteJson(json);
        }

        return 0;
    }

    // 128 KiB of float32: source and destination together stay in the second-level cache of every processor at hand.
    private static void InCache(Report report, CodecIsa isa, int rounds)
    {
        var codec = new SimdCodec(isa, threads: 1);
        foreach ((int planes, int side) in new[] { (32, 32), (128, 16), (512, 8), (42, 28), (168, 14), (668, 7) })
        {
            One(ElementType.Float32, new TensorShape(1, planes, side, side), Profile);
        }

        foreach (ElementType type in new[] { ElementType.Float16, ElementType.BFloat16 })
        {
            One(type, new TensorShape(1, 32, 32, 32), Profile);
        }

        One(ElementType.Float32, new TensorShape(1, 32, 32, 32), CodecProfile.JpegAct(ShiftTables.OptsLow, QuantiserRounding.Truncate));
        One(ElementType.Float32, new TensorShape(1, 32, 32, 32), CodecProfile.Sfpr(zeroValueCompression: false));
        One(ElementType.Float32, new TensorShape(1, 32, 32, 32), CodecProfile.Sfpr(zeroValueCompression: true));

        void One(ElementType type, TensorShape shape, CodecProfile profile)
        {
            using Workload workload = Workload.Synthetic(new TensorSpec(type, shape));
            using var run = new CodecRun(codec, workload.Tensor, profile);
            var clock = new Stopclock(rounds);
            long bytes = workload.Tensor.Spec.ByteCount;
            clock.Add("memcpy", bytes, run.Copy);
            var read = new ReadJob(workload.Tensor.Bytes);
            clock.Add("read", bytes, () => read.Run(1));
            clock.Add("encode, scales known", bytes, run.EncodeKnown);
            clock.Add("encode", bytes, run.Encode);
            clock.Add("decode", bytes, run.Decode);
            clock.Add("check a frame (open)", bytes, run.Open);
            report.Add($"In cache, 1 thread: {workload.Tensor.Spec}, {profile}; ratio {run.Ratio.ToString("F1", CultureInfo.InvariantCulture)}", 1, clock.Run());
        }
    }

    private static void Stages(Report report, CodecIsa isa, int rounds)
    {
        using Workload workload = Workload.Synthetic(new TensorSpec(ElementType.Float32, new TensorShape(1, 32, 32, 32)));
        var codec = new SimdCodec(isa, threads: 1);
        using var run = new CodecRun(codec, workload.Tensor, Profile);
        var clock = new Stopclock(rounds);
        long bytes = workload.Tensor.Spec.ByteCount;
        clock.Add("memcpy", bytes, run.Copy);
        clock.Add("  scan", bytes, run.Scan);
        using NativeBuffer memory = StageRun.Add(clock, isa, workload.Tensor, Profile.Shifts);
        report.Add($"Stages in cache, 1 thread: {workload.Tensor.Spec}", 1, clock.Run());
    }

    private static void FromMemory(Report report, CodecIsa isa, int rounds)
    {
        using Workload workload = Workload.Synthetic(new TensorSpec(ElementType.Float32, new TensorShape(64, 64, 64, 64)));
        long bytes = workload.Tensor.Spec.ByteCount;
        using var copy = new NativeBuffer(bytes);
        for (int threads = 1; threads <= Environment.ProcessorCount; threads *= 2)
        {
            int here = threads;
            using var run = new CodecRun(new SimdCodec(isa, here), workload.Tensor, Profile);
            var clock = new Stopclock(Math.Max(9, rounds / 4));
            var read = new ReadJob(workload.Tensor.Bytes);
            var copying = new CopyJob(workload.Tensor.Bytes, copy.Bytes);
            clock.Add("read", bytes, () => read.Run(here));
            clock.Add("memcpy", bytes, () => copying.Run(here));
            clock.Add("encode, scales known", bytes, run.EncodeKnown);
            clock.Add("encode", bytes, run.Encode);
            clock.Add("decode", bytes, run.Decode);
            report.Add($"From memory, {here} thread{(here == 1 ? string.Empty : "s")}: {workload.Tensor.Spec}", here, clock.Run());
        }
    }
}
