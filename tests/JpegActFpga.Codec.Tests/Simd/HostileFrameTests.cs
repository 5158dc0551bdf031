using JpegActFpga.Codec.Simd;

namespace JpegActFpga.Codec.Tests.Simd;

/// <summary>A short run of what ./build.sh bench fuzz does for longer.</summary>
public class HostileFrameTests
{
    [Theory]
    [MemberData(nameof(SimdCodecTests.Isas), MemberType = typeof(SimdCodecTests))]
    public void Hostile_frames_are_refused_or_decode_as_the_reference_does(CodecIsa isa)
    {
        const int Frames = 60_000;
        using var hostile = new HostileFrames(new SimdCodec(isa, threads: 1, evenIfEmulated: true), seed: 1 + (int)isa);
        HostileResult result = hostile.Run(Frames, TestContext.Current.CancellationToken);
        Assert.Equal(Frames, result.Frames);
        Assert.Equal(Frames, result.Refused + result.Decoded);

        // Both ends of the harness must have work, or it tests nothing.
        Assert.InRange(result.Decoded, Frames / 5, Frames);
        Assert.InRange(result.Refused, Frames / 5, Frames);
        Assert.InRange(result.Compared, Frames / 50, Frames);
    }
}
