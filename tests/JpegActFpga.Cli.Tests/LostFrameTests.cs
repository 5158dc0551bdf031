using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Xunit;

namespace JpegActFpga.Cli.Tests;

/// <summary>A disk that fails once: one read of the spill file gives EIO, made so by a library that is loaded before libc.</summary>
public sealed class LostFrameTests : TemporaryFolder
{
    // Files without a name that .NET reads at an offset: the spill file alone.
    private const string FailingRead = """
        #include <atomic>
        #include <cerrno>
        #include <cstdlib>
        #include <dlfcn.h>
        #include <sys/stat.h>
        #include <unistd.h>
        extern "C" ssize_t pread64(int file, void* room, size_t bytes, off64_t at) {
            static std::atomic<long> reads{0};
            static const auto next = reinterpret_cast<decltype(&pread64)>(dlsym(RTLD_NEXT, "pread64"));
            struct stat is{};
            if (fstat(file, &is) == 0 && S_ISREG(is.st_mode) && is.st_nlink == 0 && ++reads == std::atol(std::getenv("FAILING_READ"))) {
                errno = EIO;
                return -1;
            }
            return next(file, room, bytes, at);
        }
        extern "C" ssize_t pread(int file, void* room, size_t bytes, off_t at) { return pread64(file, room, bytes, at); }
        """;

    private static readonly string[] Spilling =
        ["train", "--images", "1024", "--test-images", "100", "--epochs", "1", "--batch", "256", "--threads", "1", "--no-compare", "--backend", "cpu", "--host-memory", "1MiB", "--json", "-"];

    public LostFrameTests() => Assert.SkipUnless(Directory.Exists("/usr/share/datasets/fashion-mnist"), "needs the Debian package dataset-fashion-mnist");

    [Fact]
    public async Task A_step_that_lost_a_frame_is_repeated_and_told_and_the_training_is_the_same()
    {
        JsonElement undisturbed = Run((await TrainAsync(failing: 0, "--overlap", "off")).Exits(0));
        Assert.Empty(undisturbed.GetProperty("repeats").EnumerateArray());
        Assert.Empty(Events(undisturbed));

        // Each spilled frame is read once. The warm-up's two steps read as well: the fifth step of six is the run's third.
        int readsOfStep = (int)undisturbed.GetProperty("pipeline").GetProperty("spilledFrames").GetInt64() / 4;
        Assert.True(readsOfStep >= 2, $"{readsOfStep} reads a step");
        CommandResult result = (await TrainAsync(failing: (4 * readsOfStep) + 1 + (readsOfStep / 2), "--overlap", "off")).Exits(0);
        JsonElement run = Run(result);
        JsonElement repeat = Assert.Single(run.GetProperty("repeats").EnumerateArray());
        Assert.InRange(repeat.GetProperty("step").GetInt64(), 2, 4);
        Assert.Contains("could not be read from a spill file", repeat.GetProperty("cause").GetString(), StringComparison.Ordinal);
        Assert.Equal(1, Events(run)["FrameLost"]);
        Assert.Contains("An activation is lost: A frame of ", result.Error, StringComparison.Ordinal);
        Assert.Matches(@"steps repeated from their batch: 1 \(the first: [234]\): A frame of \d+ bytes could not be read", result.Error);
        Assert.Equal(Losses(undisturbed), Losses(run));
        Assert.Equal(undisturbed.GetProperty("testLoss").GetDouble(), run.GetProperty("testLoss").GetDouble());
    }

    [Fact]
    public async Task A_step_that_may_not_be_repeated_ends_the_training_with_a_line()
    {
        CommandResult result = (await TrainAsync(failing: 3, "--overlap", "off", "--step-repeats", "0")).Exits(1);
        Assert.Matches(@"\njpegact: .*could not be read from a spill file", result.Error);
        Assert.DoesNotContain("   at ", result.Error, StringComparison.Ordinal);
    }

    private static JsonElement Run(CommandResult result) => Assert.Single(result.Json().GetProperty("runs").EnumerateArray());

    private static float[] Losses(JsonElement run) => [.. run.GetProperty("losses").EnumerateArray().Select(loss => loss.GetSingle())];

    private static Dictionary<string, long> Events(JsonElement run) =>
        run.GetProperty("events").EnumerateArray().ToDictionary(e => e.GetProperty("event").GetString()!, e => e.GetProperty("count").GetInt64());

    private async Task<CommandResult> TrainAsync(int failing, params string[] options)
    {
        string library = At("failing-read.so");
        if (!File.Exists(library))
        {
            await File.WriteAllTextAsync(At("failing-read.cpp"), FailingRead, TestContext.Current.CancellationToken);
            using Process compiler = Process.Start("g++", ["-std=c++17", "-shared", "-fPIC", "-o", library, At("failing-read.cpp")]);
            await compiler.WaitForExitAsync(TestContext.Current.CancellationToken);
            Assert.Equal(0, compiler.ExitCode);
        }

        var environment = new Dictionary<string, string?>(EmulatedCard.None)
        {
            ["LD_PRELOAD"] = library,
            ["FAILING_READ"] = failing.ToString(CultureInfo.InvariantCulture),
        };
        return await CommandLine.RunAsync(environment, [.. Spilling, "--spill", Path.GetDirectoryName(library)!, .. options]);
    }
}
