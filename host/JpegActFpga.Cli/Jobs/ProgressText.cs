using System.Globalization;
using JpegActFpga.Cli.Reports;
using JpegActFpga.Training.Loop;

namespace JpegActFpga.Cli.Jobs;

/// <summary>The state of a run in a line.</summary>
internal static class ProgressText
{
    /// <summary>Gives loss, accuracy, ratio and speed in 50 columns or fewer.</summary>
    /// <param name="state">The state.</param>
    internal static string Short(TrainingProgress state)
    {
        string ratio = state.CompressionRatio is { } value ? string.Create(CultureInfo.InvariantCulture, $" ratio {value:0.0}") : string.Empty;
        return string.Create(CultureInfo.InvariantCulture, $"loss {state.Loss:0.000} acc {100 * state.Accuracy:0.0} %{ratio} {state.ImagesPerSecond:0} images/s");
    }

    /// <summary>Gives loss, accuracy, ratio, speed and what is held.</summary>
    /// <param name="state">The state.</param>
    internal static string Of(TrainingProgress state)
    {
        string ratio = state.CompressionRatio is { } value ? string.Create(CultureInfo.InvariantCulture, $"  ratio {value:0.00}") : string.Empty;
        return string.Create(
            CultureInfo.InvariantCulture,
            $"loss {state.Loss:0.0000}  accuracy {100 * state.Accuracy:0.0} %{ratio}  held {Numbers.MiB(state.HeldBytes)}  {state.ImagesPerSecond:0} images/s");
    }
}
