using System.Collections.Concurrent;
using JpegActFpga.Core.Memory;

namespace JpegActFpga.Offload;

/// <summary>Lends memory for frames in the making, a buffer a call in flight; buffers only grow. Safe from any thread.</summary>
internal sealed class ScratchPool : IDisposable
{
    private const long GranularityBytes = 1 << 20;

    private readonly ConcurrentBag<NativeBuffer> _idle = [];
    private volatile bool _disposed;

    /// <summary>Lends at least so many bytes, page-aligned.</summary>
    /// <param name="bytes">Bytes needed.</param>
    internal Lease Rent(long bytes)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        if (_idle.TryTake(out NativeBuffer? buffer) && buffer.ByteLength < bytes)
        {
            buffer.Dispose();
            buffer = null;
        }

        return new Lease(this, buffer ?? new NativeBuffer((bytes + GranularityBytes - 1) / GranularityBytes * GranularityBytes));
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _disposed = true;
        while (_idle.TryTake(out NativeBuffer? buffer))
        {
            buffer.Dispose();
        }
    }

    private void Return(NativeBuffer buffer)
    {
        _idle.Add(buffer);
        if (_disposed)
        {
            Dispose();
        }
    }

    /// <summary>A buffer on loan.</summary>
    internal readonly struct Lease(ScratchPool pool, NativeBuffer buffer) : IDisposable
    {
        /// <summary>Gets the memory.</summary>
        internal NativeSpan<byte> Bytes => buffer.Bytes;

        /// <summary>Gives the buffer back.</summary>
        public void Dispose() => pool.Return(buffer);
    }
}
