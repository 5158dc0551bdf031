using TorchSharp;

namespace JpegActFpga.Training.Offload;

/// <summary>An int64 tensor (such as a max-pool's indices) kept in fewer bytes: exact. Safe from any thread until disposed.</summary>
internal interface INarrowedIntegers : IDisposable
{
    /// <summary>Gets the bytes held.</summary>
    long Bytes { get; }

    /// <summary>A new int64 tensor of the values, where the narrowed one was.</summary>
    torch.Tensor Widen();
}
