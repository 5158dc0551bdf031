using System.Text.Json;
using Xunit;

namespace JpegActFpga.Cli.Tests;

public sealed class DevicesTests : TemporaryFolder
{
    [Fact]
    public async Task Cards_and_the_xclbin_are_listed()
    {
        JsonElement report = (await CommandLine.RunAsync(EmulatedCard.Environment(("JPEGACT_CARD_COUNT", "2")), "devices", "--json")).Exits(0).Json();
        JsonElement[] cards = [.. report.GetProperty("cards").EnumerateArray()];
        Assert.Equal([0, 1], cards.Select(card => card.GetProperty("index").GetInt32()));
        Assert.All(cards, card => Assert.True(card.GetProperty("emulated").GetBoolean()));
        Assert.StartsWith("XRT 2.", report.GetProperty("runtime").GetString(), StringComparison.Ordinal);
        JsonElement xclbin = report.GetProperty("xclbin");
        Assert.Equal("csim", xclbin.GetProperty("target").GetString());
        Assert.True(xclbin.GetProperty("computeUnits").GetProperty("jpegact_encode").GetInt32() > 0);
        Assert.True(xclbin.GetProperty("computeUnits").GetProperty("jpegact_decode").GetInt32() > 0);
        Assert.Contains("DDR[0]", xclbin.GetProperty("banks").EnumerateArray().Select(bank => bank.GetString()));

        string text = (await CommandLine.RunAsync(EmulatedCard.Environment(), "devices")).Exits(0).Output;
        Assert.Contains("card 0  EMULATED", text, StringComparison.Ordinal);
        Assert.DoesNotContain("card 1", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Each_card_says_whether_it_gives_peer_to_peer_buffers()
    {
        Dictionary<string, string?> refusing = EmulatedCard.Environment(("JPEGACT_CARD_COUNT", "2"), ("JPEGACT_CARD_FAULTS", "alloc=EINVAL@1"));
        JsonElement[] cards = [.. (await CommandLine.RunAsync(refusing, "devices", "--json")).Exits(0).Json().GetProperty("cards").EnumerateArray()];
        Assert.True(cards[0].GetProperty("peerToPeer").GetBoolean());
        Assert.Equal(JsonValueKind.Null, cards[0].GetProperty("peerToPeerRefusal").ValueKind);
        Assert.False(cards[1].GetProperty("peerToPeer").GetBoolean());
        Assert.Contains("xrtBOAlloc", cards[1].GetProperty("peerToPeerRefusal").GetString(), StringComparison.Ordinal);

        JsonElement blank = (await CommandLine.RunAsync(EmulatedCard.Environment(("JPEGACT_XCLBIN", null)), "devices", "--json")).Exits(0).Json().GetProperty("cards")[0];
        Assert.Equal(JsonValueKind.Null, blank.GetProperty("peerToPeer").ValueKind);
        Assert.Contains("xclbin", blank.GetProperty("peerToPeerRefusal").GetString(), StringComparison.Ordinal);

        string text = (await CommandLine.RunAsync(EmulatedCard.Environment(), "devices")).Exits(0).Output;
        Assert.Contains("peer to peer: the driver gives such buffers", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_a_card_the_status_is_3()
    {
        (await CommandLine.RunAsync(EmulatedCard.Environment(("JPEGACT_CARD_COUNT", "0")), "devices")).Refuses(3, "no card");
        (await CommandLine.RunAsync(EmulatedCard.Environment(("XILINX_XRT", "/nonexistent")), "devices")).Refuses(3, "/nonexistent");
        (await CommandLine.RunAsync(EmulatedCard.Environment(("JPEGACT_CARD_FAULTS", "open*forever")), "devices")).Refuses(3, "no card");
        JsonElement report = (await CommandLine.RunAsync(EmulatedCard.None, "devices", "--json")).Exits(3).Json();
        Assert.Equal(3, report.GetProperty("exitCode").GetInt32());
    }

    [Fact]
    public async Task An_xclbin_that_is_not_its_manifests_is_refused_but_cards_are_listed()
    {
        Dictionary<string, string?> environment = EmulatedCard.Environment();
        byte[] image = await File.ReadAllBytesAsync(EmulatedCard.Xclbin, TestContext.Current.CancellationToken);
        image[^1] ^= 1;
        string damaged = Put("card.xclbin", image);
        File.Copy(EmulatedCard.Xclbin + ".json", damaged + ".json");

        CommandResult result = (await CommandLine.RunAsync(environment, "devices", "--xclbin", damaged)).Exits(1);

        Assert.Contains("card 0  EMULATED", result.Output, StringComparison.Ordinal);
        Assert.Contains("xclbin refused", result.Output, StringComparison.Ordinal);
        (await CommandLine.RunAsync(environment, "validate", "--xclbin", damaged)).Refuses(1, damaged);
    }
}
