using JpegActFpga.Core.Profiles;
using JpegActFpga.Core.Tensors;

namespace JpegActFpga.Fpga.Launches;

/// <summary>Element types of the kernels; the values are the descriptor's (docs/kernels.md).</summary>
internal enum CardElement
{
    /// <summary>IEEE-754 binary32.</summary>
    Float32 = 1,

    /// <summary>IEEE-754 binary16.</summary>
    Float16 = 2,

    /// <summary>The upper half of a binary32.</summary>
    BFloat16 = 3,

    /// <summary>Ready-made q8 values: the host scales and rounds.</summary>
    Int8 = 4,
}

/// <summary>Facts about the kernels' element types.</summary>
internal static class CardElements
{
    /// <summary>Gives the type in which a tensor's blocks go over the link.</summary>
    /// <param name="type">The tensor's type.</param>
    /// <param name="method">The method; brc looks at signs that q8 values may have lost.</param>
    /// <param name="hostQuantises">Whether the host makes q8 values.</param>
    internal static CardElement Of(ElementType type, CodecMethod method, bool hostQuantises) =>
        hostQuantises && method != CodecMethod.Brc ? CardElement.Int8 : (CardElement)type;

    /// <summary>Gives the bytes of a block of 64 elements.</summary>
    /// <param name="element">The type.</param>
    internal static int BlockBytes(this CardElement element) => element switch
    {
        CardElement.Float32 => 4 * BlockGeometry.BlockValues,
        CardElement.Int8 => BlockGeometry.BlockValues,
        _ => 2 * BlockGeometry.BlockValues,
    };
}
