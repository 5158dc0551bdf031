using JpegActFpga.Core.Profiles;
using JpegActFpga.Fpga.Calls;
using JpegActFpga.Fpga.Launches;
using JpegActFpga.Xclbin;

namespace JpegActFpga.Fpga.Units;

/// <summary>Where a part of a frame lies in the buffers of a decoder's launch, and what the card must say of it.</summary>
internal struct DecodePlan
{
    /// <summary>The part.</summary>
    internal TensorPart Part;

    /// <summary>First word of its blocks.</summary>
    internal long DataWord;

    /// <summary>First word of its scales.</summary>
    internal long ScalesWord;

    /// <summary>Scales that the card is given; 0 where it reads none.</summary>
    internal long ScaleCount;

    /// <summary>First word of its masks.</summary>
    internal long MasksWord;

    /// <summary>Bytes of its masks.</summary>
    internal long MaskBytes;

    /// <summary>First word of its values.</summary>
    internal long ValuesWord;

    /// <summary>Its first value byte in the frame.</summary>
    internal long FirstValue;

    /// <summary>Its value bytes.</summary>
    internal long ValueBytes;

    /// <summary>Sum of its masks.</summary>
    internal ulong MaskSum;

    /// <summary>Sum of its values.</summary>
    internal ulong ValueSum;

    /// <summary>Sum of the descriptor and of the scales that it makes the kernel read.</summary>
    internal ulong IndexSum;

    /// <summary>Gets the words of its values.</summary>
    internal readonly long ValueWords => (ValueBytes + KernelInterface.WordBytes - 1) / KernelInterface.WordBytes;
}

/// <summary>Lays the parts of a launch out in its buffers.</summary>
internal struct DecodeExtents
{
    private const long WordBytes = KernelInterface.WordBytes;

    private long _dataWords;
    private long _indexInWords;
    private long _masksWords;
    private long _valuesWords;

    /// <summary>Initializes a new instance of the <see cref="DecodeExtents"/> struct.</summary>
    /// <param name="descriptors">Descriptors of the launch: they come first.</param>
    internal DecodeExtents(int descriptors) => _indexInWords = descriptors * (KernelInterface.DescriptorBytes / WordBytes);

    /// <summary>Gets the bytes of the blocks.</summary>
    internal readonly long DataBytes => _dataWords * WordBytes;

    /// <summary>Gets the bytes of descriptors and scales.</summary>
    internal readonly long IndexInBytes => _indexInWords * WordBytes;

    /// <summary>Gets the bytes of the masks.</summary>
    internal readonly long MasksBytes => _masksWords * WordBytes;

    /// <summary>Gets the bytes of the values.</summary>
    internal readonly long ValuesBytes => _valuesWords * WordBytes;

    /// <summary>Gives a part its places.</summary>
    /// <param name="call">The call.</param>
    /// <param name="part">Its part.</param>
    internal DecodePlan Add(DecodeCall call, TensorPart part)
    {
        bool hasScales = call.Method.HasScales() && call.Element != CardElement.Int8;
        long first = (long)call.Frame.TileOffsets[part.FirstTile];
        var plan = new DecodePlan
        {
            Part = part,
            DataWord = _dataWords,
            ScalesWord = _indexInWords,
            ScaleCount = hasScales ? part.ScaleCount(call.Frame.Scales.Length) : 0,
            MasksWord = _masksWords,
            MaskBytes = call.Method.HasMasks() ? (long)part.BlockCount * sizeof(ulong) : 0,
            ValuesWord = _valuesWords,
            FirstValue = first,
            ValueBytes = (long)call.Frame.TileOffsets[part.FirstTile + part.TileCount] - first,
        };
        _dataWords += part.BlockCount * (call.Element.BlockBytes() / WordBytes);
        _indexInWords += Words(plan.ScaleCount * sizeof(float));
        _masksWords += Words(plan.MaskBytes);
        _valuesWords += plan.ValueWords;
        return plan;
    }

    private static long Words(long bytes) => (bytes + WordBytes - 1) / WordBytes;
}
