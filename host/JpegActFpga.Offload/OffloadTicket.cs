using JpegActFpga.Core.Profiles;
using JpegActFpga.Core.Tensors;
using JpegActFpga.Offload.Pipeline;
using JpegActFpga.Offload.Statistics;

namespace JpegActFpga.Offload;

/// <summary>
/// Stands for a stashed activation until it is disposed. Disposing twice is harmless, on copies too; using it afterwards is
/// refused; disposing while another thread takes it is the owner's error. The default stands for nothing.
/// </summary>
public readonly struct OffloadTicket : IDisposable, IEquatable<OffloadTicket>
{
    private readonly Activation? _activation;
    private readonly uint _generation;

    internal OffloadTicket(Activation activation)
    {
        _activation = activation;
        _generation = activation.Generation;
    }

    /// <summary>Gets a value indicating whether the ticket stands for nothing: the policy left the tensor alone.</summary>
    public bool IsNone => _activation is null;

    /// <summary>Gets the element type and shape of the activation.</summary>
    public TensorSpec Spec => Activation.Spec;

    /// <summary>Gets the method that the policy chose. The frame's is raw instead where the tensor holds a NaN or an infinity.</summary>
    public CodecMethod AskedMethod => Activation.Profile.Method;

    /// <summary>Gets the method of its frame. Waits for the frame.</summary>
    public CodecMethod Method => Activation.Pipeline.WaitForFrame(this).Method;

    /// <summary>Gets the size of its frame in bytes. Waits for the frame.</summary>
    public long FrameBytes => Activation.Pipeline.WaitForFrame(this).FrameBytes;

    /// <summary>Gets whose activation it is; null where the stasher did not say.</summary>
    public ActivationLabel? Label => Activation.Label;

    /// <summary>Gets the activation.</summary>
    /// <exception cref="ObjectDisposedException">The ticket was disposed, or stands for nothing.</exception>
    internal Activation Activation => _activation is { } activation && activation.Generation == _generation
        ? activation
        : throw new ObjectDisposedException(nameof(OffloadTicket), _activation is null ? "The ticket stands for no activation." : "The ticket was disposed.");

    /// <summary>Compares what tickets stand for.</summary>
    /// <param name="left">A ticket.</param>
    /// <param name="right">Another.</param>
    public static bool operator ==(OffloadTicket left, OffloadTicket right) => left.Equals(right);

    /// <summary>Compares what tickets stand for.</summary>
    /// <param name="left">A ticket.</param>
    /// <param name="right">Another.</param>
    public static bool operator !=(OffloadTicket left, OffloadTicket right) => !left.Equals(right);

    /// <summary>Gives the frame's memory back. Does not wait: what is under way with it ends by itself.</summary>
    public void Dispose() => _activation?.Pipeline.Release(_activation, _generation);

    /// <inheritdoc/>
    public bool Equals(OffloadTicket other) => _activation == other._activation && _generation == other._generation;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is OffloadTicket other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(_activation, _generation);
}
