using System.Diagnostics;
using System.Globalization;
using JpegActFpga.Codec.Simd;
using JpegActFpga.Core.Profiles;
using JpegActFpga.Core.Tensors;

namespace JpegActFpga.Benchmarks.Codec;

/// <summary>Runs one call over and over, for a profiler to look at (docs/codec-speed.md).</summary>
internal static class ProfileLoop
{
    internal static int Run(CodecIsa isa, string what, TensorShape shape, CodecProfile profile)
    {
        using Workload workload = Workload.Synthetic(new TensorSpec(ElementType.Float32, shape));
        using var run = new CodecRun(new SimdCodec(isa, threads: 1), workload.Tensor, profile);
        Action? action = what switch
        {
            "encode-known" => run.EncodeKnown,
            "encode" => run.Encode,
            "decode" => run.Decode,
            _ => null,
        };
        if (action is null)
        {
            Console.Error.WriteLine($"--loop {what}: encode-known, encode or decode.");
            return 2;
        }

        const int Seconds = 5;
        long start = Stopwatch.GetTimestamp();
        long calls = 0;
        while (Stopwatch.GetElapsedTime(start).TotalSeconds < Seconds)
        {
            for (int i = 0; i < 100; i++)
            {
                action();
            }

            calls += 100;
        }

        double seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{what}: {calls} calls on {workload.Tensor.Spec}, {seconds / calls * 1e6:F2} us each, {calls * workload.Tensor.Spec.ByteCount / seconds / 1e9:F2} GB/s mean"));
        return 0;
    }
}
