using JpegActFpga.Core.Memory;
using JpegActFpga.Core.Observability;
using JpegActFpga.Offload.Pipeline;

namespace JpegActFpga.Offload;

/// <summary>Lends memory for frames in the making, a buffer a call in flight; buffers only grow. Safe from any thread.</summary>
internal sealed class ScratchPool : IDisposable
{
    private const long GranularityBytes = 1 << 20;

    private readonly Lock _lock = new();
    private readonly Stack<NativeBuffer> _idle = new();
    private readonly List<NativeBuffer> _abandoned = [];
    private bool _disposed;

    /// <summary>Lends at least so many bytes, page-aligned.</summary>
    /// <param name="bytes">Bytes needed.</param>
    internal Lease Rent(long bytes)
    {
        NativeBuffer? buffer;
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            _idle.TryPop(out buffer);
        }

        if (buffer is not null && buffer.ByteLength < bytes)
        {
            buffer.Dispose();
            buffer = null;
        }

        return new Lease(this, buffer ?? new NativeBuffer((bytes + GranularityBytes - 1) / GranularityBytes * GranularityBytes));
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (_lock)
        {
            _disposed = true;
            while (_idle.TryPop(out NativeBuffer? buffer))
            {
                buffer.Dispose();
            }
        }
    }

    private void Return(NativeBuffer buffer)
    {
        lock (_lock)
        {
            if (_abandoned.Contains(buffer))
            {
                return;
            }

            if (_disposed)
            {
                buffer.Dispose();
            }
            else
            {
                _idle.Push(buffer);
            }
        }
    }

    // Somebody who does not end may use it for ever.
    private void Abandon(NativeBuffer buffer)
    {
        lock (_lock)
        {
            _abandoned.Add(buffer);
        }

        OffloadTelemetry.Leaked("engine", 1, buffer.ByteLength);
        Hostages.Keep(buffer);
    }

    /// <summary>A buffer on loan; the default is none.</summary>
    internal readonly struct Lease(ScratchPool pool, NativeBuffer buffer) : IDisposable
    {
        /// <summary>Gets a value indicating whether nothing is on loan.</summary>
        internal bool IsNone => buffer is null;

        /// <summary>Gets the memory.</summary>
        internal NativeSpan<byte> Bytes => buffer.Bytes;

        /// <summary>Gives the buffer up for good: it is never freed or lent again, though this is disposed of as always.</summary>
        internal void Abandon() => pool?.Abandon(buffer);

        /// <summary>Gives the buffer back.</summary>
        public void Dispose() => pool?.Return(buffer);
    }
}
