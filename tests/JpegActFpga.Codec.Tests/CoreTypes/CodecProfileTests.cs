using JpegActFpga.Core.Profiles;

namespace JpegActFpga.Codec.Tests.CoreTypes;

/// <summary>Profiles: only what a frame can say can be asked for.</summary>
public class CodecProfileTests
{
    [Theory]
    [InlineData(float.NaN)]
    [InlineData(float.PositiveInfinity)]
    [InlineData(float.NegativeInfinity)]
    [InlineData(0f)]
    [InlineData(-1.125f)]
    [InlineData(0.99999994f)]
    [InlineData(4.0000005f)]
    public void A_full_scale_outside_1_to_4_is_refused(float fullScale)
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => CodecProfile.JpegAct(ShiftTables.OptsHigh, fullScale: fullScale));
        Assert.Throws<ArgumentOutOfRangeException>(() => CodecProfile.Sfpr(false, fullScale));
        Assert.Throws<ArgumentOutOfRangeException>(() => CodecProfile.Sfpr(true, fullScale));
    }

    [Theory]
    [InlineData(1f)]
    [InlineData(1.125f)]
    [InlineData(4f)]
    public void A_full_scale_from_1_to_4_is_taken(float fullScale)
    {
        Assert.Equal(fullScale, CodecProfile.JpegAct(ShiftTables.OptsHigh, fullScale: fullScale).FullScale);
        Assert.Equal(fullScale, CodecProfile.Sfpr(true, fullScale).FullScale);
    }

    [Theory]
    [InlineData(ScaleMode.None)]
    [InlineData((ScaleMode)3)]
    [InlineData((ScaleMode)(-1))]
    public void A_scale_mode_without_scales_is_refused(ScaleMode mode)
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => CodecProfile.JpegAct(ShiftTables.OptsHigh, scaleMode: mode));
        Assert.Throws<ArgumentOutOfRangeException>(() => CodecProfile.Sfpr(false, scaleMode: mode));
    }

    [Fact]
    public void An_undefined_rounding_and_a_missing_table_are_refused()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => CodecProfile.JpegAct(ShiftTables.OptsHigh, (QuantiserRounding)2));
        Assert.Throws<ArgumentNullException>(() => CodecProfile.JpegAct(null!));
    }

    [Fact]
    public void Defaults_are_the_papers()
    {
        CodecProfile profile = CodecProfile.JpegAct(ShiftTables.OptsHigh);
        Assert.Equal((1.125f, QuantiserRounding.Nearest, ScaleMode.PerChannel), (profile.FullScale, profile.Rounding, profile.ScaleMode));
        Assert.Equal("jpeg-act (table optsH, nearest, S 1.125, per channel)", profile.ToString());
    }
}
