using JpegActFpga.Core.Memory;

namespace JpegActFpga.Offload.Stores;

/// <summary>A frame in a store. Disposing it more than once is harmless; using it afterwards is refused.</summary>
public abstract class StoredFrame : IDisposable
{
    /// <summary>Gets the frame, 64-byte aligned.</summary>
    /// <exception cref="ObjectDisposedException">The frame was given back.</exception>
    public abstract NativeSpan<byte> Bytes { get; }

    /// <inheritdoc/>
    public void Dispose()
    {
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Gives the memory back.</summary>
    /// <param name="disposing">False from a finalizer.</param>
    protected abstract void Dispose(bool disposing);
}
