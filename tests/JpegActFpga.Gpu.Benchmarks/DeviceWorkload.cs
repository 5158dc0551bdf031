using JpegActFpga.Core.Frames;
using JpegActFpga.Core.Memory;
using JpegActFpga.Core.Profiles;
using JpegActFpga.Core.Tensors;
using JpegActFpga.Cuda;
using JpegActFpga.Gpu.Launches;

namespace JpegActFpga.Gpu.Benchmarks;

/// <summary>A tensor in device memory that compresses like an activation, and all that the kernels need to work on it.</summary>
internal sealed unsafe class DeviceWorkload : IDisposable
{
    /// <summary>Bytes of a sample: 16 channels of 32 x 32.</summary>
    internal const long SampleBytes = 16 * 32 * 32 * sizeof(float);

    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    private readonly CudaContext _context;
    private readonly GpuKernels _kernels;
    private readonly CudaDeviceMemory _tensor;
    private readonly CudaDeviceMemory _copy;
    private readonly CudaDeviceMemory _frame;
    private readonly CudaDeviceMemory _work;
    private readonly CudaStream _stream;
    private readonly TensorPlan _plan;

    internal DeviceWorkload(CudaContext context, GpuKernels kernels, long bytes)
    {
        _context = context;
        _kernels = kernels;
        Spec = new TensorSpec(ElementType.Float32, new TensorShape(bytes / SampleBytes, 16, 32, 32));
        _plan = new TensorPlan(Spec, CodecMethod.JpegAct, ScaleMode.PerChannel);
        _tensor = new CudaDeviceMemory(context, Spec.ByteCount);
        _copy = new CudaDeviceMemory(context, Spec.ByteCount);
        _frame = new CudaDeviceMemory(context, _plan.FrameBytes);
        _work = new CudaDeviceMemory(context, _plan.WorkBytes);
        _stream = new CudaStream(context);
        Fill();
    }

    /// <summary>Gets the profile: the one that training uses by default.</summary>
    internal static CodecProfile Profile { get; } = CodecProfile.JpegAct(ShiftTables.OptsHigh);

    internal TensorSpec Spec { get; }

    internal TensorView View => new(Spec, new NativeSpan<byte>((byte*)_tensor.Address, Spec.ByteCount), MemoryKind.Gpu);

    internal TimeSpan Encode() => Timed(() =>
    {
        CodecArguments arguments = _plan.Encoding(Profile, _tensor.Address, _frame.Address, _work.Address);
        _stream.Clear(_work.Address, _plan.WorkBytes);
        _kernels.Scan(_stream, ElementType.Float32, arguments);
        _kernels.Encode(_stream, ElementType.Float32, Profile, arguments);
        _kernels.Checksum(_stream, arguments);
    });

    /// <summary>Decodes what <see cref="Encode"/> left.</summary>
    internal TimeSpan Decode()
    {
        var header = new FrameHeader(Spec, CodecMethod.JpegAct, Profile.Rounding, Profile.ScaleMode, Profile.FullScale, Profile.Shifts, NonNegative: true, NonFinite: false, ValueBytes: 0);
        return Timed(() => _kernels.Decode(_stream, ElementType.Float32, CodecMethod.JpegAct, _plan.Decoding(header, _copy.Address, _frame.Address)));
    }

    internal TimeSpan Copy() => Timed(() => _stream.CopyOnDevice(_tensor.Address, _copy.Address, Spec.ByteCount));

    internal TimeSpan CopyOut(CudaHostMemory host) => Timed(() => _stream.CopyToHost(_tensor.Address, host.Address, Spec.ByteCount));

    internal TimeSpan CopyBack(CudaHostMemory host) => Timed(() => _stream.CopyToDevice(host.Address, _copy.Address, Spec.ByteCount));

    public void Dispose()
    {
        _stream.Dispose();
        _work.Dispose();
        _frame.Dispose();
        _copy.Dispose();
        _tensor.Dispose();
    }

    private TimeSpan Timed(Action work)
    {
        using var start = new CudaEvent(_context, timing: true);
        using var end = new CudaEvent(_context, timing: true);
        start.Record(_stream);
        work();
        end.Record(_stream);
        end.Wait(Limit);
        return end.ElapsedSince(start);
    }

    // Smooth, noisy, about half zero, as after a ReLU: one sample made here, repeated with other samples between.
    private void Fill()
    {
        const int Distinct = 64;
        var random = new Random(1);
        long samples = Spec.Shape.N;
        int made = (int)Math.Min(Distinct, samples);
        using var host = new NativeBuffer(made * SampleBytes);
        NativeSpan<float> elements = host.Bytes.Cast<float>();
        for (long i = 0; i < elements.Length; i++)
        {
            double wave = Math.Sin((0.2 * (i % 32)) + (i / 1024)) + Math.Sin((0.13 * (i / 32 % 32)) + (i / 16384));
            elements[i] = (float)Math.Max(0, wave + (0.5 * (random.NextDouble() - 0.5)));
        }

        for (long sample = 0; sample < samples; sample += made)
        {
            long bytes = Math.Min(made, samples - sample) * SampleBytes;
            _stream.CopyToDevice(host.Bytes.Address, _tensor.Address + (ulong)(sample * SampleBytes), bytes);
        }

        using var done = new CudaEvent(_context);
        done.Record(_stream);
        done.Wait(Limit);
    }
}
