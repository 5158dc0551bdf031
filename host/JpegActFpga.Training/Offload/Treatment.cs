using JpegActFpga.Offload.Statistics;

namespace JpegActFpga.Training.Offload;

/// <summary>What <see cref="ActivationOffload"/> did with a saved tensor.</summary>
public enum Treatment
{
    /// <summary>Compressed for its values.</summary>
    Values,

    /// <summary>Compressed to one bit an element: a ReLU's save of its own result.</summary>
    ReluSign,

    /// <summary>The values of a tensor that another save had compressed already.</summary>
    Shared,

    /// <summary>Integers kept in a narrower type, or a GPU's bools in bits.</summary>
    Narrowed,

    /// <summary>Kept: a parameter or a view of one, which is held anyway.</summary>
    KeptParameter,

    /// <summary>Kept: an input, a target or a buffer, outside the graph.</summary>
    KeptLeaf,

    /// <summary>Kept: the policy leaves it alone, as too small.</summary>
    KeptByPolicy,

    /// <summary>Kept: an element type that is neither compressed nor narrowed, or integers that need all their bits.</summary>
    KeptType,

    /// <summary>Kept: its elements overlap or have gaps between them, or do not lie in host memory.</summary>
    KeptLayout,
}

/// <summary>Saved tensors counted together.</summary>
/// <param name="Saves">Saves.</param>
/// <param name="Bytes">Bytes of the tensors, counting each save.</param>
/// <param name="HeldBytes">Bytes held in their stead, when they were saved; their own bytes where they were kept.</param>
public readonly record struct TreatmentCount(long Saves, long Bytes, long HeldBytes)
{
    internal TreatmentCount With(long bytes, long held) => new(Saves + 1, Bytes + bytes, HeldBytes + held);

    internal TreatmentCount Holding(long held) => this with { HeldBytes = HeldBytes + held };
}

/// <summary>What an <see cref="ActivationOffload"/> did so far.</summary>
/// <param name="Treatments">By treatment.</param>
/// <param name="Labels">By layer, operation and treatment, in the order of their first save; the layer is empty without layer names.</param>
/// <param name="DistinctBytes">
/// Bytes of the tensors not kept, each tensor once, however many nodes saved it: what autograd would have held. Without
/// those that wait to be compressed.
/// </param>
/// <param name="PackedBytes">Bytes held in their stead.</param>
/// <param name="HeldBytes">Of PackedBytes, held at this moment.</param>
/// <param name="PeakHeldBytes">The largest HeldBytes so far.</param>
public sealed record ActivationOffloadStatistics(
    IReadOnlyDictionary<Treatment, TreatmentCount> Treatments,
    IReadOnlyList<KeyValuePair<ActivationLabel, TreatmentCount>> Labels,
    long DistinctBytes,
    long PackedBytes,
    long HeldBytes,
    long PeakHeldBytes)
{
    /// <summary>DistinctBytes over PackedBytes; null before the first.</summary>
    public double? Ratio => PackedBytes == 0 ? null : (double)DistinctBytes / PackedBytes;
}
