using JpegActFpga.Core.Profiles;
using JpegActFpga.Fpga.Calls;
using JpegActFpga.Fpga.Launches;

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

    /// <summary>Most bytes of its values; 0 where the method has none.</summary>
    internal long ValuesRoom;

    /// <summary>Sum of the blocks as they were staged.</summary>
    internal ulong ReadSum;

    /// <summary>Sum of the descriptor and of the scales that it makes the kernel read.</summary>
    internal ulong IndexSum;

    /// <summary>Gives a part its places in the buffers.</summary>
    /// <param name="call">The call.</param>
    /// <param name="part">Its part.</param>
    /// <param name="index">Index of the descriptor.</param>
    /// <param name="extents">What is taken of them.</param>
    internal static EncodePlan Of(EncodeCall call, TensorPart part, int index, ref LaunchExtents extents)
    {
        bool hasScales = call.Method.HasScales() && call.Element != CardElement.Int8;
        bool hasMasks = call.Method.HasMasks();
        long valuesRoom = call.Method != CodecMethod.Brc ? (long)part.BlockCount * BlockGeometry.BlockValues : 0;
        long table = call.Builder.Layout.ScaleCount;
        long scales = call.ScalesFromCard ? table : hasScales ? part.ScaleCount(table) : 0;
        long scalesWord = extents.Take(LaunchBuffer.IndexIn, scales * sizeof(float));
        long cardScalesWord = scalesWord;
        if (call.ScalesFromCard)
        {
            // Maxima, sc, inv: the encoder reads the second table.
            cardScalesWord = extents.Take(LaunchBuffer.IndexIn, scales * sizeof(float));
            extents.Take(LaunchBuffer.IndexIn, scales * sizeof(float));
        }

        // Where the values of a part come to lie, the card decides: only their room is counted.
        extents.Take(LaunchBuffer.Values, valuesRoom);
        return new EncodePlan
        {
            Part = part,
            Index = index,
            DataWord = extents.Take(LaunchBuffer.Data, part.BlockCount * (long)call.Element.BlockBytes()),
            ScalesWord = scalesWord,
            CardScalesWord = cardScalesWord,
            MasksWord = extents.Take(LaunchBuffer.Masks, hasMasks ? (long)part.BlockCount * sizeof(ulong) : 0),
            ValuesRoom = valuesRoom,
            TileOffsetsWord = extents.Take(LaunchBuffer.IndexOut, (part.TileCount + 1L) * sizeof(uint)),
            TableLength = table,
            ScaleCount = scales,
            HasScales = hasScales,
            HasMasks = hasMasks,
        };
    }
}
