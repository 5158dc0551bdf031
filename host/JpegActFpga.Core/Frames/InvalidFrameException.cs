namespace JpegActFpga.Core.Frames;

/// <summary>A frame is refused. The message says what is wrong with it and at which byte or tile.</summary>
public sealed class InvalidFrameException : Exception
{
    /// <summary>Initializes a new instance of the <see cref="InvalidFrameException"/> class.</summary>
    /// <param name="message">What is wrong, where, and what was expected.</param>
    public InvalidFrameException(string message)
        : base(message)
    {
    }

    /// <summary>Initializes a new instance of the <see cref="InvalidFrameException"/> class.</summary>
    /// <param name="message">What is wrong, where, and what was expected.</param>
    /// <param name="inner">The cause.</param>
    public InvalidFrameException(string message, Exception inner)
        : base(message, inner)
    {
    }
}
