using JpegActFpga.Training.Loop;

namespace JpegActFpga.Cli.Jobs;

/// <summary>Shows how a run goes on.</summary>
internal interface IProgressDisplay
{
    /// <summary>Shows a run while its work is done on the calling thread.</summary>
    /// <param name="name">Name of the run.</param>
    /// <param name="engine">Tells how the engine is doing; null where there is none.</param>
    /// <param name="work">The work; calls its argument after each step.</param>
    void Follow(string name, Func<EngineState>? engine, Action<Action<TrainingProgress>> work);

    /// <summary>Shows a line for the user that does not wait for the end.</summary>
    /// <param name="message">The line.</param>
    void Tell(string message);
}

/// <summary>How an engine is doing at a moment.</summary>
/// <param name="Overlaps">It works beside the training: sources that wait for it are held at the end of a forward pass too.</param>
/// <param name="Queued">Activations that wait to be compressed or are being compressed.</param>
/// <param name="Fallbacks">Calls that another backend did so far.</param>
internal readonly record struct EngineState(bool Overlaps, long Queued, long Fallbacks);
