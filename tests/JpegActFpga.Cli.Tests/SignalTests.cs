using System.Diagnostics;
using Xunit;

namespace JpegActFpga.Cli.Tests;

public sealed class SignalTests
{
    [Theory]
    [InlineData("INT")]
    [InlineData("TERM")]
    public async Task A_signal_ends_the_work_with_a_line_and_status_130(string signal)
    {
        var start = new ProcessStartInfo("dotnet", [CommandLine.Program, "validate", "--blocks", "1000000000"])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach ((string name, string? value) in EmulatedCard.Environment())
        {
            start.Environment[name] = value;
        }

        using Process process = Process.Start(start)!;
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        limit.CancelAfter(TimeSpan.FromMinutes(2));
        try
        {
            // The first line says that the card is open and the tests have begun.
            Assert.StartsWith("card 0", await process.StandardOutput.ReadLineAsync(limit.Token), StringComparison.Ordinal);
            using (Process kill = Process.Start("kill", [$"-{signal}", $"{process.Id}"]))
            {
                await kill.WaitForExitAsync(limit.Token);
            }

            string error = await process.StandardError.ReadToEndAsync(limit.Token);
            await process.WaitForExitAsync(limit.Token);
            Assert.Equal("jpegact: interrupted\n", error);
            Assert.Equal(130, process.ExitCode);
        }
        finally
        {
            if (!process.HasExited)
            {
                process.Kill(entireProcessTree: true);
            }
        }
    }
}
