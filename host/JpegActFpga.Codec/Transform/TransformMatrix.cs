namespace JpegActFpga.Codec.Transform;

/// <summary>The one integer matrix of the transform (docs/format.md, section 3).</summary>
public static class TransformMatrix
{
    /// <summary>Fraction bits of the constants: they are the LLM constants of libjpeg's accurate integer DCT times 2^13.</summary>
    public const int FractionBits = 13;

    /// <summary>Right shift after the first pass, in both directions.</summary>
    public const int FirstPassShift = 11;

    /// <summary>Right shift after the second pass, before the quantiser's own.</summary>
    public const int SecondPassShift = 18;

    // Row = frequency k, column = position n.
    private static readonly int[] Entries =
    [
        8192, 8192, 8192, 8192, 8192, 8192, 8192, 8192,
        11363, 9633, 6437, 2260, -2260, -6437, -9633, -11363,
        10703, 4433, -4433, -10703, -10703, -4433, 4433, 10703,
        9633, -2259, -11362, -6436, 6436, 11362, 2259, -9633,
        8192, -8192, -8192, 8192, 8192, -8192, -8192, 8192,
        6437, -11362, 2261, 9633, -9633, -2261, 11362, -6437,
        4433, -10704, 10704, -4433, -4433, 10704, -10704, 4433,
        2260, -6436, 9633, -11363, 11363, -9633, 6436, -2260,
    ];

    /// <summary>Gets the matrix, 8 rows (frequency) of 8 columns (position).</summary>
    public static ReadOnlySpan<int> RowMajor => Entries;
}
