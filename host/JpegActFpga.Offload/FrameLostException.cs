namespace JpegActFpga.Offload;

/// <summary>
/// A stashed activation cannot be had any more: its frame, or the device or disk that kept it, is gone or damaged. The step
/// that stashed it must be repeated from its batch; nothing else is affected.
/// </summary>
public sealed class FrameLostException : Exception
{
    /// <summary>Initializes a new instance of the <see cref="FrameLostException"/> class.</summary>
    /// <param name="message">Which frame, where it was, and what happened to it.</param>
    /// <param name="inner">The cause, if there is one.</param>
    public FrameLostException(string message, Exception? inner = null)
        : base(message, inner)
    {
    }
}
