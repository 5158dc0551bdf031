using System.Collections.Concurrent;
using JpegActFpga.Offload.Statistics;
using JpegActFpga.Training.SavedTensors;

namespace JpegActFpga.Training.Offload;

/// <summary>Keeps one label for each kind of saved tensor, so that labelling a tensor allocates nothing. Safe from any thread.</summary>
/// <param name="layers">Tells which layer saves; may be null.</param>
internal sealed class ActivationLabels(LayerNames? layers)
{
    private readonly ConcurrentDictionary<(string? Layer, string? Node, Treatment Treatment), ActivationLabel> _labels = new();

    /// <summary>The label of a tensor that the layer which runs now saves.</summary>
    /// <param name="treatment">What is done with it.</param>
    /// <param name="node">The operation that made it.</param>
    public ActivationLabel Of(Treatment treatment, string? node) => _labels.GetOrAdd(
        (layers?.Current, node, treatment),
        static kind => new ActivationLabel(kind.Layer ?? "", kind.Node, Name(kind.Treatment)));

    private static string Name(Treatment treatment) => treatment switch
    {
        Treatment.Values => "values",
        Treatment.ReluSign => "sign",
        Treatment.Shared => "shared",
        Treatment.Narrowed => "narrowed",
        Treatment.KeptParameter => "kept: parameter",
        Treatment.KeptLeaf => "kept: input",
        Treatment.KeptByPolicy => "kept: small",
        Treatment.KeptType => "kept: type",
        Treatment.KeptLayout => "kept: layout",
        _ => treatment.ToString(),
    };
}
