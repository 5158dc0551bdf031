using JpegActFpga.Core.Memory;

namespace JpegActFpga.Offload.Stores;

/// <summary>Keeps frames in host memory, each in an allocation of its own size. Safe from any thread.</summary>
public sealed class HostMemoryStore : IFrameStore
{
    private long _heldBytes;

    /// <inheritdoc/>
    public long HeldBytes => Interlocked.Read(ref _heldBytes);

    /// <inheritdoc/>
    public StoredFrame Put(NativeSpan<byte> frame)
    {
        var buffer = new NativeBuffer(frame.Length, NativeBuffer.LineBytes);
        frame.CopyTo(buffer.Bytes);
        Interlocked.Add(ref _heldBytes, frame.Length);
        return new HostFrame(this, buffer);
    }

    /// <summary>Does nothing: each frame is given back by its holder.</summary>
    public void Dispose()
    {
    }

    private sealed class HostFrame(HostMemoryStore store, NativeBuffer buffer) : StoredFrame
    {
        private int _disposed;

        /// <inheritdoc/>
        public override NativeSpan<byte> Bytes => buffer.Bytes;

        /// <inheritdoc/>
        protected override void Dispose(bool disposing)
        {
            if (Interlocked.Exchange(ref _disposed, 1) == 0)
            {
                Interlocked.Add(ref store._heldBytes, -buffer.ByteLength);
                buffer.Dispose();
            }
        }
    }
}
