using System.Text.Json;
using JpegActFpga.Core.Profiles;
using JpegActFpga.Core.Tensors;
using Xunit;

namespace JpegActFpga.Cli.Tests;

public sealed class FrameRefusalTests : TemporaryFolder
{
    private static readonly byte[] Frame = Reference.Encode(
        ElementType.Float32, [2, 3, 16, 24], Npy.Bytes(Npy.Activation(2 * 3 * 16 * 24, seed: 7)), CodecProfile.JpegAct(ShiftTables.OptsLow));

    [Theory]
    [InlineData(0)]
    [InlineData(127)]
    [InlineData(200)]
    [InlineData(-1)]
    public async Task A_frame_cut_short_is_refused(int length) =>
        await RefusesAsync(Frame[..(length < 0 ? Frame.Length + length : length)], "bytes");

    [Theory]
    [InlineData(0, "magic")]
    [InlineData(4, "version")]
    [InlineData(7, "Byte")]
    [InlineData(12, "Byte")]
    [InlineData(70, "Byte 56: header checksum")]
    [InlineData(-1, "Tile 0: checksum")]
    public async Task A_damaged_byte_is_refused_and_named(int at, string reason)
    {
        byte[] damaged = [.. Frame];
        damaged[at < 0 ? Frame.Length + at : at] ^= 0x04;
        await RefusesAsync(damaged, reason);
    }

    [Fact]
    public async Task Bytes_after_the_frame_are_refused() => await RefusesAsync([.. Frame, 0], "followed by something else");

    [Fact]
    public async Task A_tensor_file_is_not_a_frame() => await RefusesAsync(Npy.Of("<f4", [64], new byte[256]), "no JAC1 frame");

    private async Task RefusesAsync(byte[] file, string reason)
    {
        string path = Put("a.jac", file);

        CommandResult text = (await CommandLine.RunAsync("inspect", path)).Exits(1);
        Assert.Contains("refused", text.Output, StringComparison.Ordinal);
        Assert.Contains(reason, text.Output, StringComparison.Ordinal);

        JsonElement report = (await CommandLine.RunAsync("inspect", path, "--json")).Exits(1).Json();
        Assert.Equal("refused", report.GetProperty("verdict").GetString());
        Assert.Contains(reason, report.GetProperty("reason").GetString(), StringComparison.Ordinal);
        Assert.Equal(JsonValueKind.Null, report.GetProperty("frame").ValueKind);

        (await CommandLine.RunAsync("decompress", path, At("b.npy"))).Refuses(1, path, reason);
        Assert.Equal(["a.jac"], Files);
    }
}
