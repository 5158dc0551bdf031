using JpegActFpga.Core.Profiles;
using JpegActFpga.Core.Tensors;
using JpegActFpga.Offload.Statistics;
using JpegActFpga.Offload.Stores;

namespace JpegActFpga.Offload;

/// <summary>Stands for a stashed activation until it is disposed. Disposing twice is harmless; disposing while another thread takes it is the owner's error.</summary>
public sealed class OffloadTicket : IDisposable
{
    private readonly Action<OffloadTicket> _released;
    private int _disposed;

    internal OffloadTicket(TensorSpec spec, CodecMethod method, StoredFrame frame, ActivationLabel? label, Action<OffloadTicket> released)
    {
        Spec = spec;
        Method = method;
        Frame = frame;
        FrameBytes = frame.Bytes.Length;
        Label = label;
        _released = released;
    }

    /// <summary>Gets the element type and shape of the activation.</summary>
    public TensorSpec Spec { get; }

    /// <summary>Gets the method of its frame.</summary>
    public CodecMethod Method { get; }

    /// <summary>Gets the size of its frame.</summary>
    public long FrameBytes { get; }

    /// <summary>Gets whose activation it is; null where the stasher did not say.</summary>
    public ActivationLabel? Label { get; }

    internal StoredFrame Frame { get; }

    /// <summary>Gives the frame's memory back.</summary>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _disposed, 1) == 0)
        {
            _released(this);
            Frame.Dispose();
        }
    }
}
