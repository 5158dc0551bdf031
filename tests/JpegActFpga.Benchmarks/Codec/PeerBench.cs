using JpegActFpga.Codec.Simd;
using JpegActFpga.Core.Frames;
using JpegActFpga.Core.Memory;
using JpegActFpga.Core.Profiles;

namespace JpegActFpga.Benchmarks.Codec;

/// <summary>The codec beside LZ4, zstd and libjpeg-turbo on the same data, one thread.</summary>
/// <remarks>
/// The others get what suits them best, the tensor as int8 (made beforehand, at no cost to them), and LZ4 and zstd also
/// float32; our codec is timed from float32 to the frame. Bytes are those of the float32 tensor everywhere.
/// </remarks>
internal static unsafe class PeerBench
{
    private static readonly CodecProfile Low = CodecProfile.JpegAct(ShiftTables.OptsLow);
    private static readonly CodecProfile High = CodecProfile.JpegAct(ShiftTables.OptsHigh);

    /// <summary>Measures a tensor.</summary>
    /// <param name="report">Receives a section.</param>
    /// <param name="isa">Instruction set of our codec.</param>
    /// <param name="rounds">Timed batches.</param>
    /// <param name="workload">The tensor.</param>
    /// <param name="name">Its name in the report.</param>
    /// <param name="together">Sums of the data set that it belongs to; may be null.</param>
    internal static void Run(Report report, CodecIsa isa, int rounds, Workload workload, string name, Together? together = null)
    {
        var codec = new SimdCodec(isa, threads: 1);
        long bytes = workload.Tensor.Spec.ByteCount;
        long elements = workload.Tensor.Spec.Shape.ElementCount;
        var quality = new Dictionary<string, (double? Ratio, double? Nrmse)>();
        var clock = new Stopclock(Math.Max(9, rounds / 3));
        using var keep = new Keeper();
        CodecRun jpegAct = keep.Add(new CodecRun(codec, workload.Tensor, Low));
        clock.Add("memcpy", bytes, jpegAct.Copy);
        var read = new ReadJob(workload.Tensor.Bytes);
        clock.Add("read", bytes, () => read.Run(1));
        foreach ((string ours, CodecRun run) in new[]
        {
            ("jpeg-act optsL", jpegAct),
            ("jpeg-act optsH", keep.Add(new CodecRun(codec, workload.Tensor, High))),
            ("sfpr (int8)", keep.Add(new CodecRun(codec, workload.Tensor, CodecProfile.Sfpr(zeroValueCompression: false)))),
            ("sfpr-zvc", keep.Add(new CodecRun(codec, workload.Tensor, CodecProfile.Sfpr(zeroValueCompression: true)))),
        })
        {
            clock.Add($"{ours} encode", bytes, run.Encode);
            clock.Add($"{ours} encode, scales known", bytes, run.EncodeKnown);
            clock.Add($"{ours} decode", bytes, run.Decode);
            quality[$"{ours} encode"] = (run.Ratio, run.Nrmse);
        }

        // The value plane of an SFPR frame is the int8 tensor.
        CodecRun int8 = keep.Add(new CodecRun(codec, workload.Tensor, CodecProfile.Sfpr(zeroValueCompression: false)));
        FrameReader frame = FrameReader.Open(int8.Frame.Bytes);
        NativeSpan<byte> values = frame.Values;
        AddLz4(clock, quality, keep, "int8", values, bytes);
        AddLz4(clock, quality, keep, "float32", workload.Tensor.Bytes, bytes);
        AddZstd(clock, quality, keep, "int8", values, bytes);
        AddZstd(clock, quality, keep, "float32", workload.Tensor.Bytes, bytes);
        AddJpeg(clock, quality, keep, values, (int)workload.Tensor.Spec.Shape.W, elements, frame, workload, bytes);
        IReadOnlyList<Timing> timings = clock.Run();
        report.Add($"Beside others, 1 thread: {name}, {workload.Tensor.Spec}", 1, timings, quality);
        together?.Add(bytes, Power(workload.Tensor.Bytes.Cast<float>()), timings, quality);
    }

    private static void AddLz4(Stopclock clock, Dictionary<string, (double? Ratio, double? Nrmse)> quality, Keeper keep, string what, NativeSpan<byte> data, long bytes)
    {
        if (!Peers.Has("liblz4.so.1"))
        {
            Report.Skip($"LZ4 on {what}: install Debian's liblz4-1");
            return;
        }

        NativeBuffer room = keep.Add(new NativeBuffer(Peers.Lz4Bound(data.Length)));
        NativeBuffer back = keep.Add(new NativeBuffer(data.Length));
        int size = Peers.Lz4(data.Pointer, data.Length, room.Bytes.Pointer, room.ByteLength);
        clock.Add($"LZ4 encode of {what}", bytes, () => Peers.Lz4(data.Pointer, data.Length, room.Bytes.Pointer, room.ByteLength));
        clock.Add($"LZ4 decode of {what}", bytes, () => Peers.UnLz4(room.Bytes.Pointer, size, back.Bytes.Pointer, back.ByteLength));
        quality[$"LZ4 encode of {what}"] = ((double)bytes / size, null);
    }

    private static void AddZstd(Stopclock clock, Dictionary<string, (double? Ratio, double? Nrmse)> quality, Keeper keep, string what, NativeSpan<byte> data, long bytes)
    {
        if (!Peers.Has("libzstd.so.1"))
        {
            Report.Skip($"zstd on {what}: install Debian's libzstd1");
            return;
        }

        nint context = Peers.NewZstd();
        NativeBuffer room = keep.Add(new NativeBuffer(Peers.ZstdBound(data.Length)));
        NativeBuffer back = keep.Add(new NativeBuffer(data.Length));
        long size = Peers.Zstd(context, data.Pointer, data.Length, room.Bytes.Pointer, room.ByteLength);
        clock.Add($"zstd -1 encode of {what}", bytes, () => Peers.Zstd(context, data.Pointer, data.Length, room.Bytes.Pointer, room.ByteLength));
        clock.Add($"zstd -1 decode of {what}", bytes, () => Peers.UnZstd(room.Bytes.Pointer, size, back.Bytes.Pointer, back.ByteLength));
        quality[$"zstd -1 encode of {what}"] = ((double)bytes / size, null);
    }

    private static void AddJpeg(Stopclock clock, Dictionary<string, (double? Ratio, double? Nrmse)> quality, Keeper keep, NativeSpan<byte> int8, int width, long elements, FrameReader frame, Workload workload, long bytes)
    {
        if (!Peers.Has(Peers.JpegLibrary))
        {
            Report.Skip("libjpeg-turbo: install Debian's libturbojpeg0");
            return;
        }

        long rows = elements / width;
        NativeBuffer gray = keep.Add(new NativeBuffer(elements));
        NativeBuffer back = keep.Add(new NativeBuffer(elements));
        for (long i = 0; i < elements; i++)
        {
            gray.Bytes[i] = (byte)(int8[i] + 128);
        }

        nint compressor = Peers.NewJpegCompressor();
        nint expander = Peers.NewJpegExpander();
        List<(byte[] Jpeg, int Rows)> strips = Peers.JpegStrips(compressor, gray.Bytes.Pointer, width, rows);
        ulong roomBytes = Peers.JpegRoom(width, rows);
        NativeBuffer room = keep.Add(new NativeBuffer((long)roomBytes));
        string name = $"libjpeg-turbo q{Peers.JpegQuality}";
        clock.Add($"{name} encode of int8", bytes, () => Peers.Jpeg(compressor, gray.Bytes.Pointer, width, rows, room.Bytes.Pointer, roomBytes));
        clock.Add($"{name} decode of int8", bytes, () => Peers.UnJpeg(expander, strips, width, back.Bytes.Pointer));
        Peers.UnJpeg(expander, strips, width, back.Bytes.Pointer);
        quality[$"{name} encode of int8"] = ((double)bytes / strips.Sum(strip => (long)strip.Jpeg.Length), Nrmse(back.Bytes, frame, workload));
    }

    private static double Power(NativeSpan<float> elements)
    {
        double power = 0;
        for (long i = 0; i < elements.Length; i++)
        {
            power += (double)elements[i] * elements[i];
        }

        return power;
    }

    private static double Nrmse(NativeSpan<byte> gray, FrameReader frame, Workload workload)
    {
        NativeSpan<float> before = workload.Tensor.Bytes.Cast<float>();
        NativeSpan<float> scales = frame.Scales;
        long planeElements = workload.Tensor.Spec.Shape.H * workload.Tensor.Spec.Shape.W;
        double error = 0, power = 0;
        for (long i = 0; i < before.Length; i++)
        {
            double difference = ((gray[i] - 128) * scales[i / planeElements % scales.Length]) - before[i];
            error += difference * difference;
            power += (double)before[i] * before[i];
        }

        return Math.Sqrt(error / power);
    }

    /// <summary>Disposes what a run made.</summary>
    private sealed class Keeper : IDisposable
    {
        private readonly List<IDisposable> _kept = [];

        public T Add<T>(T thing)
            where T : IDisposable
        {
            _kept.Add(thing);
            return thing;
        }

        public void Dispose() => _kept.ForEach(thing => thing.Dispose());
    }
}
