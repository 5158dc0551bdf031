using System.Text.Json;
using Xunit;

namespace JpegActFpga.Cli.Tests;

/// <summary>A card whose driver does not return from a call: every command ends, and says so.</summary>
public sealed class StuckCardTests
{
    // Much longer than a command may run: nothing releases what is held.
    private const string Forever = "=600000";

    // What a held call takes its time for. No machine stalls for so long inside of a call that is not held: where one did, it
    // would be told as stuck. All wait at once, so it is waited for once.
    private const string Limit = "6s";

    private static readonly Lazy<Waiting> Commands = new(() => new Waiting());

    // These say the same whichever call is stuck, so their limit may be short.
    [Theory]
    [InlineData("hold_open")]
    [InlineData("hold_load")]
    [InlineData("hold_alloc")]
    [InlineData("hold_in")]
    [InlineData("hold_out")]
    public async Task Link_ends_with_status_1(string point) =>
        (await CommandLine.RunAsync(EmulatedCard.Environment(("JPEGACT_CARD_FAULTS", point + Forever)), "link", "--largest", "1", "--transfers", "5", "--driver-timeout", "300ms")).Refuses(1, "card 0 does not answer");

    [Fact]
    public async Task Link_ends_where_one_of_two_directions_is_stuck() => (await Commands.Value.Link).Refuses(1, "xrtBOSync");

    [Fact]
    public async Task Devices_lists_a_card_that_does_not_answer_as_such()
    {
        JsonElement[] cards = [.. (await Commands.Value.Second).Exits(1).Json().GetProperty("cards").EnumerateArray()];
        Assert.Equal(2, cards.Length);
        Assert.Equal(JsonValueKind.Null, cards[0].GetProperty("problem").ValueKind);
        Assert.Contains("card 1 does not answer", cards[1].GetProperty("problem").GetString(), StringComparison.Ordinal);

        CommandResult loading = (await Commands.Value.Loading).Exits(1);
        Assert.Contains("card 0 does not answer", loading.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Doctor_warns_of_a_card_that_does_not_answer()
    {
        JsonElement report = (await Commands.Value.Doctor).Json();
        JsonElement card = report.GetProperty("checks").EnumerateArray().Single(check => check.GetProperty("name").GetString() == "FPGA card");
        Assert.Equal("warning", card.GetProperty("status").GetString());
        Assert.Contains("card 0 does not answer: the call has not returned for 6 s", card.GetProperty("found").GetString(), StringComparison.Ordinal);
        Assert.NotEmpty(card.GetProperty("remedy").GetString()!);
    }

    [Fact]
    public async Task Training_ends_with_the_losses_of_this_processor_and_reports_what_is_leaked()
    {
        Assert.SkipUnless(Waiting.HasImages, "needs the Debian package dataset-fashion-mnist");
        JsonElement run = Run((await Commands.Value.Training!).Exits(0).Json());
        JsonElement right = (await CommandLine.RunAsync(EmulatedCard.None, [.. Waiting.Train, "--backend", "cpu"])).Exits(0).Json();
        Assert.Equal(Run(right).GetProperty("losses").GetRawText(), run.GetProperty("losses").GetRawText());
        Assert.True(run.GetProperty("leaked").GetProperty("buffers").GetInt64() > 0);
        Assert.True(run.GetProperty("leaked").GetProperty("stuckCalls").GetInt32() > 0);
        Assert.Contains(run.GetProperty("events").EnumerateArray(), e => e.GetProperty("event").GetString() == "Unresponsive");
    }

    [Fact]
    public async Task Training_ends_though_its_card_is_never_closed()
    {
        Assert.SkipUnless(Waiting.HasImages, "needs the Debian package dataset-fashion-mnist");
        CommandResult ended = (await Commands.Value.Closing!).Exits(0);
        Assert.Empty(Run(ended.Json()).GetProperty("events").EnumerateArray());
        Assert.True(Run(ended.Json()).GetProperty("losses").GetArrayLength() > 0);
    }

    private static JsonElement Run(JsonElement report) => report.GetProperty("runs").EnumerateArray().Last();

    // Commands that wait for the limit, started together.
    private sealed class Waiting
    {
        internal static readonly string[] Train = ["train", "--images", "256", "--test-images", "200", "--epochs", "1", "--batch", "32", "--threads", "1", "--no-compare", "--json", "-"];

        internal static bool HasImages => Directory.Exists("/usr/share/datasets/fashion-mnist");

        // Of 25 transfers of the first size before both directions run at once, none is held.
        internal Task<CommandResult> Link { get; } = Start($"hold_in{Forever}@25", "1", "link", "--largest", "1", "--transfers", "20");

        // The second card: each is opened once to be counted.
        internal Task<CommandResult> Second { get; } = Start($"hold_open{Forever}@1", "3", "devices", "--json");

        internal Task<CommandResult> Loading { get; } = Start("hold_load" + Forever, "1", "devices");

        internal Task<CommandResult> Doctor { get; } = Start("hold_open" + Forever, "1", "doctor", "--json");

        internal Task<CommandResult>? Training { get; } = HasImages ? Start($"hold_in{Forever}@8", "1", [.. Train, "--backend", "fpga"]) : null;

        internal Task<CommandResult>? Closing { get; } = HasImages ? Start($"hold_close_context{Forever}*forever,hold_free{Forever}*forever", "1", [.. Train, "--backend", "fpga"]) : null;

        private static Task<CommandResult> Start(string faults, string cards, params string[] arguments) =>
            CommandLine.RunAsync(EmulatedCard.Environment(("JPEGACT_CARD_COUNT", cards), ("JPEGACT_CARD_FAULTS", faults)), [.. arguments, "--driver-timeout", Limit]);
    }
}
