using System.Text.Json;
using Xunit;

namespace JpegActFpga.Cli.Tests;

public sealed class ReportTests : TemporaryFolder
{
    [Fact]
    public async Task Compress_reports_what_it_did()
    {
        float[] values = Npy.Activation(2 * 3 * 16 * 24, seed: 8);
        string input = Put("a.npy", Npy.Of("<f4", [2, 3, 16, 24], Npy.Bytes(values)));

        JsonElement report = (await CommandLine.RunAsync("compress", input, At("a.jac"), "--table", "optsH", "--json")).Exits(0).Json();

        Assert.Equal("compress", report.GetProperty("command").GetString());
        Assert.Equal(input, report.GetProperty("input").GetString());
        Assert.Equal(At("a.jac"), report.GetProperty("output").GetString());
        JsonElement tensor = report.GetProperty("tensor");
        Assert.Equal("float32", tensor.GetProperty("elementType").GetString());
        Assert.Equal([2, 3, 16, 24], tensor.GetProperty("shape").Deserialize<long[]>()!);
        Assert.Equal(values.Length, tensor.GetProperty("elements").GetInt64());
        Assert.Equal(4L * values.Length, tensor.GetProperty("bytes").GetInt64());
        JsonElement asked = report.GetProperty("asked");
        Assert.Equal("jpeg-act", asked.GetProperty("method").GetString());
        Assert.Equal("nearest", asked.GetProperty("rounding").GetString());
        Assert.Equal("channel", asked.GetProperty("scaleMode").GetString());
        Assert.Equal(1.125f, asked.GetProperty("fullScale").GetSingle());
        Assert.Equal("optsH", asked.GetProperty("table").GetString());
        Assert.Equal("jpeg-act", report.GetProperty("storedMethod").GetString());
        Assert.False(report.GetProperty("nonFinite").GetBoolean());
        long frameBytes = new FileInfo(At("a.jac")).Length;
        Assert.Equal(frameBytes, report.GetProperty("frameBytes").GetInt64());
        Assert.Equal(4.0 * values.Length / frameBytes, report.GetProperty("ratio").GetDouble());
        Assert.Equal("cpu", report.GetProperty("ranOn").GetProperty("backend").GetString());
        Assert.NotEmpty(report.GetProperty("ranOn").GetProperty("device").GetString()!);

        // The error, computed here again from the frame's own expansion.
        byte[] expanded = Reference.Decode(await File.ReadAllBytesAsync(At("a.jac"), TestContext.Current.CancellationToken));
        double signal = 0, noise = 0, largest = 0;
        for (int i = 0; i < values.Length; i++)
        {
            double difference = Math.Abs((double)values[i] - BitConverter.ToSingle(expanded, 4 * i));
            signal += (double)values[i] * values[i];
            noise += difference * difference;
            largest = Math.Max(largest, difference);
        }

        JsonElement error = report.GetProperty("error");
        Assert.False(error.GetProperty("exact").GetBoolean());
        Assert.True(noise > 0);
        Assert.Equal(Math.Sqrt(noise / signal), error.GetProperty("nrmse").GetDouble(), 1e-12);
        Assert.Equal(largest, error.GetProperty("maxAbsolute").GetDouble());
    }

    [Fact]
    public async Task Brc_has_no_error_to_tell()
    {
        string input = Put("a.npy", Npy.Of("<f2", [100], Npy.HalfBytes(Npy.Activation(100, seed: 9))));
        JsonElement report = (await CommandLine.RunAsync("compress", input, At("a.jac"), "--method", "brc", "--json")).Exits(0).Json();
        Assert.Equal(JsonValueKind.Null, report.GetProperty("error").ValueKind);
        Assert.Equal(JsonValueKind.Null, report.GetProperty("asked").GetProperty("table").ValueKind);
    }

    [Fact]
    public async Task Inspect_shows_header_table_and_sections()
    {
        string input = Put("a.npy", Npy.Of("<f4", [2, 3, 16, 24], Npy.Bytes(Npy.Activation(2 * 3 * 16 * 24, seed: 10))));
        (await CommandLine.RunAsync("compress", input, At("a.jac"), "--table", "optsH", "--rounding", "truncate")).Exits(0);

        JsonElement report = (await CommandLine.RunAsync("inspect", At("a.jac"), "--json")).Exits(0).Json();

        Assert.Equal("valid", report.GetProperty("verdict").GetString());
        JsonElement frame = report.GetProperty("frame");
        Assert.Equal(1, frame.GetProperty("version").GetInt32());
        Assert.Equal("truncate", frame.GetProperty("settings").GetProperty("rounding").GetString());
        Assert.Equal("optsH", frame.GetProperty("settings").GetProperty("table").GetString());
        Assert.True(frame.GetProperty("nonNegative").GetBoolean());
        Assert.Equal(2 * 3 * 2 * 3, frame.GetProperty("blocks").GetInt64());
        Assert.Equal(1, frame.GetProperty("tiles").GetInt64());
        Assert.Equal(3, frame.GetProperty("scales").GetInt64());
        int[][] table = frame.GetProperty("table").Deserialize<int[][]>()!;
        Assert.Equal([3, 5, 5, 5, 5, 5, 5, 4], table[0]);
        Assert.Equal([4, 4, 4, 4, 4, 4, 4, 4], table[7]);
        JsonElement[] sections = [.. frame.GetProperty("sections").EnumerateArray()];
        Assert.Equal(
            ["header", "shape", "scales", "tile offsets", "tile checksums", "masks", "values"],
            sections.Select(section => section.GetProperty("name").GetString()));
        Assert.Equal([128, 32, 12, 16, 4, 8 * 36], sections.Take(6).Select(section => section.GetProperty("bytes").GetInt64()));
        JsonElement values = sections[6];
        Assert.Equal(new FileInfo(At("a.jac")).Length, values.GetProperty("offset").GetInt64() + values.GetProperty("bytes").GetInt64());

        string text = (await CommandLine.RunAsync("inspect", At("a.jac"))).Exits(0).Output;
        Assert.Contains("    3 5 5 5 5 5 5 4\n", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_error_with_json_is_a_document_too()
    {
        CommandResult result = await CommandLine.RunAsync("compress", At("none.npy"), At("a.jac"), "--json");
        JsonElement report = result.Exits(1).Json();
        Assert.Equal(1, report.GetProperty("exitCode").GetInt32());
        Assert.Contains("there is no file", report.GetProperty("error").GetString(), StringComparison.Ordinal);
        Assert.StartsWith("jpegact: there is no file", result.Error, StringComparison.Ordinal);
    }
}
