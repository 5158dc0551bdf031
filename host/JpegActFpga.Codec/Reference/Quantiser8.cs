using System.Runtime.CompilerServices;

namespace JpegActFpga.Codec.Reference;

/// <summary>SFPR's step to eight bits (docs/format.md, section 2).</summary>
internal static class Quantiser8
{
    /// <summary>Scales and rounds a value.</summary>
    /// <param name="x">A finite value.</param>
    /// <param name="scale">The encoder's scale <c>sc</c>.</param>
    /// <returns>-128 .. 127.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static int Quantise(float x, float scale)
    {
        float product = x * scale;
        return Math.Clamp((int)MathF.Round(product, MidpointRounding.ToEven), sbyte.MinValue, sbyte.MaxValue);
    }
}
