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

    /// <summary>Gives a part its places in the buffers.</summary>
    /// <param name="call">The call.</param>
    /// <param name="part">Its part.</param>
    /// <param name="extents">What is taken of them.</param>
    internal static DecodePlan Of(DecodeCall call, TensorPart part, ref LaunchExtents extents)
    {
        bool hasScales = call.Method.HasScales() && call.Element != CardElement.Int8;
        long scales = hasScales ? part.ScaleCount(call.Frame.Scales.Length) : 0;
        long maskBytes = call.Method.HasMasks() ? (long)part.BlockCount * sizeof(ulong) : 0;
        long firstValue = (long)call.Frame.TileOffsets[part.FirstTile];
        long valueBytes = (long)call.Frame.TileOffsets[part.FirstTile + part.TileCount] - firstValue;
        return new DecodePlan
        {
            Part = part,
            DataWord = extents.Take(LaunchBuffer.Data, part.BlockCount * (long)call.Element.BlockBytes()),
            ScalesWord = extents.Take(LaunchBuffer.IndexIn, scales * sizeof(float)),
            ScaleCount = scales,
            MasksWord = extents.Take(LaunchBuffer.Masks, maskBytes),
            MaskBytes = maskBytes,
            ValuesWord = extents.Take(LaunchBuffer.Values, valueBytes),
            FirstValue = firstValue,
            ValueBytes = valueBytes,
        };
    }
}
