using JpegActFpga.Codec.Tests.IndependentModel;
using JpegActFpga.Core.Profiles;
using JpegActFpga.Core.Tensors;

namespace JpegActFpga.Codec.Tests;

/// <summary>Frames on file: version 1 of the format stays what it is, whatever happens to codec and model together.</summary>
public class GoldenFrameTests
{
    public static TheoryData<string> Names => [.. Directory.EnumerateFiles(Folder, "*.jac.hex").Select(path => Path.GetFileName(path)[..^".jac.hex".Length]).Order()];

    private static string Folder => Path.Combine(AppContext.BaseDirectory, "Golden");

    [Fact]
    public void Every_profile_has_its_file() =>
        Assert.Equal(GoldenProfiles.All.Keys.Order(), Names.Select(row => row.Data));

    [Theory]
    [MemberData(nameof(Names))]
    public void The_tensor_on_file_gives_the_frame_on_file_and_the_frame_its_elements(string name)
    {
        (TensorSpec spec, CodecProfile profile) = GoldenProfiles.All[name];
        byte[] tensor = Read(name, "tensor");
        byte[] frame = Read(name, "jac");
        byte[] decoded = Read(name, "decoded");
        ModelConversion.DemandSameBytes(frame, ModelConversion.ReferenceEncode(spec, tensor, profile), "codec's frame");
        ModelConversion.DemandSameBytes(frame, ModelEncoder.Encode(ModelConversion.ToModel(spec, tensor), ModelConversion.ToModel(profile)), "model's frame");
        ModelConversion.DemandSameBytes(decoded, ModelConversion.ReferenceDecode(frame), "codec's elements");
        ModelConversion.DemandSameBytes(decoded, ModelDecoder.Decode(frame).Data, "model's elements");
    }

    private static byte[] Read(string name, string kind) =>
        Convert.FromHexString(string.Concat(File.ReadLines(Path.Combine(Folder, $"{name}.{kind}.hex"))));
}

/// <summary>What the files in Golden hold.</summary>
internal static class GoldenProfiles
{
    internal static IReadOnlyDictionary<string, (TensorSpec Spec, CodecProfile Profile)> All { get; } = new Dictionary<string, (TensorSpec, CodecProfile)>
    {
        ["jpeg-act-truncate"] = (new(ElementType.Float32, new(2, 3, 7, 9)), CodecProfile.JpegAct(ShiftTables.OptsHigh, QuantiserRounding.Truncate)),
        ["jpeg-act-relu"] = (new(ElementType.Float16, new(1, 2, 16, 14)), CodecProfile.JpegAct(ShiftTables.Jpeg(80), QuantiserRounding.Nearest, 1f, ScaleMode.PerPlane)),
        ["jpeg-act-two-tiles"] = (new(ElementType.BFloat16, new(9, 520)), CodecProfile.JpegAct(ShiftTables.Flat(6))),
        ["sfpr"] = (new(ElementType.BFloat16, new(3, 2, 11)), CodecProfile.Sfpr(zeroValueCompression: false, 4f)),
        ["sfpr-zvc"] = (new(ElementType.Float32, new(2, 2, 5, 7)), CodecProfile.Sfpr(zeroValueCompression: true, scaleMode: ScaleMode.PerPlane)),
        ["brc"] = (new(ElementType.Float16, new(70)), CodecProfile.Brc),
        ["non-finite"] = (new(ElementType.Float32, new(2, 9)), CodecProfile.Sfpr(zeroValueCompression: true)),
        ["scalar"] = (new(ElementType.Float32, new()), CodecProfile.Raw),
        ["empty"] = (new(ElementType.Float32, new(0, 3, 8, 8)), CodecProfile.Sfpr(zeroValueCompression: true)),
    };
}
