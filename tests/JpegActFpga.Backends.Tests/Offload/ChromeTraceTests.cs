using System.Text.Json;
using JpegActFpga.Core.Observability;
using JpegActFpga.Offload.Observability;

namespace JpegActFpga.Backends.Tests.Offload;

/// <summary>The trace file: whole JSON at any moment, microseconds, rows whose events nest.</summary>
[Collection(nameof(TelemetryTests))]
public sealed class ChromeTraceTests
{
    private static readonly Dictionary<string, string> Facts = new() { ["device"] = "a test \"quoted\"" };

    [Fact]
    public void Stages_are_in_microseconds_on_rows_of_their_own_with_layer_and_bytes()
    {
        using var file = new MemoryStream();
        using (ChromeTrace.Start(file, Facts))
        {
            using StageScope step = StageTelemetry.Start(Stage.Step, lane: "training");
            using StageScope forward = StageTelemetry.Start(Stage.Forward, lane: "training");
            using StageScope stash = StageTelemetry.Start(Stage.Stash, layer: "block1.conv");
            using StageScope encode = StageTelemetry.Start(Stage.Encode, "cpu", "compress cpu");
            encode.Moved(4096, 512);
            Thread.Sleep(20);
        }

        JsonElement document = Parse(file);
        Assert.Equal("a test \"quoted\"", document.GetProperty("otherData").GetProperty("device").GetString());
        Dictionary<string, JsonElement> stages = Stages(document).ToDictionary(stage => stage.GetProperty("cat").GetString()!);
        Assert.Equal(["encode", "forward", "stash", "step"], stages.Keys.Order());
        Assert.All(stages.Values, stage => Assert.InRange(stage.GetProperty("dur").GetDouble(), 20_000, 10_000_000));
        Assert.Equal(stages["step"].GetProperty("tid").GetInt32(), stages["forward"].GetProperty("tid").GetInt32());
        Assert.Equal(3, stages.Values.Select(stage => stage.GetProperty("tid").GetInt32()).Distinct().Count());
        JsonElement arguments = stages["encode"].GetProperty("args");
        Assert.Equal(("block1.conv", 4096, 512), (arguments.GetProperty("layer").GetString(), arguments.GetProperty("bytes_in").GetInt32(), arguments.GetProperty("bytes_out").GetInt32()));
        Assert.Equal(["compress cpu", "stash", "training"], Events(document, "M").Where(e => e.GetProperty("name").GetString() == "thread_name").Select(e => e.GetProperty("args").GetProperty("name").GetString()).Order());
    }

    [Fact]
    public void Rows_lie_in_the_order_of_the_work_whichever_came_first()
    {
        string[] order = ["training", "stash", "take", "JPEG-ACT offload 1", "compress fpga", "expand fpga", "card 0 jpegact_encode_1", "store", "spill"];
        using var file = new MemoryStream();
        using (ChromeTrace.Start(file, Facts))
        {
            foreach (string lane in order.Reverse())
            {
                StageTelemetry.Start(Stage.Store, lane: lane).Dispose();
            }
        }

        JsonElement[] rows = [.. Events(Parse(file), "M")];
        Dictionary<int, int> places = rows.Where(row => row.GetProperty("name").GetString() == "thread_sort_index")
            .ToDictionary(row => row.GetProperty("tid").GetInt32(), row => row.GetProperty("args").GetProperty("sort_index").GetInt32());
        Assert.Equal(order, rows.Where(row => row.GetProperty("name").GetString() == "thread_name")
            .OrderBy(row => places[row.GetProperty("tid").GetInt32()])
            .Select(row => row.GetProperty("args").GetProperty("name").GetString()));
    }

    [Fact]
    public void Work_at_the_same_time_gets_rows_that_do_not_overlap()
    {
        using var file = new MemoryStream();
        using (ChromeTrace.Start(file, Facts))
        {
            Parallel.For(0, 8, _ =>
            {
                for (int i = 0; i < 50; i++)
                {
                    using StageScope outer = StageTelemetry.Start(Stage.Encode, "cpu", "compress cpu");
                    using StageScope inner = StageTelemetry.Start(Stage.Scan, "cpu", "compress cpu");
                    Thread.SpinWait(100);
                }
            });
        }

        JsonElement document = Parse(file);
        Assert.Equal(800, Stages(document).Count());
        AssertNested(document);
    }

    [Fact]
    public void The_file_is_whole_JSON_after_every_write_and_memory_is_bounded()
    {
        using var file = new CheckingStream();
        using (ChromeTrace trace = ChromeTrace.Start(file, Facts))
        {
            for (int i = 0; i < 20_000; i++)
            {
                using StageScope stage = StageTelemetry.Start(Stage.Store);
            }

            Assert.Equal(20_000, trace.Events);
            Assert.True(file.Writes > 10);
        }

        Assert.InRange(file.LargestWrite, 1, 80 << 10);
        Assert.Equal(20_000, Stages(Parse(file.Content)).Count());
    }

    [Fact]
    public void A_full_disk_ends_the_trace_and_not_the_work_and_leaves_whole_JSON()
    {
        using var file = new CheckingStream { Room = 200_000 };
        using ChromeTrace trace = ChromeTrace.Start(file, Facts);
        for (int i = 0; i < 20_000; i++)
        {
            using StageScope stage = StageTelemetry.Start(Stage.Store);
        }

        Assert.Contains("full", trace.Error!.Message, StringComparison.Ordinal);
        Assert.True(trace.Events < 20_000);
        Assert.InRange(Stages(Parse(file)).Count(), 100, trace.Events);
    }

    private static JsonElement Parse(MemoryStream file) => JsonDocument.Parse(file.ToArray()).RootElement;

    private static JsonElement Parse(byte[] content) => JsonDocument.Parse(content).RootElement;

    private static IEnumerable<JsonElement> Events(JsonElement document, string phase) =>
        document.GetProperty("traceEvents").EnumerateArray().Where(e => e.GetProperty("ph").GetString() == phase);

    private static IEnumerable<JsonElement> Stages(JsonElement document) => Events(document, "X");

    private static void AssertNested(JsonElement document)
    {
        foreach (IGrouping<int, JsonElement> row in Stages(document).GroupBy(stage => stage.GetProperty("tid").GetInt32()))
        {
            var open = new Stack<decimal>();
            foreach (JsonElement stage in row.OrderBy(s => s.GetProperty("ts").GetDecimal()).ThenByDescending(s => s.GetProperty("dur").GetDecimal()))
            {
                decimal start = stage.GetProperty("ts").GetDecimal();
                decimal end = start + stage.GetProperty("dur").GetDecimal();
                while (open.Count > 0 && open.Peek() <= start)
                {
                    open.Pop();
                }

                Assert.True(open.Count == 0 || end <= open.Peek(), $"an event of row {row.Key} at {start} us ends at {end} us, after the one around it at {open.FirstOrDefault()} us");
                open.Push(end);
            }
        }
    }

    /// <summary>A file that is parsed after each write, and may be full.</summary>
    private sealed class CheckingStream : MemoryStream
    {
        internal int Room { get; init; } = int.MaxValue;

        internal int Writes { get; private set; }

        internal int LargestWrite { get; private set; }

        internal byte[] Content { get; private set; } = [];

        public override void Write(ReadOnlySpan<byte> buffer)
        {
            if (Position + buffer.Length > Room)
            {
                base.Write(buffer[..(Room - (int)Position)]);
                throw new IOException("the disk is full");
            }

            base.Write(buffer);
            Writes++;
            LargestWrite = Math.Max(LargestWrite, buffer.Length);
            Content = ToArray();
            Parse(Content);
        }
    }
}
