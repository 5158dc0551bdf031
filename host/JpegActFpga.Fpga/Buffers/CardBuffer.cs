using JpegActFpga.Core.Memory;
using JpegActFpga.Xrt;

namespace JpegActFpga.Fpga.Buffers;

/// <summary>A pooled buffer on a card. Whoever rented it is its one user until it goes back.</summary>
internal sealed unsafe class CardBuffer
{
    private readonly XrtBuffer _buffer;

    internal CardBuffer(XrtBuffer buffer, int sizeClass)
    {
        _buffer = buffer;
        SizeClass = sizeClass;
    }

    /// <summary>Gets the native buffer, to bind it to a run.</summary>
    internal XrtBuffer Native => _buffer;

    /// <summary>Gets the memory bank.</summary>
    internal int Bank => _buffer.Bank;

    /// <summary>Gets the size class.</summary>
    internal int SizeClass { get; }

    /// <summary>Gets the size in bytes.</summary>
    internal long Length => _buffer.Length;

    /// <summary>Gets the host's side, page-aligned.</summary>
    internal NativeSpan<byte> Host => new(_buffer.HostMemory, _buffer.Length);

    /// <summary>Gets or sets when it was last returned, in returns of the pool: the least recently used goes first.</summary>
    internal long LastUse { get; set; }

    /// <summary>Gets a value indicating whether it lies in host memory: it has one side, and there is nothing to transfer.</summary>
    internal bool IsShared => _buffer.Kind == XrtBufferKind.HostOnly;

    /// <summary>Transfers bytes to the card.</summary>
    /// <param name="offset">First byte.</param>
    /// <param name="bytes">Bytes; 0 transfers nothing.</param>
    internal void ToCard(long offset, long bytes)
    {
        if (!IsShared)
        {
            _buffer.Sync(XrtSyncDirection.ToDevice, offset, bytes);
        }
    }

    /// <summary>Transfers bytes from the card.</summary>
    /// <param name="offset">First byte.</param>
    /// <param name="bytes">Bytes; 0 transfers nothing.</param>
    internal void FromCard(long offset, long bytes)
    {
        if (!IsShared)
        {
            _buffer.Sync(XrtSyncDirection.FromDevice, offset, bytes);
        }
    }

    /// <summary>Frees the buffer; one bound to a run in flight lives until that ends.</summary>
    internal void Free() => _buffer.Dispose();
}
