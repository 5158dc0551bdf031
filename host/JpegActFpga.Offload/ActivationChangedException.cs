namespace JpegActFpga.Offload;

/// <summary>
/// A tensor that autograd saved was changed in place while it waited to be compressed, so that its values are not known any
/// more. Without overlap the engine reads a tensor before the forward pass goes on, and this cannot happen.
/// </summary>
/// <param name="message">Which tensor, and what to do.</param>
public sealed class ActivationChangedException(string message) : InvalidOperationException(message);
