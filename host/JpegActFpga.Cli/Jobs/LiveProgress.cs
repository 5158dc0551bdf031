using System.Diagnostics;
using JpegActFpga.Training.Loop;
using Spectre.Console;

namespace JpegActFpga.Cli.Jobs;

/// <summary>One line that is renewed in place; for terminals.</summary>
/// <param name="terminal">The terminal.</param>
/// <param name="console">Where messages go where standard error is no terminal.</param>
internal sealed class LiveProgress(IAnsiConsole terminal, CommandOutput console) : IProgressDisplay
{
    // The spinner and a space; a line that fills the terminal would be broken and redrawn crookedly.
    private const int Margin = 4;

    private static readonly TimeSpan Pace = TimeSpan.FromMilliseconds(100);

    private volatile bool _running;

    /// <inheritdoc/>
    public void Follow(string name, Func<EngineState>? engine, Action<Action<TrainingProgress>> work)
    {
        TrainingProgress? last = null;
        _running = true;
        try
        {
            terminal.Status().Spinner(Spinner.Known.Line).Start(Markup.Escape(name), context =>
            {
                long shown = 0;
                work(state =>
                {
                    last = state;
                    if (Stopwatch.GetElapsedTime(shown) >= Pace)
                    {
                        shown = Stopwatch.GetTimestamp();
                        context.Status(Markup.Escape(ProgressText.Of(name, state, engine?.Invoke(), terminal.Profile.Width - Margin)));
                    }
                });
            });
        }
        finally
        {
            _running = false;
        }

        if (last is not null)
        {
            terminal.WriteLine(ProgressText.Of(name, last, engine?.Invoke(), terminal.Profile.Width - Margin));
        }
    }

    /// <inheritdoc/>
    public void Tell(string message)
    {
        if (_running && !Console.IsErrorRedirected)
        {
            // Through the terminal, which puts it above the line that is renewed.
            terminal.WriteLine(CommandOutput.Line(message));
        }
        else
        {
            console.Diagnose(message);
        }
    }
}
