using JpegActFpga.Core.Memory;
using JpegActFpga.Core.Profiles;
using JpegActFpga.Core.Tensors;

namespace JpegActFpga.Codec.Scales;

/// <summary>The scales of a tensor under a profile, and what the scan saw. Owns its tables; one thread at a time.</summary>
public sealed class ScaledTensor : IDisposable
{
    private readonly NativeBuffer _tables;
    private readonly long _count;

    private ScaledTensor(NativeBuffer tables, long count, TensorScanResult scan)
    {
        _tables = tables;
        _count = count;
        AnyNegative = scan.AnyNegative;
        NonFinite = scan.AnyNonFinite;
    }

    /// <summary>Gets a value indicating whether an element is below zero.</summary>
    public bool AnyNegative { get; }

    /// <summary>Gets a value indicating whether an element is NaN or infinite; then the tables mean nothing.</summary>
    public bool NonFinite { get; }

    /// <summary>Gets the encoder's scales, <c>sc</c>.</summary>
    public NativeSpan<float> EncodeScales => _tables.Bytes.Cast<float>().Slice(0, _count);

    /// <summary>Gets the decoder's scales, <c>inv</c>, as the frame stores them.</summary>
    public NativeSpan<float> DecodeScales => _tables.Bytes.Cast<float>().Slice(_count, _count);

    /// <summary>Scans a tensor and computes its scales.</summary>
    /// <param name="tensor">A tensor in host memory.</param>
    /// <param name="profile">A profile whose method has scales.</param>
    public static ScaledTensor Scan(TensorView tensor, CodecProfile profile)
    {
        ArgumentNullException.ThrowIfNull(profile);
        long count = BlockGeometry.ScaleCount(tensor.Spec.Shape, profile.ScaleMode);
        var tables = new NativeBuffer(checked(2 * count * sizeof(float)));
        NativeSpan<uint> maxBits = tables.Bytes.Cast<uint>().Slice(0, count);
        TensorScanResult scan = TensorScan.Run(tensor, maxBits);
        var scaled = new ScaledTensor(tables, count, scan);
        if (!scan.AnyNonFinite)
        {
            ScaleTable.Compute(maxBits, profile.FullScale, scaled.EncodeScales, scaled.DecodeScales);
        }

        return scaled;
    }

    /// <inheritdoc/>
    public void Dispose() => _tables.Dispose();
}
