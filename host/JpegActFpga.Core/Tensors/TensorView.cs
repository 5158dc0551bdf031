using JpegActFpga.Core.Memory;

namespace JpegActFpga.Core.Tensors;

/// <summary>A dense tensor in C order, in memory that someone else owns and keeps alive for the call.</summary>
public readonly struct TensorView
{
    /// <summary>Initializes a new instance of the <see cref="TensorView"/> struct.</summary>
    /// <param name="spec">Element type and shape.</param>
    /// <param name="bytes">The elements; exactly <see cref="TensorSpec.ByteCount"/> bytes.</param>
    /// <param name="memory">Where they lie.</param>
    /// <exception cref="ArgumentException">The memory's size is not the tensor's.</exception>
    public TensorView(TensorSpec spec, NativeSpan<byte> bytes, MemoryKind memory = MemoryKind.Host)
    {
        ArgumentNullException.ThrowIfNull(spec);
        if (bytes.Length != spec.ByteCount)
        {
            throw new ArgumentException($"{bytes.Length} bytes given for a tensor {spec} of {spec.ByteCount} bytes.", nameof(bytes));
        }

        Spec = spec;
        Bytes = bytes;
        Memory = memory;
    }

    /// <summary>Gets the element type and shape.</summary>
    public TensorSpec Spec { get; }

    /// <summary>Gets the elements' bytes.</summary>
    public NativeSpan<byte> Bytes { get; }

    /// <summary>Gets where the elements lie.</summary>
    public MemoryKind Memory { get; }
}
