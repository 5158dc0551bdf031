using TorchSharp;

namespace JpegActFpga.Training.SavedTensors;

/// <summary>What a hook is told of a tensor that autograd saves.</summary>
public readonly record struct SavedTensorInfo
{
    /// <summary>Address of the TensorImpl: equal for two saves of the same tensor, reused after the tensor is freed.</summary>
    public required nint Identity { get; init; }

    /// <summary>
    /// Tells that two saves hold the same values: equal for two saves only when they have the same elements in the same
    /// C order (their shapes may differ), as long as one of them is not released. Null where that cannot be told: leaves and
    /// views of a part.
    /// </summary>
    public required SavedValueKey? Key { get; init; }

    /// <summary>
    /// Name of the autograd node that made the values, such as <c>ReluBackward0</c>; for a view, of the node that made the
    /// tensor it views. Null for leaves and tensors outside the graph (such as a max-pool's indices).
    /// </summary>
    public required string? GradientFunction { get; init; }

    /// <summary>
    /// The tensor is a ReLU's result, and it is that ReLU which saves it: its backward pass asks only which elements
    /// satisfy <c>!(x &lt;= 0)</c>. Saves of the same tensor by its consumers, which need the values, have false.
    /// </summary>
    public required bool IsReluOutputOfItself { get; init; }

    /// <summary>A leaf of the graph: a parameter, an input, or a tensor without gradient.</summary>
    public required bool IsLeaf { get; init; }

    /// <summary>A gradient is computed for the tensor.</summary>
    public required bool RequiresGrad { get; init; }

    /// <summary>A view that autograd tracks, such as the transposed weight of a linear layer.</summary>
    public required bool IsView { get; init; }

    /// <summary>A leaf that requires a gradient, or a view of one: its memory is held anyway.</summary>
    public required bool IsParameter { get; init; }

    /// <summary>Element type.</summary>
    public required torch.ScalarType ElementType { get; init; }

    /// <summary>Sizes.</summary>
    public required IReadOnlyList<long> Shape { get; init; }

    /// <summary>Strides, in elements.</summary>
    public required IReadOnlyList<long> Strides { get; init; }

    /// <summary>Dense and in C order.</summary>
    public required bool IsContiguous { get; init; }

    /// <summary>Number of elements.</summary>
    public required long Elements { get; init; }

    /// <summary>Bytes of the elements (views may keep a larger storage alive).</summary>
    public required long Bytes { get; init; }

    /// <summary>In-place modifications so far. Hooked tensors are not checked by autograd, so compare it where it matters.</summary>
    public required uint Version { get; init; }
}

/// <summary>
/// Names the values of a saved tensor. A saved tensor keeps its node alive, and a node's tensors exist at the same time, so
/// an address that is used again after a tensor was freed comes with another node.
/// </summary>
/// <param name="Tensor">Address of the TensorImpl; of the viewed one for a view of a whole tensor.</param>
/// <param name="Node">Address of the autograd node that made it.</param>
/// <param name="Version">In-place modifications so far.</param>
public readonly record struct SavedValueKey(nint Tensor, nint Node, uint Version);
