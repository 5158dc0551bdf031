using System.Text.Json;
using Xunit;

namespace JpegActFpga.Cli.Tests;

public sealed class TrainTests : TemporaryFolder
{
    private static readonly string[] Small = ["train", "--images", "256", "--test-images", "200", "--epochs", "1", "--batch", "32", "--threads", "1"];

    public TrainTests() => Assert.SkipUnless(Directory.Exists("/usr/share/datasets/fashion-mnist"), "needs the Debian package dataset-fashion-mnist");

    // Without overlap: with it, what waits to be compressed when the forward pass ends is held as well.
    [Fact]
    public async Task The_card_compresses_and_both_runs_are_shown()
    {
        CommandResult result = (await CommandLine.RunAsync(EmulatedCard.Environment(), [.. Small, "--backend", "fpga", "--overlap", "off", "--json", At("out.json")])).Exits(0);

        Assert.DoesNotContain('\u001b', result.Output);
        Assert.DoesNotContain('\r', result.Output);
        Assert.Contains("EMULATED CARD", result.Output, StringComparison.Ordinal);
        Assert.Contains("fallbacks: none", result.Output, StringComparison.Ordinal);
        Assert.Matches(@"test accuracy +\d+\.\d\d % +\d+\.\d\d %", result.Output);
        JsonElement report = (result with { Output = await File.ReadAllTextAsync(At("out.json"), TestContext.Current.CancellationToken) }).Json();
        JsonElement[] runs = [.. report.GetProperty("runs").EnumerateArray()];
        Assert.Equal(["uncompressed", "jpeg-act"], runs.Select(run => run.GetProperty("name").GetString()));
        Assert.All(runs, run =>
        {
            Assert.Equal(8, run.GetProperty("steps").GetInt64());
            Assert.Equal(8, run.GetProperty("losses").GetArrayLength());
            Assert.InRange(run.GetProperty("testAccuracy").GetDouble(), 0, 1);
            Assert.True(run.GetProperty("trainSeconds").GetDouble() > 0);
            Assert.True(run.GetProperty("peakResidentBytes").GetInt64() > 0);
        });
        long plain = runs[0].GetProperty("heldForBackwardBytes").GetInt64();
        long compressed = runs[1].GetProperty("heldForBackwardBytes").GetInt64();
        Assert.True(compressed * 2 < plain, $"{compressed} bytes held with compression, {plain} without");
        Assert.Equal(JsonValueKind.Null, runs[0].GetProperty("compressionRatio").ValueKind);
        Assert.True(runs[1].GetProperty("compressionRatio").GetDouble() > 2);
        JsonElement[] work = [.. runs[1].GetProperty("work").EnumerateArray()];
        Assert.Superset(new HashSet<string?> { "jpeg-act", "brc" }, work.Select(part => part.GetProperty("method").GetString()).ToHashSet());
        Assert.All(work, part =>
        {
            Assert.Equal("fpga", part.GetProperty("backend").GetString());
            Assert.True(part.GetProperty("tensors").GetInt64() > 0);
            Assert.Equal(part.GetProperty("tensors").GetInt64(), part.GetProperty("expansions").GetInt64());
        });
    }

    [Fact]
    public async Task Card_and_processor_train_alike_bit_for_bit()
    {
        string[] once = [.. Small, "--no-compare", "--json", "-"];
        JsonElement card = Run((await CommandLine.RunAsync(EmulatedCard.Environment(), [.. once, "--backend", "fpga"])).Exits(0));
        JsonElement processor = Run((await CommandLine.RunAsync(EmulatedCard.None, [.. once, "--backend", "cpu"])).Exits(0));
        Assert.Equal(Losses(processor), Losses(card));
        Assert.Equal(processor.GetProperty("testLoss").GetDouble(), card.GetProperty("testLoss").GetDouble());
    }

    [Fact]
    public async Task A_raw_store_changes_nothing()
    {
        CommandResult result = (await CommandLine.RunAsync(EmulatedCard.None, [.. Small, "--method", "raw", "--json", "-"])).Exits(0);
        JsonElement[] runs = [.. result.Json().GetProperty("runs").EnumerateArray()];
        Assert.Equal(["uncompressed", "raw"], runs.Select(run => run.GetProperty("name").GetString()));
        Assert.Equal(Losses(runs[0]), Losses(runs[1]));
        Assert.Contains(runs[1].GetProperty("work").EnumerateArray(), work => work.GetProperty("method").GetString() == "raw");
    }

    [Fact]
    public async Task Without_a_card_auto_says_why_and_uses_the_processor()
    {
        CommandResult result = (await CommandLine.RunAsync(EmulatedCard.None, [.. Small, "--no-compare"])).Exits(0);
        Assert.Contains("because no card can be used: no xclbin is named", result.Output, StringComparison.Ordinal);
        (await CommandLine.RunAsync(EmulatedCard.None, [.. Small, "--backend", "fpga"])).Refuses(3, "no xclbin is named");
    }

    [Fact]
    public async Task A_card_or_an_xclbin_that_the_user_names_must_be_there()
    {
        (await CommandLine.RunAsync(EmulatedCard.Environment(), [.. Small, "--devices", "0,5"])).Refuses(3, "there is no card 5");
        (await CommandLine.RunAsync(EmulatedCard.Environment(), [.. Small, "--xclbin", "/none.xclbin"])).Refuses(1, "/none.xclbin");
    }

    [Fact]
    public async Task A_document_or_a_trace_that_cannot_be_written_is_refused_before_the_training()
    {
        (await CommandLine.RunAsync(EmulatedCard.None, [.. Small, "--json", "/proc/report.json"])).Refuses(1, "/proc/report.json can't be written");
        (await CommandLine.RunAsync(EmulatedCard.None, [.. Small, "--trace", "/proc/out.trace"])).Refuses(1, "/proc/out.trace can't be written");
    }

    [Fact]
    public async Task A_card_that_fails_on_the_way_is_replaced_and_the_cause_counted()
    {
        CommandResult result = (await CommandLine.RunAsync(EmulatedCard.Environment(("JPEGACT_CARD_FAULTS", "error@60*forever")), [.. Small, "--no-compare", "--json", "-"])).Exits(0);
        JsonElement run = Run(result);
        JsonElement[] fallbacks = [.. run.GetProperty("fallbacks").EnumerateArray()];
        Assert.NotEmpty(fallbacks);
        Assert.All(fallbacks, fallback =>
        {
            Assert.Equal("fpga", fallback.GetProperty("from").GetString());
            Assert.Equal("cpu", fallback.GetProperty("to").GetString());
            Assert.NotEmpty(fallback.GetProperty("cause").GetString()!);
        });
        Assert.Contains("fallback fpga -> cpu", result.Error, StringComparison.Ordinal);
        Dictionary<string, long> events = run.GetProperty("events").EnumerateArray().ToDictionary(e => e.GetProperty("event").GetString()!, e => e.GetProperty("count").GetInt64());
        Assert.True(events["DeviceFault"] > 0 && events["CircuitOpened"] > 0);
        Assert.Equal(fallbacks.Sum(fallback => fallback.GetProperty("count").GetInt64()), events["Fallback"]);
        Assert.Matches(@"\n  CircuitOpened, fpga: \d+ times\n", result.Error);
        JsonElement processor = Run((await CommandLine.RunAsync(EmulatedCard.None, [.. Small, "--no-compare", "--json", "-", "--backend", "cpu"])).Exits(0));
        Assert.Equal(Losses(processor), Losses(run));
    }

    [Fact]
    public async Task Two_cards_share_the_work_and_each_is_named()
    {
        string[] options = [.. Small, "--no-compare", "--backend", "fpga", "--overlap", "on", "--workers", "4", "--devices", "0,1", "--device-memory", "64MiB", "--launch-timeout", "30s", "--launch-blocks", "1024"];
        CommandResult result = (await CommandLine.RunAsync(EmulatedCard.Environment(("JPEGACT_CARD_COUNT", "2")), [.. options, "--json", "-"])).Exits(0);
        JsonElement report = result.Json();
        JsonElement run = Run(result);
        JsonElement[] work = [.. run.GetProperty("work").EnumerateArray().Where(work => work.GetProperty("backend").GetString() == "fpga" && work.GetProperty("method").GetString() == "jpeg-act")];
        Assert.Equal(["card 0", "card 1"], work.Select(w => w.GetProperty("device").GetString()!.Split(':')[0]));
        Assert.All(work, w => Assert.True(w.GetProperty("tensors").GetInt64() > 0 && w.GetProperty("tensorBytes").GetInt64() > 0));
        Assert.Empty(run.GetProperty("fallbacks").EnumerateArray());
        foreach (int card in new[] { 0, 1 })
        {
            Assert.Contains($" on card {card}: ", result.Error, StringComparison.Ordinal);
            JsonElement[] units = [.. run.GetProperty("kernelTimes").EnumerateArray().Where(unit => unit.GetProperty("card").GetInt32() == card)];
            Assert.True(units.Sum(unit => unit.GetProperty("launches").GetInt64()) >= work[card].GetProperty("tensors").GetInt64());
            Assert.All(units, unit => Assert.Equal("MODEL, not measured", unit.GetProperty("model").GetProperty("kind").GetString()));
        }

        JsonElement cards = report.GetProperty("cards");
        Assert.Equal([0, 1], cards.GetProperty("devices").EnumerateArray().Select(device => device.GetInt32()));
        Assert.Equal((64L << 20, 30.0, 1024), (cards.GetProperty("deviceMemoryBytes").GetInt64(), cards.GetProperty("launchTimeoutSeconds").GetDouble(), cards.GetProperty("launchBlocks").GetInt32()));
        Assert.Equal(30, cards.GetProperty("driverTimeoutSeconds").GetDouble());
        Assert.Equal(JsonValueKind.Null, report.GetProperty("job").GetProperty("segments").ValueKind);
        JsonElement processor = Run((await CommandLine.RunAsync(EmulatedCard.None, [.. Small, "--no-compare", "--json", "-", "--backend", "cpu"])).Exits(0));
        Assert.Equal(Losses(processor), Losses(run));
        Assert.Empty(processor.GetProperty("kernelTimes").EnumerateArray());
    }

    [Fact]
    public async Task A_run_that_diverges_or_lacks_its_data_ends_with_a_line()
    {
        CommandResult diverged = (await CommandLine.RunAsync(EmulatedCard.None, [.. Small, "--no-compare", "--lr", "1e30"])).Exits(1);
        Assert.Contains("jpegact: the loss of step", diverged.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", diverged.Error, StringComparison.Ordinal);
        (await CommandLine.RunAsync("train", "--data", $"fashion-mnist:{At("none")}")).Refuses(1, "dataset-fashion-mnist");
        (await CommandLine.RunAsync("train", "--json", At("none/out.json"))).Refuses(1, "there is no directory");
    }

    [Fact]
    public async Task Methods_stand_side_by_side_and_recomputing_changes_nothing()
    {
        CommandResult result = (await CommandLine.RunAsync(EmulatedCard.None, [.. Small, "--method", "raw,recompute,jpeg-act", "--segments", "3", "--backend", "cpu", "--layers", "--json", At("out.json")])).Exits(0);
        JsonElement report = (result with { Output = await File.ReadAllTextAsync(At("out.json"), TestContext.Current.CancellationToken) }).Json();
        JsonElement[] runs = [.. report.GetProperty("runs").EnumerateArray()];
        Assert.Equal(["uncompressed", "raw", "recompute", "jpeg-act"], runs.Select(run => run.GetProperty("name").GetString()));
        Assert.Equal(Losses(runs[0]), Losses(runs[1]));
        Assert.Equal(Losses(runs[0]), Losses(runs[2]));
        Assert.NotEqual(Losses(runs[0]), Losses(runs[3]));
        long[] held = [.. runs.Select(run => run.GetProperty("heldForBackwardBytes").GetInt64())];
        Assert.True(held[2] * 3 < held[0], $"recompute holds {held[2]} bytes, plain training {held[0]}");
        Assert.Equal(3, report.GetProperty("job").GetProperty("segments").GetInt32());
        JsonElement recompute = runs[2].GetProperty("recompute");
        Assert.Equal((3, 24L), (recompute.GetProperty("segments").GetInt32(), recompute.GetProperty("reruns").GetInt64()));
        Assert.Contains("recompute: 3 segments, run again 24 times", result.Output, StringComparison.Ordinal);
        Assert.Matches(@"measured +uncompressed +raw +recompute +jpeg-act\n", result.Output);

        // Each layer, in the order of the forward pass; sums are those of the whole run.
        JsonElement[] layers = [.. runs[3].GetProperty("layers").EnumerateArray()];
        JsonElement first = layers.First(layer => layer.GetProperty("treatment").GetString() == "values");
        Assert.Equal(("layers.bn1", "ConvolutionBackward0", 8L), (first.GetProperty("layer").GetString(), first.GetProperty("node").GetString(), first.GetProperty("saves").GetInt64()));
        Assert.Equal(8L * 32 * 4 * 28 * 28 * 4, first.GetProperty("bytes").GetInt64());
        Assert.Equal(first.GetProperty("bytes").GetInt64() / (double)first.GetProperty("heldBytes").GetInt64(), first.GetProperty("ratio").GetDouble(), 1e-9);
        Assert.True(first.GetProperty("compressSeconds").GetDouble() > 0 && first.GetProperty("expandSeconds").GetDouble() > 0);
        Assert.Equal(Work(runs[3], "frameBytes"), layers.Where(layer => layer.GetProperty("treatment").GetString() is "values" or "sign").Sum(layer => layer.GetProperty("heldBytes").GetInt64()));
        Assert.Matches(@"layers\.pool1 +ReluBackward0 +values +8 ", result.Output);
        Assert.DoesNotContain("kept: parameter ", result.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Eight_bits_a_value_without_the_transform_are_methods_of_their_own()
    {
        CommandResult result = (await CommandLine.RunAsync(EmulatedCard.Environment(), [.. Small, "--method", "sfpr,sfpr-zvc", "--full-scale", "2", "--json", "-"])).Exits(0);
        JsonElement[] runs = [.. result.Json().GetProperty("runs").EnumerateArray()];
        Assert.Equal(["uncompressed", "sfpr", "sfpr-zvc"], runs.Select(run => run.GetProperty("name").GetString()));
        Assert.Contains("sfpr-zvc: what ran where, sfpr-zvc (full scale 2, one scale a channel)", result.Error, StringComparison.Ordinal);

        // Leaving zeros out loses nothing more, and saves bytes.
        Assert.NotEqual(Losses(runs[0]), Losses(runs[1]));
        Assert.Equal(Losses(runs[1]), Losses(runs[2]));
        Assert.True(Work(runs[2], "frameBytes") < Work(runs[1], "frameBytes"));

        // A quarter, and a bit where a ReLU's result is kept a second time as its sign.
        Assert.InRange(runs[1].GetProperty("compressionRatio").GetDouble(), 3.5, 4);
        foreach (JsonElement run in runs[1..])
        {
            string name = run.GetProperty("name").GetString()!;
            Assert.Equal((name, 2.0), (run.GetProperty("settings").GetProperty("method").GetString(), run.GetProperty("settings").GetProperty("fullScale").GetDouble()));
            JsonElement[] work = [.. run.GetProperty("work").EnumerateArray()];
            Assert.Equal(new HashSet<string?> { name, "brc" }, work.Select(part => part.GetProperty("method").GetString()).ToHashSet());
            Assert.All(work, part => Assert.Equal("fpga", part.GetProperty("backend").GetString()));
        }
    }

    [Fact]
    public async Task The_options_are_in_the_report()
    {
        string[] options = ["--overlap", "on", "--workers", "3", "--prefetch", "7", "--pending", "9", "--pending-memory", "1.5GiB", "--host-memory", "64MiB", "--spill", Path.GetTempPath(), "--wait-limit", "90s", "--verify", "sample:5%", "--retries", "1", "--retry-delay", "20ms", "--call-timeout", "3s", "--circuit-failures", "0.25", "--circuit-break", "2min", "--step-repeats", "5"];
        JsonElement report = (await CommandLine.RunAsync(EmulatedCard.None, [.. Small, .. options, "--no-compare", "--backend", "cpu", "--json", "-"])).Exits(0).Json();
        JsonElement engine = report.GetProperty("engine");
        Assert.Equal(("on", 3, 7, 9), (engine.GetProperty("overlap").GetString(), engine.GetProperty("workers").GetInt32(), engine.GetProperty("prefetch").GetInt32(), engine.GetProperty("pending").GetInt32()));
        Assert.Equal((3L << 29, 64L << 20, 90.0), (engine.GetProperty("pendingBytes").GetInt64(), engine.GetProperty("hostMemoryBytes").GetInt64(), engine.GetProperty("waitLimitSeconds").GetDouble()));
        Assert.Equal((Path.GetTempPath(), "sample", 0.05), (engine.GetProperty("spillDirectory").GetString(), engine.GetProperty("verify").GetString(), engine.GetProperty("verifyShare").GetDouble()));
        JsonElement failures = report.GetProperty("failures");
        Assert.Equal((1, 0.02, 3.0, 0.25, 120.0, 5), (failures.GetProperty("retries").GetInt32(), failures.GetProperty("retryDelaySeconds").GetDouble(), failures.GetProperty("callTimeoutSeconds").GetDouble(), failures.GetProperty("circuitFailures").GetDouble(), failures.GetProperty("circuitBreakSeconds").GetDouble(), failures.GetProperty("stepRepeats").GetInt32()));
        Assert.Equal(3, Assert.Single(report.GetProperty("runs").EnumerateArray()).GetProperty("pipeline").GetProperty("workers").GetInt32());
    }

    [Fact]
    public async Task Options_that_need_overlap_are_told_where_auto_turns_it_off()
    {
        string[] brief = ["train", "--images", "64", "--test-images", "10", "--epochs", "1", "--batch", "32", "--threads", "1", "--no-compare", "--backend", "cpu"];
        CommandResult told = (await CommandLine.RunAsync(EmulatedCard.None, [.. brief, "--workers", "2", "--pending", "3"])).Exits(0);
        Assert.Matches(@"--workers, --pending not used for jpeg-act: overlap is off, because cpu computes .*; --overlap on turns it on\n", told.Error);
        Assert.Matches(@"held \d", told.Output);
        CommandResult used = (await CommandLine.RunAsync(EmulatedCard.None, [.. brief, "--workers", "2", "--pending", "3", "--overlap", "on"])).Exits(0);
        Assert.DoesNotContain("not used", used.Error, StringComparison.Ordinal);
        Assert.Matches(@"step 2/2 .*held\+queued \d", used.Output);
        Assert.Contains("activations still waiting to be compressed are in it", used.Output, StringComparison.Ordinal);
        CommandResult automatic = (await CommandLine.RunAsync(EmulatedCard.None, [.. brief, "--workers", "auto", "--overlap", "off"])).Exits(0);
        Assert.DoesNotContain("not used", automatic.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Raw_alone_opens_nothing_that_compresses()
    {
        // An xclbin that does not exist would be refused as soon as a card is looked for.
        CommandResult result = (await CommandLine.RunAsync(EmulatedCard.Environment(("JPEGACT_XCLBIN", At("none.xclbin"))), [.. Small, "--method", "raw", "--no-compare", "--json", "-"])).Exits(0);
        Assert.Equal(JsonValueKind.Null, result.Json().GetProperty("codec").ValueKind);
        Assert.DoesNotContain("compression runs on", result.Error, StringComparison.Ordinal);
        Assert.Equal("cpu", Assert.Single(Run(result).GetProperty("work").EnumerateArray()).GetProperty("backend").GetString());
    }

    [Fact]
    public async Task Activations_of_a_step_are_saved_under_the_names_of_their_layers_and_change_nothing()
    {
        string[] once = [.. Small, "--method", "none", "--json", "-"];
        CommandResult saved = (await CommandLine.RunAsync([.. once, "--save-activations", At("acts"), "--save-step", "8"])).Exits(0);
        CommandResult again = (await CommandLine.RunAsync([.. once, "--save-activations", At("last")])).Exits(0);
        CommandResult first = (await CommandLine.RunAsync([.. once, "--save-activations", At("first"), "--save-step", "1"])).Exits(0);
        JsonElement plain = Run((await CommandLine.RunAsync(once)).Exits(0));
        Assert.Equal(Losses(plain), Losses(Run(saved)));

        string[] names = [.. Directory.GetFiles(At("acts")).Select(file => Path.GetFileName(file)).Order(StringComparer.Ordinal)];
        Assert.Contains($"saved {names.Length} activations in {At("acts")}", saved.Error, StringComparison.Ordinal);
        Assert.Contains(names, name => name.Contains("conv2-MaxPool2DWithIndices", StringComparison.Ordinal));
        Assert.Contains(names, name => name.Contains("bn1-Convolution", StringComparison.Ordinal));
        foreach (string name in names)
        {
            byte[] file = await File.ReadAllBytesAsync(At(Path.Join("acts", name)), TestContext.Current.CancellationToken);
            string header = System.Text.Encoding.ASCII.GetString(file, 0, 128);
            Assert.Contains("'descr': '<f4'", header, StringComparison.Ordinal);
            Assert.Contains("'shape': (32, ", header, StringComparison.Ordinal);
            Assert.Equal(file, await File.ReadAllBytesAsync(At(Path.Join("last", name)), TestContext.Current.CancellationToken));
            Assert.NotEqual(file, await File.ReadAllBytesAsync(At(Path.Join("first", name)), TestContext.Current.CancellationToken));
        }

        Assert.Contains("saved ", again.Error, StringComparison.Ordinal);
        Assert.Contains("saved ", first.Error, StringComparison.Ordinal);
        string relu = At(Path.Join("acts", names.First(name => name.Contains("-Relu", StringComparison.Ordinal))));
        ReadOnlyMemory<byte> elements = (await File.ReadAllBytesAsync(relu, TestContext.Current.CancellationToken)).AsMemory(128);
        float[] values = System.Runtime.InteropServices.MemoryMarshal.Cast<byte, float>(elements.Span).ToArray();
        Assert.DoesNotContain(values, value => value < 0);
        Assert.Contains(values, value => value > 0);
    }

    [Fact]
    public async Task Saving_activations_is_refused_where_it_means_nothing()
    {
        (await CommandLine.RunAsync([.. Small, "--save-activations", At("acts")])).Refuses(2, "--method none");
        (await CommandLine.RunAsync([.. Small, "--method", "none", "--save-step", "3"])).Refuses(2, "--save-activations");
        Assert.Contains("past the last step, 8", (await CommandLine.RunAsync([.. Small, "--method", "none", "--save-activations", At("acts"), "--save-step", "9"])).Exits(2).Error, StringComparison.Ordinal);
        await File.WriteAllTextAsync(At("file"), "x", TestContext.Current.CancellationToken);
        Assert.Contains("jpegact: ", (await CommandLine.RunAsync([.. Small, "--method", "none", "--save-activations", At("file")])).Exits(1).Error, StringComparison.Ordinal);
        Assert.False(Directory.Exists(At("acts")));
    }

    private static long Work(JsonElement run, string property) => run.GetProperty("work").EnumerateArray().Sum(work => work.GetProperty(property).GetInt64());

    private static JsonElement Run(CommandResult result) => Assert.Single(result.Json().GetProperty("runs").EnumerateArray());

    private static float[] Losses(JsonElement run) => [.. run.GetProperty("losses").EnumerateArray().Select(loss => loss.GetSingle())];
}
