using System.Globalization;
using System.Text;
using JpegActFpga.Cli.Reports;
using JpegActFpga.Training.Loop;

namespace JpegActFpga.Cli.Jobs;

/// <summary>The state of a run in a line: the most wanted first.</summary>
internal static class ProgressText
{
    /// <summary>Gives as much of the state as a line has room for.</summary>
    /// <param name="name">Name of the run.</param>
    /// <param name="state">The state.</param>
    /// <param name="engine">The engine's; null where there is none.</param>
    /// <param name="width">Columns that there are.</param>
    internal static string Of(string name, TrainingProgress state, EngineState? engine, int width = int.MaxValue)
    {
        var line = new StringBuilder(string.Create(CultureInfo.InvariantCulture, $"{name,-12}  step {state.Step}/{state.Steps}"));
        foreach (string part in Parts(state, engine))
        {
            if (line.Length + 2 + part.Length > width)
            {
                break;
            }

            line.Append("  ").Append(part);
        }

        return line.ToString();
    }

    private static IEnumerable<string> Parts(TrainingProgress state, EngineState? engine)
    {
        yield return string.Create(CultureInfo.InvariantCulture, $"loss {state.Loss:0.0000}");
        yield return string.Create(CultureInfo.InvariantCulture, $"{state.ImagesPerSecond:0} images/s");
        yield return $"held{(engine is { Overlaps: true } ? "+queued" : string.Empty)} {Numbers.MiB(state.HeldBytes)}";
        if (state.CompressionRatio is { } ratio)
        {
            yield return $"ratio {Numbers.Ratio(ratio)}";
        }

        if (engine is { } known)
        {
            yield return string.Create(CultureInfo.InvariantCulture, $"queue {known.Queued}");
            yield return string.Create(CultureInfo.InvariantCulture, $"fallbacks {known.Fallbacks}");
        }

        yield return string.Create(CultureInfo.InvariantCulture, $"accuracy {100 * state.Accuracy:0.0} %");
    }
}
