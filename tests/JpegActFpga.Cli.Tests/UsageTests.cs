using System.Text;
using System.Text.RegularExpressions;
using Xunit;

namespace JpegActFpga.Cli.Tests;

public sealed class UsageTests : TemporaryFolder
{
    private static readonly string[] Commands = ["compress", "decompress", "inspect", "train", "devices", "link", "doctor", "validate"];

    private static readonly byte[] Tensor = Npy.Of("<f4", [8, 8], Npy.Bytes(Npy.Activation(64, seed: 11)));

    [Fact]
    public async Task Help_names_every_command_and_each_has_examples()
    {
        string help = (await CommandLine.RunAsync("--help")).Exits(0).Output;
        foreach (string command in Commands)
        {
            Assert.Contains($"\n  {command} ", help, StringComparison.Ordinal);
            string own = (await CommandLine.RunAsync(command, "--help")).Exits(0).Output;
            Assert.Contains($"Examples:\n  jpegact {command}", own, StringComparison.Ordinal);
            Assert.Contains("Exit status: 0 good, 1 failed verdict or refused file, 2 wrong command line, 3 no such device, 130 interrupted.\n", own, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task The_options_of_train_that_the_readme_names_are_there()
    {
        string readme = await File.ReadAllTextAsync(Path.Combine(CommandLine.Repository, "README.md"), TestContext.Current.CancellationToken);
        string table = readme[readme.IndexOf("| options of `train` |", StringComparison.Ordinal)..];
        table = table[..table.IndexOf("\n\n", StringComparison.Ordinal)];
        string help = (await CommandLine.RunAsync("train", "--help")).Exits(0).Output;
        string[] named = [.. Regex.Matches(table, "--[a-z][a-z-]*").Select(match => match.Value)];
        Assert.True(named.Length > 30, table);
        Assert.All(named, option => Assert.Matches($"(?m)^  {option} ", help));
    }

    [Fact]
    public async Task Version_is_one_line() =>
        Assert.Matches(@"^jpegact \d+\.\d+\.\d+\n$", (await CommandLine.RunAsync("--version")).Exits(0).Output);

    [Theory]
    [InlineData("nonsense", "'nonsense'")]
    [InlineData("compress", "compress --help")]
    [InlineData("compress a b c", "'c'")]
    [InlineData("compress a b --method png", "png")]
    [InlineData("compress a b --rounding up", "up")]
    [InlineData("compress a b --backend tpu", "tpu")]
    [InlineData("compress a b --full-scale 0.5", "0.5")]
    [InlineData("compress a b --full-scale NaN", "NaN")]
    [InlineData("compress a b --full-scale big", "big")]
    [InlineData("compress a b --method sfpr --full-scale 9", "9")]
    [InlineData("compress a b --table flat-8", "flat-K takes K = 0 .. 7")]
    [InlineData("compress a b --table jpeg0", "jpegQ takes Q = 1 .. 100")]
    [InlineData("compress a b --table nosuch", "nosuch", "optsL")]
    [InlineData("compress a b --method sfpr --table optsL", "--table means nothing with --method sfpr")]
    [InlineData("compress a b --device 1", "--backend fpga")]
    [InlineData("validate --device -1", "--device -1 is below 0")]
    [InlineData("validate --blocks 0", "--blocks 0 is below 1")]
    [InlineData("validate --seed x", "'x'")]
    [InlineData("validate --backend gpu --device 1", "leave out --backend gpu")]
    [InlineData("train --compare --no-compare", "exclude each other")]
    [InlineData("train --method none --compare", "--method none")]
    [InlineData("train --method raw --backend fpga", "--method raw")]
    [InlineData("train --method none --table optsH", "--table means nothing with --method none")]
    [InlineData("train --backend cpu --device 1", "leave out --backend cpu")]
    [InlineData("train --method raw,recompute --launch-timeout 5s", "--method raw,recompute leaves it nothing to do")]
    [InlineData("train --method none --device 1", "--method none leaves it nothing to do")]
    [InlineData("train --model lenet", "lenet")]
    [InlineData("train --data cifar", "'cifar'")]
    [InlineData("train --epochs 0", "Epochs is 0")]
    [InlineData("train --batch 1", "Batch is 1")]
    [InlineData("train --images -1", "-1")]
    [InlineData("train --lr 0", "LearningRate is 0")]
    [InlineData("train --lr quick", "'quick'")]
    [InlineData("train --min-elements 0", "--min-elements 0")]
    [InlineData("train --method zip", "none|raw|recompute|jpeg-act|sfpr|sfpr-zvc", "'zip'")]
    [InlineData("train --method sfpr --table optsL", "--table means nothing with --method sfpr")]
    [InlineData("train --method sfpr,raw --sparse zvc", "--sparse means nothing with --method sfpr,raw")]
    [InlineData("train --method raw --full-scale 2", "--full-scale means nothing with --method raw")]
    [InlineData("train --method raw,raw", "names raw twice")]
    [InlineData("train --method none,raw", "--method none stands alone")]
    [InlineData("train --segments 3", "--segments means nothing with --method jpeg-act")]
    [InlineData("train --method recompute --segments 0", "--segments 0 is below 1")]
    [InlineData("train --method recompute --verify all", "--verify means nothing with --method recompute")]
    [InlineData("train --method raw --retries 1", "--retries means nothing with --method raw")]
    [InlineData("train --workers 65", "--workers 65 is out of range; it is 0 (automatic) .. 64")]
    [InlineData("train --workers many", "--workers takes auto or a whole number, not 'many'")]
    [InlineData("train --prefetch 1025", "--prefetch 1025 is out of range", "1024")]
    [InlineData("train --pending 0", "--pending 0 is out of range; it is 1 .. 65536")]
    [InlineData("train --host-memory 1KiB", "--host-memory 1KiB is out of range", "1 MiB or more")]
    [InlineData("train --host-memory 64MoB", "--host-memory takes a size such as 64MiB", "'64MoB'")]
    [InlineData("train --pending-memory -1", "--pending-memory takes a size", "'-1'")]
    [InlineData("train --wait-limit 10", "--wait-limit takes a time such as 500ms, 20s, 2min or 1h, not '10'")]
    [InlineData("train --wait-limit 2h", "--wait-limit 2h is out of range; it is 1 s .. 1 h")]
    [InlineData("train --verify some", "--verify takes off, sample:P", "'some'")]
    [InlineData("train --verify sample:200%", "--verify sample:200% is out of range; it is above 0 .. 1")]
    [InlineData("train --overlap maybe", "maybe")]
    [InlineData("train --overlap off --workers 2", "--workers means nothing with --overlap off", "--overlap on")]
    [InlineData("train --overlap off --prefetch 0", "--prefetch means nothing with --overlap off")]
    [InlineData("train --overlap off --pending 9", "--pending means nothing with --overlap off")]
    [InlineData("train --overlap off --pending-memory 1MiB", "--pending-memory means nothing with --overlap off")]
    [InlineData("train --step-repeats 101", "--step-repeats 101 is out of range; it is 0 .. 100")]
    [InlineData("train --method recompute --step-repeats 2", "--step-repeats means nothing with --method recompute")]
    [InlineData("train --spill /tmp", "--spill means nothing without --host-memory")]
    [InlineData("train --method raw --backend gpu", "--method raw leaves a GPU's codec nothing to do")]
    [InlineData("train --method raw --backend gpu --compute cpu", "--method raw leaves a GPU's codec nothing to do")]
    [InlineData("train --method raw --backend gpu --compute mps", "--compute takes cpu, cuda or cuda:N, not 'mps'")]
    [InlineData("train --method recompute --backend gpu", "--method recompute leaves")]
    [InlineData("train --spill /no/such/folder", "--spill: there is no directory /no/such/folder")]
    [InlineData("train --retries 11", "--retries 11 is out of range; it is 0 .. 10")]
    [InlineData("train --circuit-failures 0%", "--circuit-failures 0% is out of range; it is above 0 .. 1")]
    [InlineData("train --circuit-break 5ms", "--circuit-break 5ms is out of range; it is 10 ms .. 1 h")]
    [InlineData("train --circuit-break-max 25h", "--circuit-break-max 25h is out of range; it is 10 ms .. 24 h")]
    [InlineData("train --launch-timeout 1ms", "--launch-timeout 1ms is out of range; it is 10 ms .. 10 min")]
    [InlineData("train --launch-blocks 65", "--launch-blocks 65 is out of range", "a multiple of 64")]
    [InlineData("train --devices 0,0", "--devices takes all, or different indices", "'0,0'")]
    [InlineData("train --devices all --device 1", "--device and --devices exclude each other")]
    [InlineData("validate --launch-timeout 1ms", "--launch-timeout 1ms is out of range")]
    [InlineData("compress a b --launch-blocks 64", "--backend fpga")]
    [InlineData("compress a b --method raw --scale-mode plane", "--scale-mode means nothing with --method raw")]
    public async Task A_wrong_command_line_is_one_line_and_status_2(string line, params string[] parts) =>
        (await CommandLine.RunAsync(line.Split(' '))).Refuses(2, parts);

    [Fact]
    public async Task A_table_file_is_read_row_by_row()
    {
        string rows = string.Join('\n', Enumerable.Range(0, 8).Select(v => string.Join(' ', Enumerable.Range(0, 8).Select(u => u < v ? 1 : 2))));
        Put("t.txt", Encoding.ASCII.GetBytes("# mine\n" + rows + "\n"));
        (await CommandLine.RunAsync("compress", Put("a.npy", Tensor), At("a.jac"), "--table", At("t.txt"))).Exits(0);
        string shown = (await CommandLine.RunAsync("inspect", At("a.jac"))).Exits(0).Output;
        Assert.Contains("    1 2 2 2 2 2 2 2\n", shown, StringComparison.Ordinal);
        Assert.Contains("table custom", shown, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("3 3 3 9", 60, "has 9 in row 0, column 3")]
    [InlineData("-1", 63, "has -1 in row 0, column 0")]
    [InlineData("3", 62, "has 63 numbers")]
    [InlineData("x", 63, "holds 'x'")]
    public async Task A_table_file_that_is_no_table_is_refused(string start, int rest, string reason)
    {
        Put("t.txt", Encoding.ASCII.GetBytes(start + string.Concat(Enumerable.Repeat(" 3", rest))));
        (await CommandLine.RunAsync("compress", Put("a.npy", Tensor), At("a.jac"), "--table", At("t.txt"))).Refuses(1, reason);
        Assert.Equal(["a.npy", "t.txt"], Files);
    }

    [Fact]
    public async Task Piped_output_has_no_escape_sequences()
    {
        CommandResult[] results =
        [
            await CommandLine.RunAsync("--help"),
            await CommandLine.RunAsync("compress", Put("a.npy", Tensor), At("a.jac")),
            await CommandLine.RunAsync("inspect", At("a.jac")),
            await CommandLine.RunAsync("decompress", At("a.jac"), At("b.npy")),
            await CommandLine.RunAsync("inspect", At("a.npy")),
            await CommandLine.RunAsync("nonsense"),
        ];
        Assert.All(results, result =>
        {
            Assert.DoesNotContain('\u001b', result.Output);
            Assert.DoesNotContain('\u001b', result.Error);
            Assert.DoesNotContain('\r', result.Output);
        });
    }
}
