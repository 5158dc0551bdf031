using System.Diagnostics;
using JpegActFpga.Training.Loop;

namespace JpegActFpga.Cli.Jobs;

/// <summary>Lines at each tenth of a run and whenever some time has passed; for files and pipes.</summary>
/// <param name="writer">Where to.</param>
/// <param name="console">Where messages go.</param>
internal sealed class PlainProgress(TextWriter writer, CommandOutput console) : IProgressDisplay
{
    private static readonly TimeSpan Silence = TimeSpan.FromSeconds(15);

    /// <inheritdoc/>
    public void Follow(string name, Func<EngineState>? engine, Action<Action<TrainingProgress>> work)
    {
        long last = Stopwatch.GetTimestamp();
        work(state =>
        {
            bool tenth = state.Step * 10 / state.Steps != (state.Step - 1) * 10 / state.Steps;
            if (state.Step == 1 || tenth || Stopwatch.GetElapsedTime(last) >= Silence)
            {
                last = Stopwatch.GetTimestamp();
                writer.WriteLine(ProgressText.Of(name, state, engine?.Invoke()));
            }
        });
    }

    /// <inheritdoc/>
    public void Tell(string message) => console.Diagnose(message);
}
