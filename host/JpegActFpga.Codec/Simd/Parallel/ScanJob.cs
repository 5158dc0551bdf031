using JpegActFpga.Codec.Scales;
using JpegActFpga.Codec.Simd.Kernels;
using JpegActFpga.Codec.Simd.Staging;
using JpegActFpga.Core.Memory;
using JpegActFpga.Core.Tensors;

namespace JpegActFpga.Codec.Simd.Parallel;

/// <summary>Finds the largest magnitude of each scale's elements, in runs of elements that threads share.</summary>
internal sealed unsafe class ScanJob : ParallelJob
{
    private const uint FirstNonFinite = 0x7f800000;
    private const int UnitElements = 1 << 16;

    private TileKernels _kernels = null!;
    private byte* _tensor;
    private uint* _maxBits;
    private long _elements;
    private long _planeElements;
    private long _scaleCount;
    private int _negative;

    /// <summary>Gets what the scan saw.</summary>
    internal TensorScanResult Result => new(_negative != 0, ScaleVectors.Largest(_maxBits, _scaleCount) >= FirstNonFinite);

    /// <summary>Prepares a scan.</summary>
    /// <param name="kernels">Kernels of the element type.</param>
    /// <param name="tensor">A tensor in host memory.</param>
    /// <param name="maxBits">One entry a scale; receives the largest <c>bits(x) &amp; 0x7fffffff</c>.</param>
    /// <param name="cancellation">Looked at before each unit.</param>
    internal void Prepare(TileKernels kernels, TensorView tensor, NativeSpan<uint> maxBits, CancellationToken cancellation)
    {
        TensorShape shape = tensor.Spec.Shape;
        _kernels = kernels;
        _tensor = tensor.Bytes.Pointer;
        _maxBits = maxBits.Pointer;
        _scaleCount = maxBits.Length;
        _elements = shape.ElementCount;
        _planeElements = shape.H * shape.W;
        _negative = 0;
        maxBits.Clear();
        Reset((_elements + UnitElements - 1) / UnitElements, cancellation);
    }

    /// <inheritdoc/>
    protected override void RunUnit(long unit, CodecScratch scratch)
    {
        long first = unit * UnitElements;
        if (_kernels.Scan(_tensor, first, Math.Min(UnitElements, _elements - first), _planeElements, _maxBits, _scaleCount))
        {
            Volatile.Write(ref _negative, 1);
        }
    }
}
