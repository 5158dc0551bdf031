using JpegActFpga.Cli.Backends;
using JpegActFpga.Core.Profiles;
using JpegActFpga.Offload.Policy;
using JpegActFpga.Training.Data;
using JpegActFpga.Training.Loop;

namespace JpegActFpga.Cli.Jobs;

/// <summary>What the user asked to be trained.</summary>
/// <param name="Model">Name of the model.</param>
/// <param name="Data">The data set.</param>
/// <param name="Training">Settings of the training itself.</param>
/// <param name="Method">What happens to activations.</param>
/// <param name="Profile">Settings of the transform.</param>
/// <param name="Sparse">What happens to sparse activations.</param>
/// <param name="MinElements">Smallest tensor that is offloaded.</param>
/// <param name="Backend">What compresses.</param>
/// <param name="Card">The card.</param>
/// <param name="Compare">Whether a run without compression comes first.</param>
internal sealed record TrainSettings(
    string Model,
    DatasetSource Data,
    TrainingOptions Training,
    OffloadMethod Method,
    CodecProfile Profile,
    SparseTreatment Sparse,
    long MinElements,
    BackendChoice Backend,
    CardSelection Card,
    bool Compare)
{
    /// <summary>Gets what activations are saved; null for none.</summary>
    internal ActivationRecording? Recording { get; init; }
}

/// <summary>What happens to activations between forward and backward.</summary>
internal enum OffloadMethod
{
    /// <summary>Torch keeps them.</summary>
    None,

    /// <summary>They go through hooks and store bit for bit.</summary>
    Raw,

    /// <summary>They are compressed.</summary>
    JpegAct,
}
