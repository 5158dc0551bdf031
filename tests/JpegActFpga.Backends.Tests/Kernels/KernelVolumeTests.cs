using JpegActFpga.Backends.Conformance;
using JpegActFpga.Backends.Tests.Support;
using JpegActFpga.Codec.Reference;
using JpegActFpga.Core.Backends;
using JpegActFpga.Core.Frames;
using JpegActFpga.Core.Memory;
using JpegActFpga.Core.Profiles;
using JpegActFpga.Core.Tensors;
using JpegActFpga.Fpga;

namespace JpegActFpga.Backends.Tests.Kernels;

/// <summary>At least 100,000 random and adversarial blocks a mode through the kernels (in C simulation, under real XRT), against the reference, byte by byte, each way.</summary>
[Collection(CardsTestGroup.Name)]
public class KernelVolumeTests(CardsFixture fixture)
{
    private const long BlocksPerMode = 100_000;

    // Widths with and without padding, planes of many and of few rows, and planes that end within blocks.
    private static readonly TensorShape[] Shapes = [new(4, 16, 56, 56), new(16, 64, 28, 28), new(32, 64, 14, 14), new(64, 128, 7, 7), new(3, 5, 131, 203)];

    private static readonly TensorPattern[] Patterns =
    [
        TensorPattern.Normal, TensorPattern.Relu, TensorPattern.Smooth, TensorPattern.RoundingTies, TensorPattern.AlternatingExtremes, TensorPattern.AnyFiniteBits,
        TensorPattern.ZeroPlanes, TensorPattern.NearSmallestScale, TensorPattern.NegativeZeros, TensorPattern.Huge, TensorPattern.Subnormal, TensorPattern.Constant,
    ];

    public static TheoryData<CodecMethod, QuantiserRounding, ElementType> Modes
    {
        get
        {
            var modes = new TheoryData<CodecMethod, QuantiserRounding, ElementType>();
            foreach (ElementType type in Enum.GetValues<ElementType>())
            {
                modes.Add(CodecMethod.JpegAct, QuantiserRounding.Nearest, type);
                modes.Add(CodecMethod.JpegAct, QuantiserRounding.Truncate, type);
                modes.Add(CodecMethod.Sfpr, QuantiserRounding.Nearest, type);
                modes.Add(CodecMethod.SfprZvc, QuantiserRounding.Nearest, type);
                modes.Add(CodecMethod.Brc, QuantiserRounding.Nearest, type);
            }

            return modes;
        }
    }

    [Theory]
    [MemberData(nameof(Modes))]
    public async Task Frames_and_elements_are_the_references(CodecMethod method, QuantiserRounding rounding, ElementType type)
    {
        Assert.SkipWhen(CardsFixture.WhyNot is not null, CardsFixture.WhyNot ?? string.Empty);
        fixture.Card!.SetFaults(string.Empty);
        await using FpgaBackend backend = FpgaBackend.Open(CardsFixture.Options(launchBlocks: 16384));
        long blocks = 0;
        for (int turn = 0; blocks < BlocksPerMode; turn++)
        {
            var spec = new TensorSpec(type, Shapes[turn % Shapes.Length]);
            CodecProfile profile = ProfileOf(method, rounding, turn);
            var geometry = new BlockGeometry(spec.Shape, method);
            await DemandSame(backend, spec, profile, Patterns[turn % Patterns.Length], seed: turn, TestContext.Current.CancellationToken);
            blocks += geometry.Blocks;
        }
    }

    private static CodecProfile ProfileOf(CodecMethod method, QuantiserRounding rounding, int turn)
    {
        float fullScale = turn % 3 == 0 ? 1f : turn % 3 == 1 ? CodecProfile.DefaultFullScale : 4f;
        ScaleMode scales = turn % 2 == 0 ? ScaleMode.PerChannel : ScaleMode.PerPlane;
        ShiftTable[] tables = [ShiftTables.OptsLow, ShiftTables.Flat(0), ShiftTables.OptsHigh, ShiftTables.Flat(7), ShiftTables.Flat(2)];
        return method switch
        {
            CodecMethod.JpegAct => CodecProfile.JpegAct(tables[turn % tables.Length], rounding, fullScale, scales),
            CodecMethod.Brc => CodecProfile.Brc,
            _ => CodecProfile.Sfpr(method == CodecMethod.SfprZvc, fullScale, scales),
        };
    }

    private static async Task DemandSame(FpgaBackend backend, TensorSpec spec, CodecProfile profile, TensorPattern pattern, int seed, CancellationToken cancellationToken)
    {
        string what = $"{spec}, {profile}, {pattern}, seed {seed}";
        using var tensor = new NativeBuffer(spec.ByteCount);
        TensorFiller.Make(spec, pattern, profile.FullScale, seed).CopyTo(tensor.Bytes.AsSpan(0, (int)spec.ByteCount));
        var source = new TensorView(spec, tensor.Bytes);
        using var expected = new NativeBuffer(FrameLayout.MaxFrameBytes(spec, profile));
        using var frame = new NativeBuffer(FrameLayout.MaxFrameBytes(spec, profile));
        CompressResult byReference = ReferenceCodec.Encode(source, profile, expected.Bytes, cancellationToken);
        CompressResult byCard = await backend.CompressAsync(source, profile, frame.Bytes, cancellationToken);
        Assert.Equal(byReference, byCard);
        Assert.True(Same(expected, frame, byReference.FrameBytes), $"frame of {what}");

        FrameReader reader = FrameReader.Open(expected.Bytes.Slice(0, byReference.FrameBytes));
        using var ofReference = new NativeBuffer(spec.ByteCount);
        using var ofCard = new NativeBuffer(spec.ByteCount);
        ReferenceCodec.Decode(reader, new TensorView(spec, ofReference.Bytes), cancellationToken);
        await backend.ExpandAsync(reader, new TensorView(spec, ofCard.Bytes), cancellationToken);
        Assert.True(Same(ofReference, ofCard, spec.ByteCount), $"elements of {what}");
    }

    private static bool Same(NativeBuffer left, NativeBuffer right, long bytes) =>
        left.Bytes.AsSpan(0, (int)bytes).SequenceEqual(right.Bytes.AsSpan(0, (int)bytes));
}
