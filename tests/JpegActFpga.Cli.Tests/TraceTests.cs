using System.Diagnostics;
using System.Text.Json;
using Xunit;

namespace JpegActFpga.Cli.Tests;

/// <summary>The trace of a training, as a viewer reads it, and the line that is renewed.</summary>
public sealed class TraceTests : TemporaryFolder
{
    private static readonly string[] Small = ["train", "--images", "192", "--test-images", "100", "--epochs", "1", "--batch", "32", "--threads", "1", "--no-compare"];

    public TraceTests() => Assert.SkipUnless(Directory.Exists("/usr/share/datasets/fashion-mnist"), "needs the Debian package dataset-fashion-mnist");

    [Fact]
    public async Task A_trace_shows_steps_stashes_and_the_cards_work_nested_and_in_microseconds()
    {
        JsonElement run = (await CommandLine.RunAsync(EmulatedCard.Environment(), [.. Small, "--backend", "fpga", "--overlap", "off", "--trace", At("out.trace"), "--json", "-"])).Exits(0).Json();
        JsonElement trace = Read("out.trace");
        Assert.Contains("EMULATED CARD", trace.GetProperty("otherData").GetProperty("compression ran on").GetString(), StringComparison.Ordinal);
        JsonElement[] stages = Stages(trace);
        Assert.Equal(run.GetProperty("trace").GetProperty("events").GetInt64(), stages.Length);
        Dictionary<int, string> rows = Rows(trace);
        foreach (string row in new[] { "training", "stash", "take", "compress fpga", "expand fpga", "store" })
        {
            Assert.Contains(row, rows.Values);
        }

        // Two steps of the warm-up and six of the run, each with one pass forward and one backward.
        Assert.All(["step", "load", "forward", "backward", "optimizer"], name => Assert.Equal(8, Named(stages, name).Length));
        AssertNested(stages);
        double seconds = run.GetProperty("runs")[0].GetProperty("trainSeconds").GetDouble();

        // In microseconds: what lies between the steps may take any time on a machine that stalls, but not a hundred times theirs.
        Assert.InRange(Named(stages, "step").Skip(2).Sum(step => step.GetProperty("dur").GetDouble()), 0.01e6 * seconds, 1e6 * seconds);
        Assert.All(["load", "forward", "backward", "optimizer"], name => Assert.All(Named(stages, name), stage => Assert.True(LiesWithin(stage, Named(stages, "step")), $"{stage} lies in no step")));

        // Each compute unit has a row of launches and one of transfers; they lie within the calls that asked, and know the layer.
        foreach (string row in new[] { "card 0 jpegact_encode_1", "card 0 jpegact_encode_1 transfers", "card 0 jpegact_decode_1", "card 0 jpegact_decode_1 transfers" })
        {
            Assert.Contains(row, rows.Values);
        }

        JsonElement[] calls = [.. Named(stages, "encode"), .. Named(stages, "decode")];
        JsonElement[] launches = Named(stages, "kernel");
        JsonElement[] sent = Named(stages, "transfer-in");
        JsonElement[] received = Named(stages, "transfer-out");
        Assert.NotEmpty(launches);
        Assert.All([.. launches, .. sent, .. received], stage => Assert.True(LiesWithin(stage, calls), $"{stage} lies in no call"));
        Assert.All([.. sent, .. received], transfer => Assert.True(transfer.GetProperty("args").GetProperty("bytes_in").GetInt64() >= 0));
        Assert.Contains(launches, launch => launch.GetProperty("args").TryGetProperty("layer", out JsonElement layer) && layer.GetString() == "_layers.bn1");
        Assert.All(launches, launch => Assert.Equal("card 0 jpegact_", rows[launch.GetProperty("tid").GetInt32()][..15]));

        // Compression lies within stashes, stashes within forward passes; layers and bytes are there.
        JsonElement[] encodes = Named(stages, "encode");
        Assert.NotEmpty(encodes);
        Assert.DoesNotContain(encodes, encode => !LiesWithin(encode, Named(stages, "stash")));
        Assert.DoesNotContain(Named(stages, "stash"), stash => !LiesWithin(stash, Named(stages, "forward")));
        Assert.DoesNotContain(Named(stages, "take"), take => !LiesWithin(take, Named(stages, "backward")));
        JsonElement first = encodes.First(encode => encode.GetProperty("args").GetProperty("method").GetString() == "jpeg-act" && encode.GetProperty("args").TryGetProperty("layer", out _));
        Assert.Equal("_layers.bn1", first.GetProperty("args").GetProperty("layer").GetString());
        Assert.Equal(32 * 4 * 28 * 28 * 4, first.GetProperty("args").GetProperty("bytes_in").GetInt64());
    }

    [Fact]
    public async Task With_overlap_compression_goes_on_beside_the_training()
    {
        JsonElement run = (await CommandLine.RunAsync(EmulatedCard.Environment(), [.. Small, "--backend", "fpga", "--overlap", "on", "--trace", At("out.trace"), "--json", "-"])).Exits(0).Json();
        Assert.Equal("on", run.GetProperty("engine").GetProperty("overlap").GetString());
        JsonElement pipeline = run.GetProperty("runs")[0].GetProperty("pipeline");
        Assert.True(pipeline.GetProperty("workers").GetInt32() > 0 && pipeline.GetProperty("queued").GetInt64() > 0, $"{pipeline}");
        JsonElement[] stages = Stages(Read("out.trace"));
        AssertNested(stages);
        JsonElement[] beside = [.. Named(stages, "encode").Where(encode => !LiesWithin(encode, Named(stages, "stash")))];
        Assert.NotEmpty(beside);

        // Of that work, some is done while the training thread computes: within a pass, and not within its stashes and takes.
        JsonElement[] waits = [.. Named(stages, "stash"), .. Named(stages, "take")];
        Assert.Contains(beside, encode => LiesWithin(encode, [.. Named(stages, "forward"), .. Named(stages, "backward")])
            && Span(encode) is var (start, end) && end - start > waits.Sum(wait => Math.Max(0, Math.Min(end, Span(wait).End) - Math.Max(start, Span(wait).Start))));
        Assert.Contains(beside, encode => encode.GetProperty("args").TryGetProperty("layer", out JsonElement layer) && layer.GetString() == "_layers.bn1");
    }

    [Theory]
    [InlineData("INT", 130)]
    [InlineData("KILL", 137)]
    public async Task A_trace_of_a_run_that_was_cut_is_whole(string signal, int status)
    {
        var start = new ProcessStartInfo("dotnet", [CommandLine.Program, "train", "--epochs", "100", "--threads", "1", "--no-compare", "--backend", "cpu", "--trace", At("out.trace")])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using Process process = Process.Start(start)!;
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        limit.CancelAfter(TimeSpan.FromMinutes(2));
        try
        {
            string? line;
            do
            {
                line = await process.StandardOutput.ReadLineAsync(limit.Token);
                Assert.NotNull(line);
            }
            while (!line.Contains("step 1/", StringComparison.Ordinal));
            while (new FileInfo(At("out.trace")).Length < 100_000)
            {
                await Task.Delay(20, limit.Token);
            }

            using (Process kill = Process.Start("kill", [$"-{signal}", $"{process.Id}"]))
            {
                await kill.WaitForExitAsync(limit.Token);
            }

            await process.WaitForExitAsync(limit.Token);
            Assert.Equal(status, process.ExitCode);
        }
        finally
        {
            if (!process.HasExited)
            {
                process.Kill(entireProcessTree: true);
            }
        }

        JsonElement[] stages = Stages(Read("out.trace"));
        Assert.NotEmpty(Named(stages, "forward"));
        AssertNested(stages);
    }

    [Fact]
    public async Task A_trace_that_cannot_be_written_is_told()
    {
        (await CommandLine.RunAsync(EmulatedCard.None, [.. Small, "--trace", At("none/out.trace")])).Refuses(1, "there is no directory");
        Assert.SkipUnless(File.Exists("/dev/full"), "needs /dev/full");
        CommandResult full = await CommandLine.RunAsync(EmulatedCard.None, [.. Small, "--backend", "cpu", "--trace", "/dev/full"]);
        full.Exits(1);
        Assert.Contains("/dev/full", full.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", full.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task On_a_terminal_one_line_is_renewed()
    {
        const string script = "/usr/bin/script";
        Assert.SkipUnless(File.Exists(script), "needs script(1) of the Debian package bsdutils");
        var start = new ProcessStartInfo(script, ["-qec", $"stty cols 100; dotnet '{CommandLine.Program}' {string.Join(' ', Small.Append("--backend").Append("cpu"))}", "/dev/null"])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        };
        start.Environment["TERM"] = "xterm-256color";
        using Process process = Process.Start(start)!;
        process.StandardInput.Close();
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        limit.CancelAfter(TimeSpan.FromMinutes(2));
        string output = await process.StandardOutput.ReadToEndAsync(limit.Token);
        await process.WaitForExitAsync(limit.Token);
        Assert.True(process.ExitCode == 0, output);
        Assert.Contains("\u001b[", output, StringComparison.Ordinal);
        string last = output.Split('\n').Last(line => line.Contains("step 6/6", StringComparison.Ordinal));
        Assert.Matches(@"jpeg-act +step 6/6  loss \d\.\d{4}  \d+ images/s  held [\d.]+ MiB  ratio \d+\.\d\d  queue \d+", last);
    }

    private static JsonElement[] Stages(JsonElement trace) => [.. trace.GetProperty("traceEvents").EnumerateArray().Where(e => e.GetProperty("ph").GetString() == "X")];

    private static JsonElement[] Named(JsonElement[] stages, string name) => [.. stages.Where(stage => stage.GetProperty("cat").GetString() == name)];

    private static Dictionary<int, string> Rows(JsonElement trace) => trace.GetProperty("traceEvents").EnumerateArray()
        .Where(e => e.GetProperty("ph").GetString() == "M" && e.GetProperty("name").GetString() == "thread_name")
        .ToDictionary(e => e.GetProperty("tid").GetInt32(), e => e.GetProperty("args").GetProperty("name").GetString()!);

    private static (decimal Start, decimal End) Span(JsonElement stage)
    {
        decimal start = stage.GetProperty("ts").GetDecimal();
        return (start, start + stage.GetProperty("dur").GetDecimal());
    }

    private static bool LiesWithin(JsonElement stage, JsonElement[] others)
    {
        (decimal start, decimal end) = Span(stage);
        return others.Any(other => Span(other) is var (from, to) && from <= start && end <= to);
    }

    private static void AssertNested(JsonElement[] stages)
    {
        foreach (IGrouping<int, JsonElement> row in stages.GroupBy(stage => stage.GetProperty("tid").GetInt32()))
        {
            var open = new Stack<decimal>();
            foreach ((decimal start, decimal end) in row.Select(Span).OrderBy(span => span.Start).ThenByDescending(span => span.End))
            {
                while (open.Count > 0 && open.Peek() <= start)
                {
                    open.Pop();
                }

                Assert.True(open.Count == 0 || end <= open.Peek(), $"a stage of row {row.Key} from {start} us ends at {end} us, after the one around it at {open.FirstOrDefault()} us");
                open.Push(end);
            }
        }
    }

    private JsonElement Read(string file)
    {
        using JsonDocument document = JsonDocument.Parse(File.ReadAllBytes(At(file)));
        return document.RootElement.Clone();
    }
}
