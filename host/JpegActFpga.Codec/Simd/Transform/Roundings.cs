namespace JpegActFpga.Codec.Simd.Transform;

/// <summary>The quantiser's rounding as a struct type argument.</summary>
internal interface IRounding
{
    static abstract bool TowardZero { get; }
}

internal readonly struct RoundNearest : IRounding
{
    public static bool TowardZero => false;
}

internal readonly struct RoundTowardZero : IRounding
{
    public static bool TowardZero => true;
}
