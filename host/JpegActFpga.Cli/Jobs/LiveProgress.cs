using JpegActFpga.Training.Loop;
using Spectre.Console;

namespace JpegActFpga.Cli.Jobs;

/// <summary>A bar that is redrawn in place; for terminals.</summary>
/// <param name="console">The terminal.</param>
internal sealed class LiveProgress(IAnsiConsole console) : IProgressDisplay
{
    // With the longest description a line fits 80 columns; longer ones would be broken and redrawn crookedly.
    private const int BarWidth = 10;

    /// <inheritdoc/>
    public void Follow(string name, Action<Action<TrainingProgress>> work) => console
        .Progress()
        .Columns(new TaskDescriptionColumn { Alignment = Justify.Left }, new ProgressBarColumn { Width = BarWidth }, new PercentageColumn())
        .Start(context =>
        {
            ProgressTask task = context.AddTask(Markup.Escape(name));
            work(state =>
            {
                task.MaxValue = state.Steps;
                task.Value = state.Step;
                task.Description = Markup.Escape($"{name}  {ProgressText.Short(state)}");
            });
        });
}
