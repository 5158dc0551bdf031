using System.Diagnostics;
using Xunit;

namespace JpegActFpga.Cli.Tests;

public sealed class FileHandlingTests : TemporaryFolder
{
    private static readonly byte[] Tensor = Npy.Of("<f4", [8, 8], Npy.Bytes(Npy.Activation(64, seed: 6)));

    [Fact]
    public async Task An_existing_output_is_replaced_only_with_force()
    {
        string input = Put("a.npy", Tensor);
        Put("a.jac", [1, 2, 3]);

        (await CommandLine.RunAsync("compress", input, At("a.jac"))).Refuses(1, "a.jac exists", "--force");
        Assert.Equal([1, 2, 3], await File.ReadAllBytesAsync(At("a.jac"), TestContext.Current.CancellationToken));

        (await CommandLine.RunAsync("compress", input, At("a.jac"), "--force")).Exits(0);
        (await CommandLine.RunAsync("inspect", At("a.jac"))).Exits(0);
        Assert.Equal(["a.jac", "a.npy"], Files);
    }

    [Fact]
    public async Task The_input_is_never_the_output()
    {
        string input = Put("a.npy", Tensor);
        File.CreateSymbolicLink(At("link.npy"), "a.npy");
        using (Process link = Process.Start("ln", [input, At("hard.npy")]))
        {
            await link.WaitForExitAsync(TestContext.Current.CancellationToken);
            Assert.Equal(0, link.ExitCode);
        }

        foreach (string output in new[] { input, At("./x/../a.npy"), At("link.npy"), At("hard.npy") })
        {
            (await CommandLine.RunAsync("compress", input, output, "--force")).Refuses(1, "the input itself");
        }

        Assert.Equal(Tensor, await File.ReadAllBytesAsync(input, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task An_output_that_is_a_link_replaces_what_it_points_to()
    {
        string input = Put("a.npy", Tensor);
        Put("target.jac", [1]);
        File.CreateSymbolicLink(At("link.jac"), "target.jac");

        (await CommandLine.RunAsync("compress", input, At("link.jac"), "--force")).Exits(0);

        Assert.Equal("target.jac", new FileInfo(At("link.jac")).LinkTarget);
        (await CommandLine.RunAsync("inspect", At("target.jac"))).Exits(0);
    }

    [Fact]
    public async Task Paths_that_name_no_file_are_refused()
    {
        string input = Put("a.npy", Tensor);
        Directory.CreateDirectory(At("folder"));
        (await CommandLine.RunAsync("compress", At("none.npy"), At("a.jac"))).Refuses(1, "there is no file", "none.npy");
        (await CommandLine.RunAsync("compress", At("folder"), At("a.jac"))).Refuses(1, "folder is a directory");
        (await CommandLine.RunAsync("compress", input, At("folder"))).Refuses(1, "folder is a directory");
        (await CommandLine.RunAsync("compress", input, At("none/a.jac"))).Refuses(1, "there is no directory", "none");
        (await CommandLine.RunAsync("compress", input, "/dev/null", "--force")).Refuses(1, "no regular file");
        (await CommandLine.RunAsync("inspect", At("none.jac"))).Refuses(1, "there is no file", "none.jac");
    }

    [Fact]
    public async Task A_pipe_is_refused_without_waiting_for_its_writer()
    {
        using (Process make = Process.Start("mkfifo", [At("pipe")]))
        {
            await make.WaitForExitAsync(TestContext.Current.CancellationToken);
            Assert.Equal(0, make.ExitCode);
        }

        (await CommandLine.RunAsync("compress", At("pipe"), At("a.jac"))).Refuses(1, "no regular file");
        (await CommandLine.RunAsync("inspect", At("pipe"))).Refuses(1, "no regular file");
    }

    [Fact]
    public async Task A_failed_write_leaves_nothing_behind()
    {
        // A file-size limit of 0 blocks makes every write fail, as a full disk would.
        string input = Put("a.npy", Tensor);
        var start = new ProcessStartInfo("bash", ["-c", "trap '' XFSZ; ulimit -f 0; exec dotnet \"$@\"", "bash", CommandLine.Program, "compress", input, At("a.jac")])
        {
            RedirectStandardError = true,
            RedirectStandardOutput = true,
        };
        // The runtime itself must do without files under this limit.
        start.Environment["DOTNET_EnableDiagnostics"] = "0";
        start.Environment["DOTNET_EnableWriteXorExecute"] = "0";
        using Process process = Process.Start(start)!;
        Task<string> output = process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        string error = await process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        new CommandResult(process.ExitCode, await output, error).Refuses(1, "a.jac can't be written");
        Assert.Equal(["a.npy"], Files);
    }

    [Theory(Timeout = 120_000)]
    [InlineData("1>/dev/full", 1, "standard output can't be written")]
    [InlineData("1>&-", 1, "standard output can't be written")]
    [InlineData("2>/dev/full", 0, "")]
    public async Task A_standard_stream_that_fails_is_no_crash(string redirection, int status, string said)
    {
        Put("a.npy", Tensor);
        (await CommandLine.RunAsync("compress", At("a.npy"), At("a.jac"))).Exits(0);
        string[][] commands = [["inspect", At("a.jac")], ["inspect", At("a.jac"), "--json"], ["--help"], ["--version"]];
        foreach (string[] command in commands)
        {
            var start = new ProcessStartInfo("bash", ["-c", $"exec dotnet \"$@\" {redirection}", "bash", CommandLine.Program, .. command])
            {
                RedirectStandardError = true,
                RedirectStandardOutput = true,
            };
            using Process process = Process.Start(start)!;
            Task<string> output = process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
            string error = await process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
            await process.WaitForExitAsync(TestContext.Current.CancellationToken);
            new CommandResult(process.ExitCode, await output, error).Exits(status);
            Assert.Equal(said.Length > 0 ? 1 : 0, error.Count(c => c == '\n'));
            Assert.Contains(said, error, StringComparison.Ordinal);
        }
    }
}
