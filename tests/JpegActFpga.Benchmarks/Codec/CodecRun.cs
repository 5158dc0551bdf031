using JpegActFpga.Codec.Scales;
using JpegActFpga.Codec.Simd;
using JpegActFpga.Codec.Simd.Parallel;
using JpegActFpga.Core.Backends;
using JpegActFpga.Core.Frames;
using JpegActFpga.Core.Memory;
using JpegActFpga.Core.Profiles;
using JpegActFpga.Core.Tensors;

namespace JpegActFpga.Benchmarks.Codec;

/// <summary>One tensor with everything around it that a call of the codec needs, made beforehand.</summary>
internal sealed class CodecRun : IDisposable
{
    private readonly SimdCodec _codec;
    private readonly TensorView _source;
    private readonly CodecProfile _profile;
    private readonly NativeBuffer _room;
    private readonly NativeBuffer _expanded;
    private readonly NativeBuffer _maxBits;
    private readonly NativeBuffer _maxBitsCopy;
    private readonly TensorScanResult _scan;
    private readonly FrameReader _frame;

    internal CodecRun(SimdCodec codec, TensorView source, CodecProfile profile)
    {
        _codec = codec;
        _source = source;
        _profile = profile;
        _room = new NativeBuffer(FrameLayout.MaxFrameBytes(source.Spec, profile));
        _expanded = new NativeBuffer(source.Spec.ByteCount);
        _maxBits = new NativeBuffer(BlockGeometry.ScaleCount(source.Spec.Shape, profile.ScaleMode) * sizeof(uint));
        _maxBitsCopy = new NativeBuffer(_maxBits.ByteLength);
        _scan = codec.Scan(source, _maxBits.Bytes.Cast<uint>(), CodecScratch.OfThread, CancellationToken.None);
        CompressResult result = codec.Encode(source, profile, _room.Bytes);
        Frame = new NativeBuffer(result.FrameBytes);
        _room.Bytes.Slice(0, result.FrameBytes).CopyTo(Frame.Bytes);
        _frame = FrameReader.Open(Frame.Bytes);
        Decode();
    }

    /// <summary>Gets the frame.</summary>
    internal NativeBuffer Frame { get; }

    internal double Ratio => (double)_source.Spec.ByteCount / Frame.ByteLength;

    /// <summary>Gets the root of the mean squared error over that of the mean square.</summary>
    internal double Nrmse
    {
        get
        {
            NativeSpan<float> before = _source.Bytes.Cast<float>();
            NativeSpan<float> after = _expanded.Bytes.Cast<float>();
            double error = 0, power = 0;
            for (long i = 0; i < before.Length; i++)
            {
                double difference = (double)after[i] - before[i];
                error += difference * difference;
                power += (double)before[i] * before[i];
            }

            return Math.Sqrt(error / power);
        }
    }

    internal void Copy() => _source.Bytes.CopyTo(_expanded.Bytes);

    internal void Scan() => _codec.Scan(_source, _maxBitsCopy.Bytes.Cast<uint>(), CodecScratch.OfThread, CancellationToken.None);

    /// <summary>Encodes with the largest magnitudes given; they are copied because the codec turns them into scales in place.</summary>
    internal void EncodeKnown()
    {
        _maxBits.Bytes.CopyTo(_maxBitsCopy.Bytes);
        _codec.EncodeTiles(_source, _profile, _maxBitsCopy.Bytes.Cast<uint>(), _scan, _room.Bytes, CodecScratch.OfThread, CancellationToken.None);
    }

    internal void Encode() => _codec.Encode(_source, _profile, _room.Bytes);

    internal void Open() => FrameReader.Open(Frame.Bytes);

    internal void Decode() => _codec.Decode(_frame, new TensorView(_source.Spec, _expanded.Bytes));

    public void Dispose()
    {
        _room.Dispose();
        _expanded.Dispose();
        _maxBits.Dispose();
        _maxBitsCopy.Dispose();
        Frame.Dispose();
    }
}
