using JpegActFpga.Core.Profiles;
using JpegActFpga.Fpga.Calls;
using JpegActFpga.Fpga.Launches;
using JpegActFpga.Xclbin;

namespace JpegActFpga.Fpga.Units;

/// <summary>Where a part of a tensor lies in the buffers of an encoder's launch, and what the card must say of it.</summary>
internal struct EncodePlan
{
    /// <summary>The part.</summary>
    internal TensorPart Part;

    /// <summary>Index of its descriptor; below 0 where it is not launched.</summary>
    internal int Index;

    /// <summary>First word of its blocks.</summary>
    internal long DataWord;

    /// <summary>First word of its scales; of the tables that the card writes, where it finds them.</summary>
    internal long ScalesWord;

    /// <summary>First word of the scales that the encoder reads.</summary>
    internal long CardScalesWord;

    /// <summary>First word of its masks.</summary>
    internal long MasksWord;

    /// <summary>First word of its tile offsets.</summary>
    internal long TileOffsetsWord;

    /// <summary>Scales of the whole tensor.</summary>
    internal long TableLength;

    /// <summary>Scales that the card is given.</summary>
    internal long ScaleCount;

    /// <summary>Whether the kernel reads scales.</summary>
    internal bool HasScales;

    /// <summary>Whether the method has masks.</summary>
    internal bool HasMasks;

    /// <summary>Whether the method has values.</summary>
    internal bool HasValues;

    /// <summary>Sum of the blocks as they were staged.</summary>
    internal ulong ReadSum;

    /// <summary>Sum of the descriptor and of the scales that it makes the kernel read.</summary>
    internal ulong IndexSum;
}

/// <summary>Lays the parts of a launch out in its buffers.</summary>
internal struct EncodeExtents
{
    private const long WordBytes = KernelInterface.WordBytes;

    private long _dataWords;
    private long _indexInWords;
    private long _indexOutWords;
    private long _masksWords;
    private long _valuesWords;

    /// <summary>Initializes a new instance of the <see cref="EncodeExtents"/> struct.</summary>
    /// <param name="descriptors">Descriptors of the launch: they and their results come first.</param>
    internal EncodeExtents(int descriptors)
    {
        _indexInWords = descriptors * (KernelInterface.DescriptorBytes / WordBytes);
        _indexOutWords = descriptors;
    }

    /// <summary>Gets the bytes of the blocks.</summary>
    internal readonly long DataBytes => _dataWords * WordBytes;

    /// <summary>Gets the bytes of descriptors and scales.</summary>
    internal readonly long IndexInBytes => _indexInWords * WordBytes;

    /// <summary>Gets the bytes of results and tile offsets.</summary>
    internal readonly long IndexOutBytes => _indexOutWords * WordBytes;

    /// <summary>Gets the bytes of the masks.</summary>
    internal readonly long MasksBytes => _masksWords * WordBytes;

    /// <summary>Gets the most bytes of the values.</summary>
    internal readonly long ValuesBytes => _valuesWords * WordBytes;

    /// <summary>Gives a part its places.</summary>
    /// <param name="call">The call.</param>
    /// <param name="part">Its part.</param>
    /// <param name="index">Index of the descriptor.</param>
    internal EncodePlan Add(EncodeCall call, TensorPart part, int index)
    {
        bool hasScales = call.Method.HasScales() && call.Element != CardElement.Int8;
        long table = call.Builder.Layout.ScaleCount;
        var plan = new EncodePlan
        {
            Part = part,
            Index = index,
            DataWord = _dataWords,
            ScalesWord = _indexInWords,
            CardScalesWord = _indexInWords,
            MasksWord = _masksWords,
            TileOffsetsWord = _indexOutWords,
            TableLength = table,
            ScaleCount = call.ScalesFromCard ? table : hasScales ? part.ScaleCount(table) : 0,
            HasScales = hasScales,
            HasMasks = call.Method.HasMasks(),
            HasValues = call.Method != CodecMethod.Brc,
        };
        _dataWords += part.BlockCount * (call.Element.BlockBytes() / WordBytes);
        long scaleWords = Words(plan.ScaleCount * sizeof(float));
        if (call.ScalesFromCard)
        {
            // Maxima, sc, inv: the encoder reads the second table.
            plan.CardScalesWord += scaleWords;
            scaleWords *= 3;
        }

        _indexInWords += scaleWords;
        _indexOutWords += Words((part.TileCount + 1L) * sizeof(uint));
        _masksWords += plan.HasMasks ? Words((long)part.BlockCount * sizeof(ulong)) : 0;
        _valuesWords += plan.HasValues ? part.BlockCount : 0;
        return plan;
    }

    private static long Words(long bytes) => (bytes + WordBytes - 1) / WordBytes;
}
