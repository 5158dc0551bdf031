using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using JpegActFpga.Codec.Simd.Parallel;
using JpegActFpga.Core.Memory;

namespace JpegActFpga.Benchmarks.Codec;

/// <summary>memcpy on the codec's own threads.</summary>
internal sealed unsafe class CopyJob(NativeSpan<byte> from, NativeSpan<byte> to) : ParallelJob
{
    internal const int Part = 1 << 18;

    internal void Run(int threads)
    {
        Reset((from.Length + Part - 1) / Part, CancellationToken.None);
        WorkerTeam.Shared.Run(this, threads, CodecScratch.OfThread);
    }

    protected override void RunUnit(long unit, CodecScratch scratch)
    {
        long at = unit * Part;
        long bytes = Math.Min(Part, from.Length - at);
        Buffer.MemoryCopy(from.Pointer + at, to.Pointer + at, bytes, bytes);
    }
}

/// <summary>Reads memory and does next to nothing with it: the most that any encoder could reach.</summary>
internal sealed unsafe class ReadJob(NativeSpan<byte> from) : ParallelJob
{
    private ulong _sink;

    internal ulong Run(int threads)
    {
        Reset((from.Length + CopyJob.Part - 1) / CopyJob.Part, CancellationToken.None);
        WorkerTeam.Shared.Run(this, threads, CodecScratch.OfThread);
        return _sink;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    protected override void RunUnit(long unit, CodecScratch scratch)
    {
        long at = unit * CopyJob.Part;
        long end = Math.Min(at + CopyJob.Part, from.Length);
        Vector256<ulong> a = Vector256<ulong>.Zero, b = a, c = a, d = a;
        for (; at + 128 <= end; at += 128)
        {
            a |= Vector256.Load((ulong*)(from.Pointer + at));
            b |= Vector256.Load((ulong*)(from.Pointer + at + 32));
            c |= Vector256.Load((ulong*)(from.Pointer + at + 64));
            d |= Vector256.Load((ulong*)(from.Pointer + at + 96));
        }

        _sink = Vector256.Sum(a | b | c | d);
    }
}
