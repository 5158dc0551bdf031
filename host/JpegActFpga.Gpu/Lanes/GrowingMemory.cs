using JpegActFpga.Cuda;

namespace JpegActFpga.Gpu.Lanes;

/// <summary>Device memory of a lane, exchanged for more when a call needs it. For the lane's own thread.</summary>
internal sealed class GrowingMemory(CudaContext context) : IDisposable
{
    private const long Unit = 1 << 20;

    private CudaDeviceMemory? _memory;

    /// <summary>Gets the bytes held.</summary>
    internal long ByteLength => _memory?.ByteLength ?? 0;

    /// <summary>Gives memory of at least so many bytes; what it held is gone where it had to grow. No work may be using it.</summary>
    /// <param name="byteCount">Bytes.</param>
    /// <returns>Its device address.</returns>
    internal ulong AtLeast(long byteCount)
    {
        if (_memory is null || _memory.ByteLength < byteCount)
        {
            Dispose();
            _memory = new CudaDeviceMemory(context, (Math.Max(1, byteCount) + Unit - 1) / Unit * Unit);
        }

        return _memory.Address;
    }

    /// <summary>Gives the memory up.</summary>
    internal void Leak() => _memory?.Leak();

    /// <inheritdoc/>
    public void Dispose()
    {
        _memory?.Dispose();
        _memory = null;
    }
}
