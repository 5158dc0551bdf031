using System.Text.Json;
using Xunit;

namespace JpegActFpga.Cli.Tests;

/// <summary>A card whose driver does not return from a call: every command ends, and says so.</summary>
public sealed class StuckCardTests
{
    // Much longer than a command may run: nothing releases what is held.
    private const string Forever = "=600000";

    [Theory]
    [InlineData("hold_open")]
    [InlineData("hold_load")]
    [InlineData("hold_alloc")]
    [InlineData("hold_in")]
    [InlineData("hold_out")]
    public async Task Link_ends_with_status_1(string point) =>
        (await CommandLine.RunAsync(EmulatedCard.Environment(("JPEGACT_CARD_FAULTS", point + Forever)), "link", "--largest", "1", "--transfers", "5", "--driver-timeout", "300ms")).Refuses(1, "card 0 does not answer");

    [Fact]
    public async Task Link_ends_where_one_of_two_directions_is_stuck()
    {
        // Of 25 transfers of the first size before both directions run at once, none is held.
        (await CommandLine.RunAsync(EmulatedCard.Environment(("JPEGACT_CARD_FAULTS", $"hold_in{Forever}@25")), "link", "--largest", "1", "--transfers", "20", "--driver-timeout", "300ms")).Refuses(1, "xrtBOSync");
    }

    [Fact]
    public async Task Devices_lists_a_card_that_does_not_answer_as_such()
    {
        // The second card: each is opened once to be counted.
        Dictionary<string, string?> second = EmulatedCard.Environment(("JPEGACT_CARD_COUNT", "3"), ("JPEGACT_CARD_FAULTS", $"hold_open{Forever}@1"));
        JsonElement[] cards = [.. (await CommandLine.RunAsync(second, "devices", "--driver-timeout", "1s", "--json")).Exits(1).Json().GetProperty("cards").EnumerateArray()];
        Assert.Equal(2, cards.Length);
        Assert.Equal(JsonValueKind.Null, cards[0].GetProperty("problem").ValueKind);
        Assert.Contains("card 1 does not answer", cards[1].GetProperty("problem").GetString(), StringComparison.Ordinal);

        CommandResult loading = (await CommandLine.RunAsync(EmulatedCard.Environment(("JPEGACT_CARD_FAULTS", "hold_load" + Forever)), "devices", "--driver-timeout", "1s")).Exits(1);
        Assert.Contains("card 0 does not answer", loading.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Doctor_warns_of_a_card_that_does_not_answer()
    {
        JsonElement report = (await CommandLine.RunAsync(EmulatedCard.Environment(("JPEGACT_CARD_FAULTS", "hold_open" + Forever)), "doctor", "--driver-timeout", "1s", "--json")).Json();
        JsonElement card = report.GetProperty("checks").EnumerateArray().Single(check => check.GetProperty("name").GetString() == "FPGA card");
        Assert.Equal("warning", card.GetProperty("status").GetString());
        Assert.Contains("card 0 does not answer", card.GetProperty("found").GetString(), StringComparison.Ordinal);
        Assert.NotEmpty(card.GetProperty("remedy").GetString()!);
    }

    [Fact]
    public async Task Training_ends_with_the_losses_of_this_processor_and_reports_what_is_leaked()
    {
        Assert.SkipUnless(Directory.Exists("/usr/share/datasets/fashion-mnist"), "needs the Debian package dataset-fashion-mnist");
        string[] train = ["train", "--images", "256", "--test-images", "200", "--epochs", "1", "--batch", "32", "--threads", "1", "--no-compare", "--json", "-"];
        JsonElement right = (await CommandLine.RunAsync(EmulatedCard.None, [.. train, "--backend", "cpu"])).Exits(0).Json();
        CommandResult stuck = (await CommandLine.RunAsync(EmulatedCard.Environment(("JPEGACT_CARD_FAULTS", $"hold_in{Forever}@8")), [.. train, "--backend", "fpga", "--driver-timeout", "1s"])).Exits(0);
        JsonElement run = Run(stuck.Json());
        Assert.Equal(Run(right).GetProperty("losses").GetRawText(), run.GetProperty("losses").GetRawText());
        Assert.True(run.GetProperty("leaked").GetProperty("buffers").GetInt64() > 0);
        Assert.True(run.GetProperty("leaked").GetProperty("stuckCalls").GetInt32() > 0);
        Assert.Contains(run.GetProperty("events").EnumerateArray(), e => e.GetProperty("event").GetString() == "Unresponsive");
    }

    private static JsonElement Run(JsonElement report) => report.GetProperty("runs").EnumerateArray().Last();
}
