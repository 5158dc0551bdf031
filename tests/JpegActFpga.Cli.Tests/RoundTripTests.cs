using System.Text.Json;
using JpegActFpga.Core.Profiles;
using JpegActFpga.Core.Tensors;
using Xunit;

namespace JpegActFpga.Cli.Tests;

public sealed class RoundTripTests : TemporaryFolder
{
    public static TheoryData<string, string> Shapes => new()
    {
        { "<f4", string.Empty },
        { "<f4", "1" },
        { "<f4", "1000" },
        { "<f4", "17,33" },
        { "<f4", "3,5,70" },
        { "<f4", "2,3,17,9" },
        { "<f4", "2,3,2,8,9" },
        { "<f4", "0" },
        { "<f4", "2,0,8,8" },
        { "<f2", "2,3,16,16" },
        { "<f2", "77" },
    };

    [Theory]
    [MemberData(nameof(Shapes))]
    public async Task Any_shape_goes_there_and_back_as_the_reference_has_it(string descr, string sizes)
    {
        long[] shape = sizes.Length == 0 ? [] : [.. sizes.Split(',').Select(long.Parse)];
        float[] values = Npy.Activation(shape.Aggregate(1L, (a, b) => a * b), seed: 1, rectified: false);
        (ElementType type, byte[] data) = descr == "<f4" ? (ElementType.Float32, Npy.Bytes(values)) : (ElementType.Float16, Npy.HalfBytes(values));
        byte[] expected = Reference.Encode(type, shape, data, CodecProfile.JpegAct(ShiftTables.OptsHigh));

        (await CommandLine.RunAsync("compress", Put("a.npy", Npy.Of(descr, shape, data)), At("a.jac"))).Exits(0);
        Assert.Equal(expected, await File.ReadAllBytesAsync(At("a.jac"), TestContext.Current.CancellationToken));

        JsonElement seen = (await CommandLine.RunAsync("inspect", At("a.jac"), "--json")).Exits(0).Json();
        Assert.Equal("valid", seen.GetProperty("verdict").GetString());
        Assert.Equal(shape, seen.GetProperty("frame").GetProperty("tensor").GetProperty("shape").Deserialize<long[]>());

        (await CommandLine.RunAsync("decompress", At("a.jac"), At("b.npy"))).Exits(0);
        Assert.Equal(Npy.Of(descr, shape, Reference.Decode(expected)), await File.ReadAllBytesAsync(At("b.npy"), TestContext.Current.CancellationToken));
        Assert.Equal(["a.jac", "a.npy", "b.npy"], Files);
    }

    [Theory]
    [InlineData("")]
    [InlineData("--table optsH --rounding truncate")]
    [InlineData("--table flat-5 --scale-mode plane")]
    [InlineData("--table jpeg80 --full-scale 1.5")]
    [InlineData("--method sfpr")]
    [InlineData("--method sfpr-zvc --full-scale 1 --scale-mode plane")]
    [InlineData("--method brc")]
    [InlineData("--method raw")]
    public async Task Every_setting_reaches_the_frame(string settings)
    {
        string[] options = settings.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        long[] shape = [2, 4, 24, 40];
        byte[] data = Npy.Bytes(Npy.Activation(2 * 4 * 24 * 40, seed: 2));
        CodecProfile profile = ProfileOf(options);

        (await CommandLine.RunAsync(["compress", Put("a.npy", Npy.Of("<f4", shape, data)), At("a.jac"), .. options])).Exits(0);

        byte[] frame = await File.ReadAllBytesAsync(At("a.jac"), TestContext.Current.CancellationToken);
        Assert.Equal(Reference.Encode(ElementType.Float32, shape, data, profile), frame);
        (await CommandLine.RunAsync("decompress", At("a.jac"), At("b.npy"))).Exits(0);
        Assert.Equal(Npy.Of("<f4", shape, Reference.Decode(frame)), await File.ReadAllBytesAsync(At("b.npy"), TestContext.Current.CancellationToken));
    }

    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    public async Task Npy_versions_2_and_3_are_read(byte major)
    {
        byte[] data = Npy.Bytes(Npy.Activation(640, seed: 3));
        (await CommandLine.RunAsync("compress", Put("a.npy", Npy.Of("<f4", [10, 64], data, major)), At("a.jac"))).Exits(0);
        Assert.Equal(
            Reference.Encode(ElementType.Float32, [10, 64], data, CodecProfile.JpegAct(ShiftTables.OptsHigh)),
            await File.ReadAllBytesAsync(At("a.jac"), TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Bfloat16_is_written_as_float32_widened_exactly()
    {
        ushort[] bits = [.. Npy.Activation(128, seed: 4, rectified: false).Select(v => (ushort)(BitConverter.SingleToUInt32Bits(v) >> 16)), 0x7fc0, 0xff80];
        byte[] data = System.Runtime.InteropServices.MemoryMarshal.AsBytes(bits.AsSpan()).ToArray();
        Put("a.jac", Reference.Encode(ElementType.BFloat16, [130], data, CodecProfile.Raw));

        CommandResult result = (await CommandLine.RunAsync("decompress", At("a.jac"), At("a.npy"))).Exits(0);

        Assert.Contains("as float32, each element widened exactly", result.Output, StringComparison.Ordinal);
        float[] widened = [.. bits.Select(b => BitConverter.UInt32BitsToSingle((uint)b << 16))];
        Assert.Equal(Npy.Of("<f4", [130], Npy.Bytes(widened)), await File.ReadAllBytesAsync(At("a.npy"), TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task A_tensor_with_a_NaN_is_stored_raw_and_said_to_be()
    {
        float[] values = Npy.Activation(256, seed: 5);
        values[100] = float.NaN;
        byte[] file = Npy.Of("<f4", [4, 64], Npy.Bytes(values));

        JsonElement report = (await CommandLine.RunAsync("compress", Put("a.npy", file), At("a.jac"), "--json")).Exits(0).Json();

        Assert.Equal("raw", report.GetProperty("storedMethod").GetString());
        Assert.True(report.GetProperty("nonFinite").GetBoolean());
        Assert.True(report.GetProperty("error").GetProperty("exact").GetBoolean());
        (await CommandLine.RunAsync("decompress", At("a.jac"), At("b.npy"))).Exits(0);
        Assert.Equal(file, await File.ReadAllBytesAsync(At("b.npy"), TestContext.Current.CancellationToken));
    }

    private static CodecProfile ProfileOf(string[] options)
    {
        string Value(string name, string otherwise) => Array.IndexOf(options, name) is >= 0 and int at ? options[at + 1] : otherwise;
        float fullScale = float.Parse(Value("--full-scale", "1.125"));
        ScaleMode scaleMode = Value("--scale-mode", "channel") == "plane" ? ScaleMode.PerPlane : ScaleMode.PerChannel;
        QuantiserRounding rounding = Value("--rounding", "nearest") == "truncate" ? QuantiserRounding.Truncate : QuantiserRounding.Nearest;
        return Value("--method", "jpeg-act") switch
        {
            "sfpr" => CodecProfile.Sfpr(false, fullScale, scaleMode),
            "sfpr-zvc" => CodecProfile.Sfpr(true, fullScale, scaleMode),
            "brc" => CodecProfile.Brc,
            "raw" => CodecProfile.Raw,
            _ => CodecProfile.JpegAct(ShiftTables.Parse(Value("--table", "optsH")), rounding, fullScale, scaleMode),
        };
    }
}
