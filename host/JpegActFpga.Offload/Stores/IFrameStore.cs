using JpegActFpga.Core.Memory;

namespace JpegActFpga.Offload.Stores;

/// <summary>Keeps frames between forward and backward. Implementations are safe from any thread.</summary>
public interface IFrameStore : IDisposable
{
    /// <summary>Gets the bytes now held, of all frames.</summary>
    long HeldBytes { get; }

    /// <summary>Copies a frame into the store.</summary>
    /// <param name="frame">The frame; the caller's memory is free again when the call returns.</param>
    /// <returns>The frame in the store; disposing it gives the memory back.</returns>
    StoredFrame Put(NativeSpan<byte> frame);
}
