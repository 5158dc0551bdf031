using System.Diagnostics;
using System.Text.RegularExpressions;
using JpegActFpga.Gpu.Tests.Support;

namespace JpegActFpga.Gpu.Tests;

/// <summary>tests/gpu-check.sh in a folder as its pack is, with the programs of this build: what a user with only a driver runs.</summary>
[Collection(GpuTestGroup.Name)]
public sealed partial class GpuCheckScriptTests : IDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(12);

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("gpu-check-");

    // The programs of the usual build need the runtime of this one.
    private static string Runtime => Path.GetFullPath(Path.Combine(Path.GetDirectoryName(typeof(object).Assembly.Location)!, "../../.."));

    private static string Script => Path.GetFullPath(Path.Combine(AppContext.BaseDirectory, "../../../../tests/gpu-check.sh"));

    private string Report => Path.Combine(_folder.FullName, "report.txt");

    public GpuCheckScriptTests()
    {
        Support.Gpu.SkipUnlessEmulated();
        Assert.SkipUnless(File.Exists(Script), "This is a packed program: the script that is tested here is the one that runs it.");
        File.Copy(Script, Path.Combine(_folder.FullName, "gpu-check.sh"));
        foreach ((string part, string project) in new[] { ("jpegact", "JpegActFpga.Cli"), ("tests", "JpegActFpga.Gpu.Tests"), ("training-tests", "JpegActFpga.Training.Tests"), ("bench", "JpegActFpga.Gpu.Benchmarks") })
        {
            string outputs = Path.GetFullPath(Path.Combine(AppContext.BaseDirectory, "../..", project));

            // Programs with libtorch are built for one kind of machine.
            string built = new[] { "release_linux-x64", "release" }.Select(name => Path.Combine(outputs, name)).FirstOrDefault(Directory.Exists) ?? Path.Combine(outputs, "release");
            Assert.True(Directory.Exists(built), $"{built} is missing: ./build.sh makes it.");
            Directory.CreateSymbolicLink(Path.Combine(_folder.FullName, part), built);
        }
    }

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public void Every_project_that_is_packed_is_there()
    {
        string root = Path.GetDirectoryName(Path.GetDirectoryName(Script))!;
        string[] projects = [.. PublishedProject().Matches(File.ReadAllText(Script)).Select(match => match.Groups[1].Value)];
        Assert.Equal(4, projects.Length);
        Assert.All(projects, project => Assert.NotEmpty(Directory.GetFiles(Path.Combine(root, project), "*.csproj")));
    }

    [Fact]
    public async Task It_runs_to_its_end_and_reports_what_it_did_and_what_it_left_out()
    {
        int status = await Run(Support.Gpu.Library);
        string report = await File.ReadAllTextAsync(Report, TestContext.Current.CancellationToken);
        Assert.True(status == 0, $"exit status {status}\n{report}");
        Assert.Contains("EMULATED GPU: this run shows that the check works, and nothing about a GPU", report, StringComparison.Ordinal);
        Assert.Contains("PASS every-part-once", report, StringComparison.Ordinal);
        Assert.Contains("PASS conformance", report, StringComparison.Ordinal);
        Assert.Contains("SKIP bench: the EMULATED GPU", report, StringComparison.Ordinal);
        Assert.Contains("SKIP training: --quick", report, StringComparison.Ordinal);
        Assert.Contains("SKIP torch-on-the-GPU: --quick", report, StringComparison.Ordinal);
        Assert.EndsWith("2 passed, 0 failed, 4 skipped\n", report, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_a_GPU_nothing_passes()
    {
        Assert.Equal(3, await Run("/nowhere/libcuda.so.1"));
        string report = await File.ReadAllTextAsync(Report, TestContext.Current.CancellationToken);
        Assert.Contains("/nowhere/libcuda.so.1 does not load", report, StringComparison.Ordinal);
        Assert.DoesNotContain("PASS", report, StringComparison.Ordinal);
    }

    [GeneratedRegex(@"publish ((?:host|tests)/\S+)")]
    private static partial Regex PublishedProject();

    private async Task<int> Run(string library)
    {
        var start = new ProcessStartInfo("bash")
        {
            ArgumentList = { Path.Combine(_folder.FullName, "gpu-check.sh"), "run", "--quick", "--seconds", "600", "--report", Report },
            WorkingDirectory = _folder.FullName,
            RedirectStandardOutput = true,
            Environment = { ["JPEGACT_CUDA_LIBRARY"] = library, ["JPEGACT_GPU_FAULTS"] = null, ["JPEGACT_LIBTORCH"] = null, ["DOTNET_ROOT"] = Runtime },
        };
        using Process process = Process.Start(start)!;
        Task output = process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        try
        {
            await process.WaitForExitAsync(TestContext.Current.CancellationToken).WaitAsync(Limit, TestContext.Current.CancellationToken);
            await output;
        }
        finally
        {
            if (!process.HasExited)
            {
                process.Kill(entireProcessTree: true);
            }
        }

        return process.ExitCode;
    }
}
