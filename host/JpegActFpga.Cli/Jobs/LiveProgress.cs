using JpegActFpga.Training.Loop;
using Spectre.Console;

namespace JpegActFpga.Cli.Jobs;

/// <summary>A bar that is redrawn in place; for terminals.</summary>
/// <param name="console">The terminal.</param>
internal sealed class LiveProgress(IAnsiConsole console) : IProgressDisplay
{
    /// <inheritdoc/>
    public void Follow(string name, Action<Action<TrainingProgress>> work) => console
        .Progress()
        .Columns(new TaskDescriptionColumn { Alignment = Justify.Left }, new ProgressBarColumn(), new PercentageColumn(), new RemainingTimeColumn())
        .Start(context =>
        {
            ProgressTask task = context.AddTask(Markup.Escape(name));
            work(state =>
            {
                task.MaxValue = state.Steps;
                task.Value = state.Step;
                task.Description = Markup.Escape($"{name}  {ProgressText.Of(state)}");
            });
        });
}
