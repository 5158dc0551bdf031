namespace JpegActFpga.Training.Loop;

/// <summary>The state of a run after a step.</summary>
/// <param name="Epoch">From 1.</param>
/// <param name="Step">Steps done in the whole run, from 1.</param>
/// <param name="Steps">Steps of the whole run.</param>
/// <param name="Loss">Mean cross entropy of this step's images.</param>
/// <param name="Accuracy">Share of this epoch's images so far that were classified right as they were trained on, 0 to 1.</param>
/// <param name="ImagesPerSecond">Mean over the run so far, training only.</param>
/// <param name="HeldBytes">What malloc held more after this step's forward pass than before it.</param>
/// <param name="CompressionRatio">Of the hooks so far; null without hooks that tell it.</param>
public sealed record TrainingProgress(
    int Epoch,
    long Step,
    long Steps,
    double Loss,
    double Accuracy,
    double ImagesPerSecond,
    long HeldBytes,
    double? CompressionRatio);
