using TorchSharp;

namespace JpegActFpga.Training.SavedTensors;

/// <summary>What a hook is told of a tensor that autograd saves.</summary>
public readonly record struct SavedTensorInfo
{
    /// <summary>Address of the TensorImpl: equal for two saves of the same tensor, reused after the tensor is freed.</summary>
    public required nint Identity { get; init; }

    /// <summary>
    /// Name of the autograd node that made the tensor, such as <c>ReluBackward0</c>; null for leaves, for views (asking
    /// would make autograd rebuild their node) and for tensors outside the graph (such as a max-pool's indices).
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
