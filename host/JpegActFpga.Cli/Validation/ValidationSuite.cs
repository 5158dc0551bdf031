using System.Diagnostics;
using JpegActFpga.Cli.Reports;
using JpegActFpga.Core.Backends;
using JpegActFpga.Core.Frames;
using JpegActFpga.Core.Memory;
using JpegActFpga.Core.Tensors;

namespace JpegActFpga.Cli.Validation;

/// <summary>Tries a device against the reference codec, test by test, each with a verdict.</summary>
/// <param name="device">The device.</param>
/// <param name="openSmallLaunches">Opens the device again with launches of 128 blocks; called after <paramref name="device"/> was disposed.</param>
/// <param name="options">How much is tried.</param>
internal sealed class ValidationSuite(ICodecBackend device, Func<ICodecBackend> openSmallLaunches, ValidationOptions options)
{
    private readonly CodecComparison _comparison = new(device);

    /// <summary>Runs every test. Disposes the device.</summary>
    /// <param name="progress">Told of each verdict as it falls.</param>
    /// <param name="cancellationToken">Ends the run.</param>
    internal async Task<IReadOnlyList<VerdictPart>> RunAsync(Action<VerdictPart> progress, CancellationToken cancellationToken)
    {
        (string Name, Func<Task<string>> Run)[] tests =
        [
            ("random-shapes", () => EachAsync(_comparison, TensorCases.RandomShapes(options.RandomBlocks, options.Seed), cancellationToken)),
            ("extreme-values", () => EachAsync(_comparison, TensorCases.Extremes(), cancellationToken)),
            ("tables-and-roundings", () => EachAsync(_comparison, TensorCases.Tables(options.Seed), cancellationToken)),
            ("full-scales", () => EachAsync(_comparison, TensorCases.FullScales(options.Seed), cancellationToken)),
            ("element-types", () => EachAsync(_comparison, TensorCases.ElementTypes(options.Seed), cancellationToken)),
            ("tails", () => EachAsync(_comparison, TensorCases.Tails(options.Seed, options.Quick), cancellationToken)),
            ("scale-wrap", () => EachAsync(_comparison, TensorCases.ScaleWraps(options.Seed, options.Quick), cancellationToken)),
            ("empty-and-non-finite", () => EachAsync(_comparison, TensorCases.WithoutBlocks(), cancellationToken)),
            ("real-tensors", () => EachAsync(_comparison, ConvolvedImages.Cases(options.DataFolder, options.Quick ? 8 : 64, options.Seed), cancellationToken)),
            ("any-stream", () => AnyStreamsAsync(cancellationToken)),
            ("concurrent-calls", () => ConcurrentAsync(cancellationToken)),
            ("many-launches", () => ManyLaunchesAsync(cancellationToken)),
        ];
        var verdicts = new List<VerdictPart>();
        foreach ((string name, Func<Task<string>> run) in tests)
        {
            VerdictPart verdict = await JudgeAsync(name, run).ConfigureAwait(false);
            verdicts.Add(verdict);
            progress(verdict);
        }

        return verdicts;
    }

    private static async Task<VerdictPart> JudgeAsync(string name, Func<Task<string>> run)
    {
        long started = Stopwatch.GetTimestamp();
        (string verdict, string detail) = (VerdictPart.Pass, string.Empty);
        try
        {
            detail = await run().ConfigureAwait(false);
        }
        catch (SkippedException error)
        {
            (verdict, detail) = (VerdictPart.Skip, error.Message);
        }
        catch (Exception error) when (error is MismatchException or CliException)
        {
            (verdict, detail) = (VerdictPart.Fail, error.Message);
        }

        return new VerdictPart(name, verdict, ErrorText.OneLine(detail), Stopwatch.GetElapsedTime(started).TotalSeconds);
    }

    private static async Task<string> EachAsync(CodecComparison comparison, IEnumerable<TensorCase> cases, CancellationToken cancellationToken)
    {
        (long frames, long blocks) = (comparison.Frames, comparison.Blocks);
        foreach (TensorCase test in cases)
        {
            await comparison.CheckAsync(test, cancellationToken).ConfigureAwait(false);
        }

        return $"{comparison.Frames - frames:N0} tensors, {comparison.Blocks - blocks:N0} blocks, every byte equal";
    }

    private async Task<string> AnyStreamsAsync(CancellationToken cancellationToken)
    {
        var random = new Random(options.Seed);
        long blocks = _comparison.Blocks;
        int streams = options.Quick ? 8 : 40;
        for (int i = 0; i < streams; i++)
        {
            var shape = new TensorShape(random.Next(1, 4), random.Next(1, 6), random.Next(1, 40), random.Next(1, 60));
            (FrameReader frame, NativeBuffer memory) = AnyStream.Create(shape, random.Next(65), random.Next(2) == 0, random);
            using (memory)
            {
                await _comparison.CheckExpansionAsync($"stream {i} of seed {options.Seed}, {frame.Header.Spec}", frame, cancellationToken).ConfigureAwait(false);
            }
        }

        return $"{streams} frames of random coefficients, {_comparison.Blocks - blocks:N0} blocks, every byte equal";
    }

    private async Task<string> ConcurrentAsync(CancellationToken cancellationToken)
    {
        const int Callers = 6;
        TensorCase[] cases = [.. TensorCases.RandomShapes(options.Quick ? 2000 : 20_000, options.Seed + 1)];
        long blocks = _comparison.Blocks;
        await Task.WhenAll(Enumerable.Range(0, Callers).Select(caller => Task.Run(
            async () =>
            {
                for (int i = caller; i < cases.Length; i += Callers)
                {
                    await _comparison.CheckAsync(cases[i], cancellationToken).ConfigureAwait(false);
                }
            },
            cancellationToken))).ConfigureAwait(false);
        return $"{cases.Length:N0} tensors from {Callers} callers at once, {_comparison.Blocks - blocks:N0} blocks, every byte equal";
    }

    private async Task<string> ManyLaunchesAsync(CancellationToken cancellationToken)
    {
        await device.DisposeAsync().ConfigureAwait(false);
        await using ICodecBackend small = openSmallLaunches();
        return await EachAsync(new CodecComparison(small), TensorCases.ManyLaunches(options.Seed), cancellationToken).ConfigureAwait(false);
    }
}
