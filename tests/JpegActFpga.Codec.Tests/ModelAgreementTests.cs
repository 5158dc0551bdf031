using CsCheck;
using JpegActFpga.Backends.Conformance;
using JpegActFpga.Codec.Tests.IndependentModel;
using JpegActFpga.Core.Profiles;

namespace JpegActFpga.Codec.Tests;

/// <summary>The codec against the independent model: every byte of every frame, every bit of every element.</summary>
public class ModelAgreementTests
{
    private const int MaxElements = 10_000;

    [Theory]
    [InlineData(CodecMethod.Raw, 200)]
    [InlineData(CodecMethod.JpegAct, 2500)]
    [InlineData(CodecMethod.Sfpr, 800)]
    [InlineData(CodecMethod.SfprZvc, 800)]
    [InlineData(CodecMethod.Brc, 400)]
    public void Codec_and_model_write_the_same_frame_and_read_it_the_same_way(CodecMethod method, int cases) =>
        CodecCases.Of(CodecCases.Profiles(method), CodecCases.Shapes(MaxElements), Enum.GetValues<TensorPattern>())
            .Sample(Agree, iter: cases);

    [Fact]
    public void Many_channels_share_blocks_and_keep_their_own_scales() =>
        CodecCases.Of(
                CodecCases.Profiles(CodecMethod.JpegAct, CodecMethod.SfprZvc),
                Gen.Select(Gen.Int[1, 3], Gen.Int[60, 200], Gen.Int[1, 5], Gen.Int[1, 9], (n, c, h, w) => new Core.Tensors.TensorShape(n, c, h, w)),
                TensorPattern.Normal,
                TensorPattern.ZeroPlanes)
            .Sample(Agree, iter: 150);

    [Fact]
    public void Codec_and_model_read_frames_that_no_encoder_of_ours_writes_the_same_way() =>
        Gen.Select(
                CodecCases.Of(CodecCases.Profiles(CodecMethod.JpegAct, CodecMethod.Sfpr, CodecMethod.SfprZvc, CodecMethod.Brc), CodecCases.Shapes(MaxElements), TensorPattern.Normal),
                Gen.Enum<ForeignValues>())
            .Sample(
                (@case, values) =>
                {
                    byte[] frame = ModelFrameWriter.Write(ForeignFrames.Make(@case, values));
                    ModelConversion.DemandSameBytes(ModelDecoder.Decode(frame).Data, ModelConversion.ReferenceDecode(frame), "decoded");
                },
                iter: 1000);

    private static void Agree(CodecCase @case)
    {
        byte[] data = @case.MakeTensor();
        byte[] expected = ModelEncoder.Encode(ModelConversion.ToModel(@case.Spec, data), ModelConversion.ToModel(@case.Profile));
        byte[] actual = ModelConversion.ReferenceEncode(@case.Spec, data, @case.Profile);
        ModelConversion.DemandSameBytes(expected, actual, "frame");
        ModelTensor decoded = ModelDecoder.Decode(actual);
        Assert.Equal((int)@case.Spec.ElementType, decoded.ElementType);
        Assert.Equal(@case.Spec.Shape.Dimensions.ToArray(), decoded.Shape);
        ModelConversion.DemandSameBytes(decoded.Data, ModelConversion.ReferenceDecode(expected), "decoded");
    }
}
