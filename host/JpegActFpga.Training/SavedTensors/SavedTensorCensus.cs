using System.Collections.Concurrent;
using TorchSharp;

namespace JpegActFpga.Training.SavedTensors;

/// <summary>
/// Hooks that change nothing and count what autograd saves, by kind of tensor. Safe for use from several threads.
/// </summary>
public sealed class SavedTensorCensus : ISavedTensorHooks
{
    private readonly ConcurrentDictionary<SavedTensorKind, SavedTensorCount> _kinds = new();

    /// <summary>What was saved so far.</summary>
    public IReadOnlyDictionary<SavedTensorKind, SavedTensorCount> Kinds => _kinds;

    /// <inheritdoc/>
    public object? Pack(in SavedTensorInfo info, torch.Tensor tensor)
    {
        SavedTensorKind kind = new(
            info.GradientFunction, info.ElementType, string.Join("x", info.Shape), info.IsReluOutputOfItself, info.IsParameter, info.IsLeaf);
        _kinds.AddOrUpdate(
            kind,
            static (_, bytes) => new SavedTensorCount(1, bytes),
            static (_, count, bytes) => new SavedTensorCount(count.Saves + 1, count.Bytes + bytes),
            info.Bytes);
        return null;
    }

    /// <inheritdoc/>
    public torch.Tensor Unpack(object packed) => throw new NotSupportedException("a census packs nothing");

    /// <inheritdoc/>
    public void Release(object packed) => throw new NotSupportedException("a census packs nothing");
}

/// <summary>Tensors that a census counts together.</summary>
/// <param name="GradientFunction">See <see cref="SavedTensorInfo.GradientFunction"/>.</param>
/// <param name="ElementType">Element type.</param>
/// <param name="Shape">Sizes, with x between them.</param>
/// <param name="IsReluOutputOfItself">See <see cref="SavedTensorInfo.IsReluOutputOfItself"/>.</param>
/// <param name="IsParameter">See <see cref="SavedTensorInfo.IsParameter"/>.</param>
/// <param name="IsLeaf">See <see cref="SavedTensorInfo.IsLeaf"/>.</param>
public sealed record SavedTensorKind(
    string? GradientFunction, torch.ScalarType ElementType, string Shape, bool IsReluOutputOfItself, bool IsParameter, bool IsLeaf);

/// <summary>How often tensors of a kind were saved.</summary>
/// <param name="Saves">Saves; a tensor that two nodes save counts twice.</param>
/// <param name="Bytes">Bytes of their elements.</param>
public readonly record struct SavedTensorCount(long Saves, long Bytes);
