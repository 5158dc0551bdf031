using TorchSharp;

namespace JpegActFpga.Training.Offload;

/// <summary>Integers or bools of a tensor kept in fewer bits: exact. Safe from any thread until disposed.</summary>
internal interface INarrowed : IDisposable
{
    /// <summary>Gets the bytes held.</summary>
    long Bytes { get; }

    /// <summary>A new tensor as the narrowed one was, where it was.</summary>
    torch.Tensor Widen();
}
