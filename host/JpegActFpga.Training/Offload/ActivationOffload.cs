using JpegActFpga.Core.Tensors;
using JpegActFpga.Offload;
using JpegActFpga.Offload.Policy;
using JpegActFpga.Offload.Statistics;
using JpegActFpga.Training.SavedTensors;
using TorchSharp;

namespace JpegActFpga.Training.Offload;

/// <summary>
/// Offloads what autograd saves: activations go through the engine, a ReLU's own result becomes one bit an element, int64
/// indices are kept in fewer bytes, a GPU's bools in bits, and everything else stays as it is. See <see cref="Treatment"/>.
/// </summary>
/// <remarks>
/// Safe from any thread. The engine is the caller's, and must outlive the graphs. Gradients are exact for what is kept, for
/// narrowed indices and for a ReLU's own mask; for compressed values they are as good as the policy's profile.
/// A second derivative through a ReLU (create_graph inside a hooks scope) sees compressed values in place of its mask.
/// </remarks>
/// <param name="engine">Compresses, keeps and expands.</param>
/// <param name="layers">Tells the layers in the statistics; may be null.</param>
/// <param name="cancellation">Cancels the engine's calls; the cancelled hook fails.</param>
public sealed class ActivationOffload(OffloadEngine engine, LayerNames? layers = null, CancellationToken cancellation = default)
    : ISavedTensorHooks, ICompressionReport
{
    /// <summary>Narrowing saves at most 7 bytes an element: not worth a buffer below this many elements.</summary>
    private const long MinNarrowedElements = 1024;

    /// <summary>Nodes whose results have many zeros.</summary>
    private static readonly HashSet<string> SparseNodes =
    [
        "ReluBackward0",
        "HardtanhBackward0",
        "MaxPool2DWithIndicesBackward0",
        "AvgPool2DBackward0",
        "AdaptiveAvgPool2DBackward0",
        "NativeDropoutBackward0",
    ];

    private readonly Lock _lock = new();
    private readonly Dictionary<SavedValueKey, LiveTensor> _live = [];
    private readonly ActivationLabels _labels = new(layers);
    private readonly TreatmentCounter _counter = new();

    /// <summary>What was done so far.</summary>
    public ActivationOffloadStatistics Statistics => _counter.Snapshot();

    /// <inheritdoc/>
    public double? CompressionRatio => Statistics.Ratio;

    /// <inheritdoc/>
    public object? Pack(in SavedTensorInfo info, torch.Tensor tensor)
    {
        ArgumentNullException.ThrowIfNull(tensor);
        if (info.IsParameter)
        {
            return Keep(Treatment.KeptParameter, info);
        }

        if (tensor.is_sparse || (TensorMemory.KindOf(tensor) & engine.Memory) == 0)
        {
            return Keep(Treatment.KeptLayout, info);
        }

        if (info.ElementType == torch.ScalarType.Int64 || (info.ElementType == torch.ScalarType.Bool && tensor.device_type != DeviceType.CPU))
        {
            return PackExactly(info, tensor);
        }

        if (TensorMemory.ElementTypeOf(info.ElementType) is not { } elementType)
        {
            return Keep(Treatment.KeptType, info);
        }

        if (info.IsLeaf)
        {
            return Keep(Treatment.KeptLeaf, info);
        }

        return info.IsContiguous || TensorMemory.IsDense(info.Shape, info.Strides)
            ? PackActivation(info, tensor, elementType)
            : Keep(Treatment.KeptLayout, info);
    }

    /// <inheritdoc/>
    public torch.Tensor Unpack(object packed) => packed switch
    {
        Share share => share.Stash.Take(share, share.Shape),
        INarrowed narrowed => narrowed.Widen(),
        _ => throw new ArgumentException("not packed by this object", nameof(packed)),
    };

    /// <inheritdoc/>
    public void Release(object packed)
    {
        switch (packed)
        {
            case Share share:
                Release(share);
                break;
            case INarrowed narrowed:
                _counter.Freed(narrowed.Bytes);
                narrowed.Dispose();
                break;
            default:
                throw new ArgumentException("not packed by this object", nameof(packed));
        }
    }

    private object? Keep(Treatment why, in SavedTensorInfo info)
    {
        _counter.Kept(why, _labels.Of(why, info.GradientFunction), info.Bytes);
        return null;
    }

    private object? PackExactly(in SavedTensorInfo info, torch.Tensor tensor)
    {
        if (info.Elements < MinNarrowedElements)
        {
            return Keep(Treatment.KeptByPolicy, info);
        }

        bool integersOfDevice = info.ElementType == torch.ScalarType.Int64 && tensor.device_type != DeviceType.CPU;
        if (!info.IsContiguous && !(integersOfDevice && TensorMemory.IsDense(info.Shape, info.Strides)))
        {
            return Keep(Treatment.KeptLayout, info);
        }

        INarrowed? narrowed = integersOfDevice ? NarrowedOnDevice.TryNarrow(tensor)
            : info.ElementType == torch.ScalarType.Bool ? MaskOnDevice.Pack(tensor)
            : NarrowedIntegers.TryNarrow(tensor, info.Shape, info.Elements);
        if (narrowed is null)
        {
            return Keep(Treatment.KeptType, info);
        }

        ActivationLabel label = _labels.Of(Treatment.Narrowed, info.GradientFunction);
        _counter.Packed(Treatment.Narrowed, label, info.Bytes);
        _counter.Stored(Treatment.Narrowed, label, narrowed.Bytes);
        _counter.Replaced(info.Bytes);
        return narrowed;
    }

    private Share? PackActivation(in SavedTensorInfo info, torch.Tensor tensor, ElementType elementType)
    {
        bool sign = info.IsReluOutputOfItself;
        if (info.Key is { } known && FindShare(known, sign, info) is { } found)
        {
            _counter.Packed(Treatment.Shared, _labels.Of(Treatment.Shared, info.GradientFunction), info.Bytes);
            return found;
        }

        if (Stash(info, tensor, elementType) is not { } stash)
        {
            return null;
        }

        // Join before others can find the stash: its last user's leaving disposes it.
        Share share = new(stash, info.Key, sign, [.. info.Shape]);
        stash.TryJoin(share);
        (share.Key, bool isNew) = Register(info.Key, sign, stash);
        Treatment treatment = sign ? Treatment.ReluSign : Treatment.Values;
        _counter.Packed(treatment, _labels.Of(treatment, info.GradientFunction), info.Bytes);
        stash.StandsFor(isNew ? info.Bytes : 0);
        return share;
    }

    /// <summary>
    /// A share of the stash that serves this save as well: of the same use, or of the other one when it holds the values bit
    /// for bit; null where there is none, or its last user leaves meanwhile.
    /// </summary>
    private Share? FindShare(SavedValueKey key, bool sign, in SavedTensorInfo info)
    {
        bool use = sign;
        SharedStash? stash = null;
        lock (_lock)
        {
            if (_live.TryGetValue(key, out LiveTensor? live))
            {
                use = live[sign] is null && live[!sign] is { IsExact: true } ? !sign : sign;
                stash = live[use];
            }
        }

        // Not under the lock: it may wait for a decode of that stash, and other tensors are not to.
        Share? share = stash is null ? null : new(stash, key, use, [.. info.Shape]);
        return share is not null && stash!.TryJoin(share) ? share : null;
    }

    /// <summary>
    /// Lets later saves of the same tensor find the stash. The key is null when they cannot: the tensor has none, or another
    /// thread compressed it at the same time.
    /// </summary>
    private (SavedValueKey? Key, bool IsNew) Register(SavedValueKey? key, bool sign, SharedStash stash)
    {
        if (key is not { } value)
        {
            return (null, true);
        }

        lock (_lock)
        {
            bool isNew = !_live.TryGetValue(value, out LiveTensor? live);
            live ??= _live[value] = new LiveTensor();
            if (live[sign] is not null)
            {
                return (null, isNew);
            }

            live[sign] = stash;
            return (value, isNew);
        }
    }

    private SharedStash? Stash(in SavedTensorInfo info, torch.Tensor tensor, ElementType elementType)
    {
        TensorSpec spec = new(elementType, new TensorShape([.. info.Shape]));
        ActivationUse use = info.IsReluOutputOfItself ? ActivationUse.ReluSign
            : info.GradientFunction is { } node && SparseNodes.Contains(node) ? ActivationUse.SparseValues
            : ActivationUse.DenseValues;

        Treatment treatment = info.IsReluOutputOfItself ? Treatment.ReluSign : Treatment.Values;
        SharedStash stash = new(engine, info, spec, _counter, treatment, _labels.Of(treatment, info.GradientFunction));
        if (!stash.TryStash(tensor, use, cancellation))
        {
            Keep(Treatment.KeptByPolicy, info);
            return null;
        }

        return stash;
    }

    private void Release(Share share)
    {
        // Not under the lock: it may wait for a decode of that stash. Who finds it until it is taken out cannot join it.
        if (!share.Stash.Leave(share))
        {
            return;
        }

        lock (_lock)
        {
            if (share.Key is { } key && _live.TryGetValue(key, out LiveTensor? live) && live[share.Sign] == share.Stash)
            {
                live[share.Sign] = null;
                if (live.IsEmpty)
                {
                    _live.Remove(key);
                }
            }
        }
    }

    /// <summary>One saved tensor's part in a stash; what autograd holds. Equal only to itself.</summary>
    private sealed class Share(SharedStash stash, SavedValueKey? key, bool sign, long[] shape)
    {
        public SharedStash Stash { get; } = stash;

        public SavedValueKey? Key { get; set; } = key;

        public bool Sign { get; } = sign;

        public long[] Shape { get; } = shape;
    }

    /// <summary>The stashes of one tensor: its values and its ReLU's mask.</summary>
    private sealed class LiveTensor
    {
        private SharedStash? _values;
        private SharedStash? _sign;

        public bool IsEmpty => _values is null && _sign is null;

        public SharedStash? this[bool sign]
        {
            get => sign ? _sign : _values;
            set => _ = sign ? _sign = value : _values = value;
        }
    }
}
