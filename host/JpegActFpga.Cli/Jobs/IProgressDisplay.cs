using JpegActFpga.Training.Loop;

namespace JpegActFpga.Cli.Jobs;

/// <summary>Shows how a run goes on.</summary>
internal interface IProgressDisplay
{
    /// <summary>Shows a run while its work is done on the calling thread.</summary>
    /// <param name="name">Name of the run.</param>
    /// <param name="work">The work; calls its argument after each step.</param>
    void Follow(string name, Action<Action<TrainingProgress>> work);
}
