using JpegActFpga.Core.Memory;
using JpegActFpga.Core.Tensors;

namespace JpegActFpga.Cli.Files;

/// <summary>A tensor and the memory it lies in.</summary>
internal sealed class OwnedTensor : IDisposable
{
    private readonly NativeBuffer _buffer;

    private OwnedTensor(TensorSpec spec, NativeBuffer buffer)
    {
        _buffer = buffer;
        View = new TensorView(spec, buffer.Bytes);
    }

    /// <summary>Gets the tensor; good until this is disposed.</summary>
    internal TensorView View { get; }

    /// <inheritdoc/>
    public void Dispose() => _buffer.Dispose();

    /// <summary>Takes memory for a tensor and fills it.</summary>
    /// <param name="spec">Element type and shape.</param>
    /// <param name="fill">Fills the memory; if it throws, the memory is given back.</param>
    internal static OwnedTensor Create(TensorSpec spec, Action<NativeSpan<byte>>? fill = null)
    {
        NativeBuffer buffer = HostMemory.Allocate(spec.ByteCount, spec.ToString());
        try
        {
            fill?.Invoke(buffer.Bytes);
            return new OwnedTensor(spec, buffer);
        }
        catch
        {
            buffer.Dispose();
            throw;
        }
    }
}
