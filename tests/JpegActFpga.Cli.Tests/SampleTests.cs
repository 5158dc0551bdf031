using System.Globalization;
using System.Text.RegularExpressions;
using Xunit;

namespace JpegActFpga.Cli.Tests;

/// <summary>The program that the README shows to users of the library.</summary>
public sealed class SampleTests
{
    private static string Program => Path.GetFullPath(Path.Join("..", "..", "OwnModel", Path.GetFileName(Path.GetDirectoryName(CommandLine.Program))!, "OwnModel.dll"), Path.GetDirectoryName(CommandLine.Program)!);

    [Theory]
    [InlineData("Program.cs", "csharp")]
    [InlineData("OwnModel.csproj", "xml")]
    public async Task The_readme_shows_the_sample_as_it_is(string file, string language)
    {
        string readme = await File.ReadAllTextAsync(Path.Combine(CommandLine.Repository, "README.md"), TestContext.Current.CancellationToken);
        string sample = await File.ReadAllTextAsync(Path.Combine(CommandLine.Repository, "host", "samples", "OwnModel", file), TestContext.Current.CancellationToken);
        Assert.Contains($"```{language}\n{sample}```\n", readme, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_card_and_the_processor_train_the_same_model()
    {
        string[] byCard = Lines(await CommandLine.RunProgramAsync(Program, EmulatedCard.Environment()));
        string[] byProcessor = Lines(await CommandLine.RunProgramAsync(Program, EmulatedCard.None));

        string[] steps = [.. byCard.Where(line => line.StartsWith("step ", StringComparison.Ordinal))];
        Assert.Equal(10, steps.Length);
        Assert.Equal(steps, byProcessor.Where(line => line.StartsWith("step ", StringComparison.Ordinal)));
        double[] losses = [.. steps.Select(line => double.Parse(line[(line.LastIndexOf(' ') + 1)..], CultureInfo.InvariantCulture))];
        Assert.True(losses[^1] < losses[0] / 2, string.Join('\n', steps));

        Assert.All(byCard[10..], line => Assert.Matches(@"^[a-z-]+: \d+ tensors, \d+ -> \d+ bytes, \d+ expanded, on card 0: .*EMULATED CARD", line));
        Assert.All(byProcessor[10..], line => Assert.Matches(@"^[a-z-]+: \d+ tensors, \d+ -> \d+ bytes, \d+ expanded, on CPU, ", line));
        Assert.Equal(byCard[10..].Select(Work).Order(), byProcessor[10..].Select(Work).Order());
        Assert.Contains(byCard, line => line.StartsWith("jpeg-act: ", StringComparison.Ordinal));
    }

    // What was compressed to what, without where.
    private static string Work(string line) => Regex.Replace(line, ", [0-9]+ expanded, on .*", string.Empty);

    private static string[] Lines(CommandResult result) => result.Exits(0).Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
}
