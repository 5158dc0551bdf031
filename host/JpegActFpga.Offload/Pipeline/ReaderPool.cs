using JpegActFpga.Core.Frames;

namespace JpegActFpga.Offload.Pipeline;

/// <summary>Keeps frame readers for the next frames. Safe from any thread.</summary>
internal sealed class ReaderPool
{
    private readonly Lock _lock = new();
    private readonly Stack<FrameReader> _idle = new();

    /// <summary>Lends one.</summary>
    internal FrameReader Rent()
    {
        lock (_lock)
        {
            return _idle.TryPop(out FrameReader? reader) ? reader : new FrameReader();
        }
    }

    /// <summary>Takes one back.</summary>
    /// <param name="reader">Lent before.</param>
    internal void Return(FrameReader reader)
    {
        lock (_lock)
        {
            _idle.Push(reader);
        }
    }
}
