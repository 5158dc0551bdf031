using JpegActFpga.Core.Memory;
using JpegActFpga.Offload.Stores;

namespace JpegActFpga.Offload.Pipeline;

/// <summary>
/// Memory for a frame in the making: a store's own, in which the frame then stays, or some that is lent. One thread's; not to
/// be copied, and to be disposed.
/// </summary>
internal struct FrameRoom : IDisposable
{
    private readonly HostMemoryStore? _store;
    private readonly ScratchPool.Lease _lease;
    private NativeSpan<byte> _bytes;

    /// <summary>Initializes a new instance of the <see cref="FrameRoom"/> struct in memory that is lent.</summary>
    internal FrameRoom(ScratchPool.Lease lease)
    {
        _lease = lease;
        _bytes = lease.Bytes;
    }

    /// <summary>Initializes a new instance of the <see cref="FrameRoom"/> struct in a store's memory.</summary>
    internal FrameRoom(HostMemoryStore store, long bytes)
    {
        _store = store;
        _bytes = HostMemoryStore.Reserve(bytes);
    }

    /// <summary>Gets the memory.</summary>
    internal readonly NativeSpan<byte> Bytes => _bytes;

    /// <summary>Puts the frame at the room's start into a store; where it is the room's, the frame stays where it is.</summary>
    /// <param name="store">The store.</param>
    /// <param name="length">Bytes of the frame.</param>
    internal FrameHandle PutInto(IFrameStore store, long length)
    {
        if (!ReferenceEquals(store, _store))
        {
            return store.Put(_bytes.Slice(0, length));
        }

        NativeSpan<byte> reserved = _bytes;
        _bytes = default;
        return _store.Keep(reserved, length);
    }

    /// <summary>Gives the memory up for good: somebody who does not end may use it for ever.</summary>
    internal void Abandon()
    {
        if (_store is null)
        {
            _lease.Abandon();
        }

        _bytes = default;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_store is null)
        {
            _lease.Dispose();
        }
        else if (_bytes.Length != 0)
        {
            HostMemoryStore.GiveUp(_bytes);
        }

        _bytes = default;
    }
}
