using JpegActFpga.Core.Memory;
using JpegActFpga.Core.Tensors;
using JpegActFpga.Cuda;

namespace JpegActFpga.Gpu.Tests.Support;

/// <summary>A tensor in device memory between guard bytes, misaligned as far as its elements allow.</summary>
internal sealed unsafe class DeviceTensor : IDisposable
{
    private const int GuardBytes = 64;
    private const byte Canary = 0xc5;

    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    private readonly TensorSpec _spec;
    private readonly CudaDeviceMemory _memory;
    private readonly CudaStream _stream;
    private readonly CudaEvent _done;
    private readonly int _start;

    public DeviceTensor(CudaContext context, TensorSpec spec)
    {
        _spec = spec;
        _start = GuardBytes + spec.ElementType.ByteSize();
        _memory = new CudaDeviceMemory(context, _start + spec.ByteCount + GuardBytes);
        _stream = CudaStream.Borrow(context, 0);
        _done = new CudaEvent(context);
        var noise = new byte[_memory.ByteLength];
        noise.AsSpan().Fill(Canary);
        fixed (byte* start = noise)
        {
            _stream.CopyToDevice((nint)start, _memory.Address, noise.Length);
            Wait();
        }
    }

    public TensorView View => new(_spec, new NativeSpan<byte>((byte*)_memory.Address + _start, _spec.ByteCount), MemoryKind.Gpu);

    public void Write(NativeSpan<byte> elements)
    {
        if (elements.Length != 0)
        {
            _stream.CopyToDevice(elements.Address, _memory.Address + (ulong)_start, elements.Length);
            Wait();
        }
    }

    public void Read(NativeSpan<byte> elements)
    {
        if (elements.Length != 0)
        {
            _stream.CopyToHost(_memory.Address + (ulong)_start, elements.Address, elements.Length);
            Wait();
        }
    }

    public void DemandIntactGuards()
    {
        var all = new byte[_memory.ByteLength];
        fixed (byte* start = all)
        {
            _stream.CopyToHost(_memory.Address, (nint)start, all.Length);
            Wait();
        }

        Assert.Equal(-1, all.AsSpan(0, _start).IndexOfAnyExcept(Canary));
        Assert.Equal(-1, all.AsSpan(all.Length - GuardBytes).IndexOfAnyExcept(Canary));
    }

    public void Dispose()
    {
        _done.Dispose();
        _memory.Dispose();
    }

    private void Wait()
    {
        _done.Record(_stream);
        _done.Wait(Limit);
    }
}
