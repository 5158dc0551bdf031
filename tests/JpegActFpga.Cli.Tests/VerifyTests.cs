using System.Text.Json;
using Xunit;

namespace JpegActFpga.Cli.Tests;

/// <summary>A card that swaps two words of what it makes: no sum tells, only the reference model.</summary>
public sealed class VerifyTests
{
    private const string Swaps = "swap~0.1/1";

    private static readonly string[] Small = ["train", "--images", "256", "--test-images", "50", "--epochs", "1", "--batch", "32", "--threads", "1", "--no-compare", "--json", "-"];

    public VerifyTests() => Assert.SkipUnless(Directory.Exists("/usr/share/datasets/fashion-mnist"), "needs the Debian package dataset-fashion-mnist");

    [Fact]
    public async Task What_no_sum_tells_shadow_verification_tells_and_the_training_is_the_same()
    {
        JsonElement right = Run((await CommandLine.RunAsync(EmulatedCard.None, [.. Small, "--backend", "cpu"])).Exits(0));
        CommandResult result = (await CommandLine.RunAsync(EmulatedCard.Environment(("JPEGACT_CARD_FAULTS", Swaps)), [.. Small, "--verify", "all", "--circuit-failures", "100%"])).Exits(0);
        JsonElement verified = Run(result);
        Assert.Equal(Losses(right), Losses(verified));
        long mismatches = verified.GetProperty("pipeline").GetProperty("mismatches").GetInt64();
        Assert.True(mismatches > 0);
        JsonElement[] told = [.. verified.GetProperty("fallbacks").EnumerateArray().Where(fallback => Cause(fallback).Contains("Shadow verification", StringComparison.Ordinal))];
        Assert.Equal(mismatches, told.Sum(fallback => fallback.GetProperty("count").GetInt64()));
        Assert.All(told, fallback => Assert.Matches(
            @"^CorruptOutput: Shadow verification: backend fpga and the reference model differ on float32 \[\d+(, \d+)+\] of layer '.*' \(.*\): (block|element) .*: reference \S+( \(0x[0-9a-f]{8}\))?, device \S+",
            Cause(fallback)));
        Assert.Contains($"results made again by the reference model, {mismatches} different", result.Error, StringComparison.Ordinal);

        JsonElement believed = Run((await CommandLine.RunAsync(EmulatedCard.Environment(("JPEGACT_CARD_FAULTS", Swaps)), Small)).Exits(0));
        Assert.Equal(0, believed.GetProperty("pipeline").GetProperty("mismatches").GetInt64());
        Assert.NotEqual(Losses(right), Losses(believed));
    }

    [Fact]
    public async Task Validate_fails_such_a_card_and_says_where()
    {
        CommandResult result = (await CommandLine.RunAsync(EmulatedCard.Environment(("JPEGACT_CARD_FAULTS", Swaps)), "validate", "--quick")).Exits(1);
        Assert.Matches(@"(?m)^FAIL \S+ .*: reference \S+( \(0x[0-9a-f]{8}\))?, device ", result.Output);
    }

    private static JsonElement Run(CommandResult result) => result.Json().GetProperty("runs").EnumerateArray().Single();

    private static string Cause(JsonElement fallback) => fallback.GetProperty("cause").GetString()!;

    private static float[] Losses(JsonElement run) => [.. run.GetProperty("losses").EnumerateArray().Select(loss => loss.GetSingle())];
}
