using JpegActFpga.Core.Memory;
using JpegActFpga.Core.Observability;

namespace JpegActFpga.Offload.Pipeline;

/// <summary>Memory for a frame in the making: the store's own, in which the frame may stay, or scratch memory.</summary>
/// <param name="activation">Whose frame it is: it has the store's room, as long as that is neither kept nor given back.</param>
/// <param name="scratch">Scratch memory; none where the store lent a room.</param>
internal readonly struct FrameRoom(Activation activation, ScratchPool.Lease scratch) : IDisposable
{
    /// <summary>Gets the memory.</summary>
    internal NativeSpan<byte> Bytes => scratch.IsNone ? activation.Room : scratch.Bytes;

    /// <summary>Gives the memory up for good: somebody who does not end may use it for ever.</summary>
    internal void Abandon()
    {
        scratch.Abandon();
        if (activation.Room.Length != 0)
        {
            // It stays the store's, which the activation keeps from being collected.
            OffloadTelemetry.Leaked("engine", 1, activation.Room.Length);
            activation.Room = default;
        }
    }

    /// <summary>Gives back what was not kept.</summary>
    public void Dispose()
    {
        scratch.Dispose();
        if (activation.Room.Length != 0)
        {
            activation.RoomOwner!.TakeBack(activation.Room);
            activation.Room = default;
        }
    }
}
