using System.Diagnostics;
using JpegActFpga.Core.Backends;
using JpegActFpga.Core.Frames;
using JpegActFpga.Core.Memory;
using JpegActFpga.Core.Profiles;
using JpegActFpga.Cuda;
using JpegActFpga.Gpu.Launches;
using JpegActFpga.Gpu.Staging;

namespace JpegActFpga.Gpu.Benchmarks;

/// <summary>Measures kernels, whole calls and staging, each beside the plain copy that it competes with, in one run.</summary>
/// <param name="gpu">The GPU.</param>
/// <param name="output">Where the table goes.</param>
internal sealed class GpuBench(GpuBackend gpu, TextWriter output)
{
    private const int Repeats = 15;
    private const long SmallestBytes = 64 << 10;
    private const double Giga = 1e9;

    private static readonly StagingFormat[] Formats = [StagingFormat.Raw, StagingFormat.BFloat16, StagingFormat.ScaledInt8];

    /// <summary>Runs every part once on small tensors, and demands that what comes back is what a second call gives.</summary>
    internal async Task CheckAsync()
    {
        using var kernels = new GpuKernels(gpu.Context);
        foreach (long bytes in new[] { SmallestBytes, 4 * SmallestBytes })
        {
            _ = await MeasureAsync(kernels, bytes, repeats: 1).ConfigureAwait(false);
        }
    }

    /// <summary>Measures sizes from 64 KiB up, four times as large each.</summary>
    /// <param name="maxBytes">The largest.</param>
    internal async Task<GpuFigures> MeasureAsync(long maxBytes)
    {
        using var kernels = new GpuKernels(gpu.Context);
        CudaDevice device = gpu.Context.Device;
        output.WriteLine($"{device.Name}, {device.Multiprocessors} multiprocessors, memory peak {device.MemoryBandwidth / Giga:f0} GB/s by clock and width, library {CudaLibrary.Name}");
        output.WriteLine("rates in GB/s of the float32 tensor; copy moves each byte twice; (share of the memory roofline); end to end: pageable host memory");
        output.WriteLine($"{"tensor",10} {"ratio",6} {"copy",7} {"encode",15} {"decode",15} {"out",7} {"back",7} {"raw out",8} {"raw back",8} {"stage raw",9} {"bf16",7} {"int8",7}");
        var sizes = new List<SizeFigures>();
        for (long bytes = SmallestBytes; bytes <= maxBytes; bytes *= 4)
        {
            SizeFigures figures = await MeasureAsync(kernels, bytes, Repeats).ConfigureAwait(false);
            sizes.Add(figures);
            output.WriteLine(Line(figures));
        }

        return new GpuFigures(device.Name, device.MemoryBandwidth, kernels.Costs(), sizes);
    }

    private static string Line(SizeFigures f) =>
        $"{f.TensorBytes >> 10,6} KiB {f.Ratio,6:f1} {f.Copy / Giga,7:f0} {f.Encode / Giga,8:f0} ({f.EncodeRoofline,4:p0}) {f.Decode / Giga,8:f0} ({f.DecodeRoofline,4:p0}) {f.Out / Giga,7:f1} {f.Back / Giga,7:f1} {f.PinnedOut / Giga,8:f1} {f.PinnedBack / Giga,8:f1} {f.StageRaw / Giga,9:f1} {f.StageBFloat16 / Giga,7:f1} {f.StageInt8 / Giga,7:f1}";

    private static double Median(int repeats, Func<TimeSpan> measure)
    {
        _ = measure();
        double[] seconds = [.. Enumerable.Range(0, repeats).Select(_ => measure().TotalSeconds).Order()];
        return Math.Max(seconds[repeats / 2], 1e-9);
    }

    private static TimeSpan Clocked(Action work)
    {
        long start = Stopwatch.GetTimestamp();
        work();
        return Stopwatch.GetElapsedTime(start);
    }

    private async Task<SizeFigures> MeasureAsync(GpuKernels kernels, long bytes, int repeats)
    {
        using var load = new DeviceWorkload(gpu.Context, kernels, bytes);
        using var room = new NativeBuffer(FrameLayout.MaxFrameBytes(load.Spec, DeviceWorkload.Profile));
        CompressResult result = await gpu.CompressAsync(load.View, DeviceWorkload.Profile, room.Bytes).ConfigureAwait(false);
        FrameReader frame = FrameReader.Open(room.Bytes.Slice(0, result.FrameBytes));
        double copy = Median(repeats, load.Copy);
        double encode = Median(repeats, load.Encode);
        double decode = Median(repeats, load.Decode);
        using var again = new NativeBuffer(room.ByteLength);
        double outward = Median(repeats, () => Clocked(() => Wait(gpu.CompressAsync(load.View, DeviceWorkload.Profile, again.Bytes).AsTask())));
        if (!again.Bytes.AsSpan(0, (int)result.FrameBytes).SequenceEqual(room.Bytes.AsSpan(0, (int)result.FrameBytes)))
        {
            throw new InvalidOperationException($"Two frames of one tensor {load.Spec} differ: no figure counts.");
        }

        double back = Median(repeats, () => Clocked(() => Wait(gpu.ExpandAsync(frame, load.View).AsTask())));
        using var pinned = new CudaHostMemory(gpu.Context, bytes);
        double pinnedOut = Median(repeats, () => load.CopyOut(pinned));
        double pinnedBack = Median(repeats, () => load.CopyBack(pinned));
        double[] stage = [.. Formats.Select(format => Median(repeats, () => Clocked(() => Stage(load, format, pinned))))];
        double peak = gpu.Context.Device.MemoryBandwidth;
        return new SizeFigures(
            bytes,
            (double)bytes / result.FrameBytes,
            bytes / copy,
            bytes / encode,
            bytes / decode,
            peak == 0 ? 0 : ((2.0 * bytes) + result.FrameBytes) / peak / encode,
            peak == 0 ? 0 : ((double)bytes + result.FrameBytes) / peak / decode,
            bytes / outward,
            bytes / back,
            bytes / pinnedOut,
            bytes / pinnedBack,
            bytes / stage[0],
            bytes / stage[1],
            bytes / stage[2]);
    }

    private static void Wait(Task task) => task.GetAwaiter().GetResult();

    private unsafe void Stage(DeviceWorkload load, StagingFormat format, CudaHostMemory pinned)
    {
        CodecProfile profile = CodecProfile.Sfpr(zeroValueCompression: false);
        var destination = new NativeSpan<byte>((byte*)pinned.Address, pinned.ByteLength);
        Wait(new GpuStaging(gpu).StageAsync(load.View, format, profile, destination).AsTask());
    }
}
