using BenchmarkDotNet.Attributes;
using JpegActFpga.Codec;
using JpegActFpga.Core.Backends;
using JpegActFpga.Core.Frames;
using JpegActFpga.Core.Memory;
using JpegActFpga.Core.Profiles;
using JpegActFpga.Core.Tensors;
using JpegActFpga.Fpga;

namespace JpegActFpga.Benchmarks;

/// <summary>Each backend, both ways, beside a copy of the same tensor.</summary>
#pragma warning disable CA1001 // BenchmarkDotNet owns the object; Cleanup disposes what is left.
public class CodecBenchmarks
#pragma warning restore CA1001
{
    private static readonly TensorSpec Spec = new(ElementType.Float32, new TensorShape(64, 16, 28, 28));

    private readonly NativeBuffer _tensor = new(Spec.ByteCount);
    private readonly NativeBuffer _expanded = new(Spec.ByteCount);
    private readonly CodecProfile _profile = CodecProfile.JpegAct(ShiftTables.OptsLow);
    private readonly CpuBackend _cpu = new();
    private NativeBuffer _frame = null!;
    private FpgaBackend? _fpga;
    private FrameReader _reader = null!;

    internal static long TensorBytes => Spec.ByteCount;

    private TensorView Source => new(Spec, _tensor.Bytes);

    private TensorView Destination => new(Spec, _expanded.Bytes);

    [GlobalSetup]
    public void Setup()
    {
        Activations.FillReluLike(Source, seed: 1);
        _frame = new NativeBuffer(FrameLayout.MaxFrameBytes(Spec, _profile));
        if (Environment.GetEnvironmentVariable("JPEGACT_XCLBIN") is { Length: > 0 } xclbin)
        {
            _fpga = FpgaBackend.Open(new FpgaOptions { XclbinPath = xclbin });
            Console.WriteLine($"// fpga is: {_fpga.Capabilities.Device}");
        }

        CompressResult result = _cpu.CompressAsync(Source, _profile, _frame.Bytes).AsTask().GetAwaiter().GetResult();
        _reader = FrameReader.Open(_frame.Bytes.Slice(0, result.FrameBytes));
        Console.WriteLine($"// ratio {(double)Spec.ByteCount / result.FrameBytes:F2}");
    }

    [GlobalCleanup]
    public async Task Cleanup()
    {
        if (_fpga is not null)
        {
            await _fpga.DisposeAsync();
        }
    }

    [Benchmark(Baseline = true)]
    public void Memcpy() => _tensor.Bytes.CopyTo(_expanded.Bytes);

    [Benchmark]
    public async Task<long> CpuEncode()
    {
        using var room = new NativeBuffer(_frame.ByteLength);
        return (await _cpu.CompressAsync(Source, _profile, room.Bytes)).FrameBytes;
    }

    [Benchmark]
    public Task CpuDecode() => _cpu.ExpandAsync(_reader, Destination).AsTask();

    [Benchmark]
    public async Task<long> FpgaEncode()
    {
        FpgaBackend card = _fpga ?? throw new InvalidOperationException("No card: JPEGACT_XCLBIN is not set (run this by ./build.sh bench).");
        using var room = new NativeBuffer(_frame.ByteLength);
        return (await card.CompressAsync(Source, _profile, room.Bytes)).FrameBytes;
    }

    [Benchmark]
    public Task FpgaDecode()
    {
        FpgaBackend card = _fpga ?? throw new InvalidOperationException("No card: JPEGACT_XCLBIN is not set (run this by ./build.sh bench).");
        return card.ExpandAsync(_reader, Destination).AsTask();
    }
}
