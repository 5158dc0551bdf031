using System.Diagnostics;
using System.Globalization;
using JpegActFpga.Training.Loop;

namespace JpegActFpga.Cli.Jobs;

/// <summary>Lines at each tenth of a run and whenever some time has passed; for files and pipes.</summary>
/// <param name="writer">Where to.</param>
internal sealed class PlainProgress(TextWriter writer) : IProgressDisplay
{
    private static readonly TimeSpan Silence = TimeSpan.FromSeconds(15);

    /// <inheritdoc/>
    public void Follow(string name, Action<Action<TrainingProgress>> work)
    {
        long last = Stopwatch.GetTimestamp();
        work(state =>
        {
            bool tenth = state.Step * 10 / state.Steps != (state.Step - 1) * 10 / state.Steps;
            if (state.Step == 1 || tenth || Stopwatch.GetElapsedTime(last) >= Silence)
            {
                last = Stopwatch.GetTimestamp();
                writer.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{name,-12}  epoch {state.Epoch}  step {state.Step}/{state.Steps}  {ProgressText.Of(state)}"));
            }
        });
    }
}
