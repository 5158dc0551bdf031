namespace JpegActFpga.Backends.Conformance;

/// <summary>What the elements of a test tensor look like.</summary>
public enum TensorPattern
{
    /// <summary>Normal distribution, another spread in each plane.</summary>
    Normal,

    /// <summary>Normal, negatives replaced by 0: an activation after ReLU.</summary>
    Relu,

    /// <summary>Smooth waves plus noise: what the transform is made for.</summary>
    Smooth,

    /// <summary>Each plane's largest magnitude is 2^-100, below which it counts as silent, or the float32 beside it.</summary>
    NearSmallestScale,

    /// <summary>Subnormal numbers of the element type.</summary>
    Subnormal,

    /// <summary>Magnitudes up to the largest finite number.</summary>
    Huge,

    /// <summary>One value everywhere.</summary>
    Constant,

    /// <summary>Plus and minus the largest finite number, as a checkerboard: the transform's largest sums.</summary>
    AlternatingExtremes,

    /// <summary>Non-negative values and -0.0.</summary>
    NegativeZeros,

    /// <summary>Normal, but whole planes are zero.</summary>
    ZeroPlanes,

    /// <summary>Zeros only.</summary>
    AllZero,

    /// <summary>Values that fall exactly between two steps of the 8-bit scale.</summary>
    RoundingTies,

    /// <summary>Any finite bit pattern.</summary>
    AnyFiniteBits,

    /// <summary>Normal, with a NaN or an infinity somewhere.</summary>
    NonFinite,
}
