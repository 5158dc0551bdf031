using JpegActFpga.Core.Memory;

namespace JpegActFpga.Codec.Scales;

/// <summary>Turns largest magnitudes into the encoder's and the decoder's scales (docs/format.md, section 2).</summary>
public static class ScaleTable
{
    /// <summary>Magnitudes below 2^-100 get scale 0, so that hardware that flushes subnormal numbers agrees.</summary>
    private const uint SmallestScaledBits = 0x0d800000;

    /// <summary>Computes both tables.</summary>
    /// <param name="maxBits">Largest magnitude of each scale, finite.</param>
    /// <param name="fullScale">Full scale S.</param>
    /// <param name="encode">Receives <c>sc</c>; may be the memory of <paramref name="maxBits"/>.</param>
    /// <param name="decode">Receives <c>inv</c>.</param>
    public static void Compute(NativeSpan<uint> maxBits, float fullScale, NativeSpan<float> encode, NativeSpan<float> decode)
    {
        float full = 128f * fullScale;
        for (long i = 0; i < maxBits.Length; i++)
        {
            uint bits = maxBits[i];
            float max = BitConverter.UInt32BitsToSingle(bits);
            bool scaled = bits >= SmallestScaledBits;
            encode[i] = scaled ? full / max : 0f;
            decode[i] = scaled ? max / full : 0f;
        }
    }
}
