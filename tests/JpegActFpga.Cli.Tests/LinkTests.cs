using System.Globalization;
using System.Text.Json;
using Xunit;

namespace JpegActFpga.Cli.Tests;

public sealed class LinkTests
{
    [Fact]
    public async Task Sizes_go_up_to_the_largest_and_the_emulated_card_is_named()
    {
        DateTime before = DateTime.UtcNow;
        JsonElement report = (await CommandLine.RunAsync(EmulatedCard.Environment(("JPEGACT_CARD_COUNT", "2")), "link", "--device", "1", "--largest", "1", "--transfers", "20", "--json")).Exits(0).Json();
        Assert.Equal(1, report.GetProperty("card").GetInt32());
        Assert.True(report.GetProperty("emulated").GetBoolean());
        Assert.StartsWith("EMULATED CARD", report.GetProperty("measuredOn").GetString(), StringComparison.Ordinal);
        Assert.Equal(report.GetProperty("peerToPeer").GetBoolean(), report.GetProperty("peerToPeerRefusal").ValueKind == JsonValueKind.Null);
        JsonElement provenance = report.GetProperty("provenance");
        DateTime taken = DateTime.ParseExact(provenance.GetProperty("taken").GetString()!, "yyyy-MM-dd'T'HH:mm:ssK", CultureInfo.InvariantCulture, DateTimeStyles.AdjustToUniversal);
        Assert.InRange(taken, before.AddSeconds(-1), DateTime.UtcNow);
        Assert.Matches("^jpegact [0-9]+[.][0-9]+[.][0-9]+([+][0-9a-f]+)?$", provenance.GetProperty("program").GetString());
        Assert.Equal(64, report.GetProperty("xclbin").GetProperty("sha256").GetString()!.Length);
        JsonElement[] rows = [.. report.GetProperty("rows").EnumerateArray()];
        Assert.Equal([4096, 16384, 65536, 262144, 1048576], rows.Select(row => row.GetProperty("bytes").GetInt32()));
        foreach (JsonElement row in rows)
        {
            foreach (string kind in new[] { "toCard", "fromCard", "hostCopy" })
            {
                JsonElement times = row.GetProperty(kind);
                double[] order = [0, times.GetProperty("p50Microseconds").GetDouble(), times.GetProperty("p90Microseconds").GetDouble(), times.GetProperty("p99Microseconds").GetDouble()];
                Assert.True(order[1] > 0);
                Assert.Equal(order.Order(), order);
                Assert.InRange(times.GetProperty("transfers").GetInt32(), 5, 20);
                Assert.Equal(row.GetProperty("bytes").GetInt32() / (order[1] * 1e-6), times.GetProperty("bytesPerSecond").GetDouble(), tolerance: 1);
            }

            Assert.True(row.GetProperty("bothBytesPerSecond").GetDouble() > 0);
        }

        string text = (await CommandLine.RunAsync(EmulatedCard.Environment(), "link", "--largest", "1", "--transfers", "5")).Exits(0).Output;
        Assert.Contains("EMULATED CARD", text, StringComparison.Ordinal);
        Assert.Contains("\n1048576  ", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_the_driver_says_to_a_peer_to_peer_buffer_is_shown()
    {
        JsonElement report = (await CommandLine.RunAsync(EmulatedCard.Environment(("JPEGACT_CARD_FAULTS", "alloc=EINVAL")), "link", "--largest", "1", "--transfers", "5", "--json")).Exits(0).Json();
        Assert.False(report.GetProperty("peerToPeer").GetBoolean());
        Assert.Contains("xrtBOAlloc", report.GetProperty("peerToPeerRefusal").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Damage_and_failures_are_not_figures()
    {
        (await CommandLine.RunAsync(EmulatedCard.Environment(("JPEGACT_CARD_FAULTS", "corrupt_in")), "link", "--largest", "1")).Refuses(1, "byte 2048");
        (await CommandLine.RunAsync(EmulatedCard.Environment(("JPEGACT_CARD_FAULTS", "sync_in=ETIMEDOUT@50")), "link", "--largest", "1")).Refuses(1, "xrtBOSync");

        // Of 25 transfers of the first size before both directions run at once, none fails.
        (await CommandLine.RunAsync(EmulatedCard.Environment(("JPEGACT_CARD_FAULTS", "sync_out=ETIMEDOUT@26")), "link", "--largest", "1", "--transfers", "20")).Refuses(1, "xrtBOSync");
        (await CommandLine.RunAsync(EmulatedCard.Environment(), "link", "--device", "7")).Refuses(3, "no card 7");
        (await CommandLine.RunAsync(EmulatedCard.None, "link")).Refuses(3, "no xclbin");
        CommandResult wrong = (await CommandLine.RunAsync(EmulatedCard.Environment(), "link", "--largest", "0")).Exits(2);
        Assert.Contains("--largest 0 is not 1 .. 1024", wrong.Error, StringComparison.Ordinal);
    }
}
