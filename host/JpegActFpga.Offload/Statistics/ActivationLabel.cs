namespace JpegActFpga.Offload.Statistics;

/// <summary>Tells whose activation a tensor is. Statistics, logs and traces are told by it; nothing depends on it.</summary>
/// <param name="Layer">Dotted name of the layer that saved it; empty where the model itself did.</param>
/// <param name="Node">The operation that made it, such as <c>ReluBackward0</c>; null where unknown.</param>
/// <param name="Treatment">What is done with it, in a word or two.</param>
/// <remarks>Make one for each kind of tensor, not for each tensor. Immutable; equal by value.</remarks>
public sealed record ActivationLabel(string Layer, string? Node, string Treatment);

/// <summary>What an engine did with the tensors of one label.</summary>
/// <param name="Label">Whose they are.</param>
/// <param name="Tensors">Tensors compressed.</param>
/// <param name="TensorBytes">Their bytes as tensors.</param>
/// <param name="FrameBytes">Their bytes as frames.</param>
/// <param name="CompressTime">Time spent compressing, the wait for the device included.</param>
/// <param name="Expansions">Frames expanded.</param>
/// <param name="ExpandTime">Time spent expanding, likewise.</param>
public sealed record LabelStatistics(
    ActivationLabel Label,
    long Tensors,
    long TensorBytes,
    long FrameBytes,
    TimeSpan CompressTime,
    long Expansions,
    TimeSpan ExpandTime);
