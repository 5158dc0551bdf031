using JpegActFpga.Codec.Reference;
using JpegActFpga.Codec.Transform;
using JpegActFpga.Core.Frames;
using JpegActFpga.Core.Memory;
using JpegActFpga.Core.Profiles;
using JpegActFpga.Core.Tensors;
using JpegActFpga.Fpga.Launches;
using JpegActFpga.Xclbin;

namespace JpegActFpga.Backends.Tests.Kernels;

/// <summary>Every constant that the host states as well is the one of the kernels' <c>constants.hpp</c>, its owner.</summary>
public class ConstantsTests
{
    private static readonly Dictionary<string, long> OfTheHost = new()
    {
        ["kBlockSide"] = BlockGeometry.BlockSide,
        ["kBlockValues"] = BlockGeometry.BlockValues,
        ["kTileBlocks"] = BlockGeometry.TileBlocks,
        ["kMaxShift"] = ShiftTable.MaxShift,
        ["kMethodJpegAct"] = (long)CodecMethod.JpegAct,
        ["kMethodSfpr"] = (long)CodecMethod.Sfpr,
        ["kMethodSfprZvc"] = (long)CodecMethod.SfprZvc,
        ["kMethodBrc"] = (long)CodecMethod.Brc,
        ["kTypeFloat32"] = (long)CardElement.Float32,
        ["kTypeFloat16"] = (long)CardElement.Float16,
        ["kTypeBfloat16"] = (long)CardElement.BFloat16,
        ["kTypeInt8"] = (long)CardElement.Int8,
        ["kRoundNearest"] = (long)QuantiserRounding.Nearest,
        ["kRoundTruncate"] = (long)QuantiserRounding.Truncate,
        ["kInfinityBits"] = BitConverter.SingleToUInt32Bits(float.PositiveInfinity),
        ["kLeastFullScaleBits"] = BitConverter.SingleToUInt32Bits(CodecProfile.MinFullScale),
        ["kMostFullScaleBits"] = BitConverter.SingleToUInt32Bits(CodecProfile.MaxFullScale),
        ["kMatrixOneBits"] = TransformMatrix.FractionBits,
        ["kMatrixOne"] = 1 << TransformMatrix.FractionBits,
        ["kFirstPassShift"] = TransformMatrix.FirstPassShift,
        ["kQuantiseShift"] = TransformMatrix.SecondPassShift,
        ["kRestoreShift"] = TransformMatrix.SecondPassShift,
        ["kLayoutVersion"] = KernelInterface.ResultMagic,
        ["kWordBytes"] = KernelInterface.WordBytes,
        ["kWordBits"] = 8 * KernelInterface.WordBytes,
        ["kDescriptorWords"] = KernelInterface.DescriptorBytes / KernelInterface.WordBytes,
        ["kDescriptorLanes"] = KernelInterface.DescriptorBytes / sizeof(ulong),
        ["kResultWords"] = LaunchResult.Bytes / KernelInterface.WordBytes,
        ["kMaxDescriptors"] = KernelInterface.MaxDescriptorCount,
        ["kMaxBlocks"] = KernelInterface.MaxBlockCount,
        ["kMaxMaximumScales"] = KernelInterface.MaxTableScales,
        ["kFlagNonNegative"] = Descriptor.NonNegative,
        ["kFlagAppend"] = Descriptor.Append,
        ["kFlagWriteScales"] = Descriptor.WriteScales,
        ["kStatusGood"] = 0,
        ["kStatusNonFinite"] = LaunchResult.NonFinite,
        ["kStatusNegative"] = LaunchResult.AnyNegative,
    };

    // Constants that the host does not state: how the kernels burst; a flag that it does not use; and, tested below by what
    // it does, the smallest maximum. The host only describes the failure bits, in words.
    private static readonly string[] OfTheKernelsAlone =
        ["kBurstWords", "kFlagContinue", "kLeastMaximumBits", "kStatusBadDescriptor", "kStatusValueBytesDiffer", "kStatusValuesDoNotFit", "kStatusBadLaunch"];

    [Fact]
    public void Every_constant_is_the_same_on_both_sides()
    {
        Assert.SkipWhen(KernelSources.WhyNot is not null, KernelSources.WhyNot ?? string.Empty);
        var ofTheKernels = KernelSources.Constants.GetProperty("constants").EnumerateObject().ToDictionary(each => each.Name, each => each.Value.GetInt64());
        Assert.Equal(ofTheKernels.Keys.Except(OfTheKernelsAlone).Order(), OfTheHost.Keys.Order());
        foreach ((string name, long value) in OfTheHost)
        {
            Assert.True(value == ofTheKernels[name], $"{name}: the host says {value}, the kernels {ofTheKernels[name]}");
        }
    }

    [Fact]
    public void Every_entry_of_the_matrix_is_the_same()
    {
        Assert.SkipWhen(KernelSources.WhyNot is not null, KernelSources.WhyNot ?? string.Empty);
        int[] rows = [.. KernelSources.Constants.GetProperty("matrix").EnumerateArray().SelectMany(row => row.EnumerateArray()).Select(entry => entry.GetInt32())];
        Assert.Equal(TransformMatrix.RowMajor.ToArray(), rows);
    }

    [Fact]
    public void Element_types_of_tensors_are_those_of_the_kernels()
    {
        foreach (ElementType type in Enum.GetValues<ElementType>())
        {
            Assert.Equal(type.ToString(), ((CardElement)type).ToString());
        }
    }

    [Fact]
    public void A_maximum_counts_from_the_same_number_on()
    {
        Assert.SkipWhen(KernelSources.WhyNot is not null, KernelSources.WhyNot ?? string.Empty);
        uint least = (uint)KernelSources.Constant("kLeastMaximumBits");
        Assert.NotEqual(0, FirstValue(least));
        Assert.Equal(0, FirstValue(least - 1));
    }

    // The q8 value that the reference makes of a tensor of one element.
    private static sbyte FirstValue(uint bits)
    {
        var spec = new TensorSpec(ElementType.Float32, new TensorShape(1, 1, 1, 1));
        var profile = CodecProfile.Sfpr(zeroValueCompression: false);
        using var tensor = new NativeBuffer(spec.ByteCount);
        using var frame = new NativeBuffer(FrameLayout.MaxFrameBytes(spec, profile));
        tensor.Bytes.Cast<uint>()[0] = bits;
        long size = ReferenceCodec.Encode(new TensorView(spec, tensor.Bytes), profile, frame.Bytes).FrameBytes;
        return (sbyte)FrameReader.Open(frame.Bytes.Slice(0, size)).Values[0];
    }
}
