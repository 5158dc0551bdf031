using JpegActFpga.Cli.Backends;
using JpegActFpga.Core.Profiles;
using JpegActFpga.Offload;
using JpegActFpga.Offload.Policy;
using JpegActFpga.Offload.Resilience;
using JpegActFpga.Training.Data;
using JpegActFpga.Training.Loop;

namespace JpegActFpga.Cli.Jobs;

/// <summary>What the user asked to be trained.</summary>
/// <param name="Model">Name of the model.</param>
/// <param name="Data">The data set.</param>
/// <param name="Training">Settings of the training itself.</param>
/// <param name="Methods">What happens to activations, a run each; one or more.</param>
/// <param name="Profile">Settings of the transform.</param>
/// <param name="Sparse">What happens to sparse activations.</param>
/// <param name="MinElements">Smallest tensor that is offloaded.</param>
/// <param name="Backend">What compresses.</param>
/// <param name="Card">The card.</param>
/// <param name="Compare">Whether a run without compression comes first.</param>
/// <param name="Segments">Most segments of recomputation.</param>
/// <param name="Engine">How the engine overlaps, bounds its memory and checks.</param>
/// <param name="Resilience">How failures of a card are met.</param>
/// <param name="Trace">File of the trace; null for none.</param>
/// <param name="Layers">Whether each layer is shown.</param>
internal sealed record TrainSettings(
    string Model,
    DatasetSource Data,
    TrainingOptions Training,
    IReadOnlyList<OffloadMethod> Methods,
    CodecProfile Profile,
    SparseTreatment Sparse,
    long MinElements,
    BackendChoice Backend,
    CardSelection Card,
    bool Compare,
    int Segments,
    OffloadEngineOptions Engine,
    ResilienceOptions Resilience,
    string? Trace,
    bool Layers)
{
    /// <summary>Gets what activations are saved; null for none.</summary>
    internal ActivationRecording? Recording { get; init; }

    /// <summary>Gets the names of the options that the user gave and that nothing comes of without overlap.</summary>
    internal IReadOnlyList<string> GivenForOverlap { get; init; } = [];
}

/// <summary>What happens to activations between forward and backward.</summary>
internal enum OffloadMethod
{
    /// <summary>Torch keeps them.</summary>
    None,

    /// <summary>They go through hooks and store bit for bit.</summary>
    Raw,

    /// <summary>Segments of the model are run again in the backward pass, and only their inputs kept.</summary>
    Recompute,

    /// <summary>They are compressed with the transform.</summary>
    JpegAct,

    /// <summary>They are scaled to 8 bits.</summary>
    Sfpr,

    /// <summary>They are scaled to 8 bits, and zeros are left out.</summary>
    SfprZvc,
}
