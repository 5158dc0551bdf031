using System.Collections.Concurrent;
using JpegActFpga.Offload.Statistics;

namespace JpegActFpga.Training.Offload;

/// <summary>Keeps one label for each kind of saved tensor, so that labelling a tensor allocates nothing. Safe from any thread.</summary>
internal sealed class ActivationLabels
{
    private readonly ConcurrentDictionary<(string? Layer, string? Node, bool Sign), ActivationLabel> _labels = new();

    /// <summary>The label of a tensor.</summary>
    /// <param name="layer">The layer that saves it; null where layers are not followed.</param>
    /// <param name="node">The operation that made it.</param>
    /// <param name="sign">Only its sign is kept.</param>
    public ActivationLabel Of(string? layer, string? node, bool sign) => _labels.GetOrAdd(
        (layer, node, sign),
        static kind => new ActivationLabel(kind.Layer ?? "", kind.Node, kind.Sign ? "sign" : "values"));
}
