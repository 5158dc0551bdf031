using JpegActFpga.Core.Profiles;
using JpegActFpga.Core.Tensors;
using JpegActFpga.Offload;
using JpegActFpga.Offload.Policy;
using JpegActFpga.Offload.Statistics;
using JpegActFpga.Training.Native;
using JpegActFpga.Training.SavedTensors;
using TorchSharp;

namespace JpegActFpga.Training.Offload;

/// <summary>
/// One compressed activation and the saved tensors that share it. Expanded when the first of them asks, or ahead of that;
/// the expanded tensor is kept until each of them has taken it or was released, so that a backward pass expands once, and a
/// second one (retained graph) expands anew. Safe from any thread.
/// </summary>
/// <remarks>
/// As the engine's owner of the activation it keeps the source alive, detached from the graph, lest the graph keep itself
/// alive. The engine's workers only touch memory; every torch call here is made by a thread of torch's own.
/// </remarks>
internal sealed class SharedStash : IActivationOwner
{
    private const int FrameIsStored = 1;
    private const int TensorIsKnown = 2;

    private readonly Lock _lock = new();
    private readonly HashSet<object> _waiting = new(ReferenceEqualityComparer.Instance);
    private readonly HashSet<object> _served = new(ReferenceEqualityComparer.Instance);
    private readonly OffloadEngine _engine;
    private readonly TreatmentCounter _counter;
    private readonly Treatment _treatment;
    private readonly ActivationLabel _label;
    private readonly TensorSpec _spec;
    private readonly long[] _shape;
    private readonly long[]? _strides;
    private readonly torch.ScalarType _type;
    private readonly uint _version;
    private torch.Device? _gpu;
    private torch.Tensor? _source;
    private torch.Tensor? _expanded;
    private torch.Tensor? _decoded;
    private OffloadTicket _ticket;
    private long _frameBytes;
    private long _tensorBytes;
    private int _known;
    private volatile bool _left;

    /// <summary>Initializes a new instance of the <see cref="SharedStash"/> class for a tensor that is saved now.</summary>
    /// <param name="engine">Compresses.</param>
    /// <param name="info">The tensor.</param>
    /// <param name="spec">The tensor, as the engine sees it.</param>
    /// <param name="counter">Told of the frame.</param>
    /// <param name="treatment">What the frame counts as.</param>
    /// <param name="label">Whose it is.</param>
    public SharedStash(OffloadEngine engine, in SavedTensorInfo info, TensorSpec spec, TreatmentCounter counter, Treatment treatment, ActivationLabel label)
    {
        (_engine, _spec, _counter, _treatment, _label) = (engine, spec, counter, treatment, label);
        (_type, _version) = (info.ElementType, info.Version);
        _shape = [.. info.Shape];
        _strides = info.IsContiguous ? null : [.. info.Strides];
    }

    /// <summary>The frame holds the elements bit for bit.</summary>
    public bool IsExact { get; private set; }

    /// <inheritdoc/>
    public bool IsSourceUnchanged => _source is null || _strides is not null || AutogradNodes.VersionOf(_source) == _version;

    /// <summary>Stashes the tensor. False where the policy leaves it alone.</summary>
    /// <param name="tensor">The tensor; borrowed for the call.</param>
    /// <param name="use">What backward needs of it.</param>
    /// <param name="cancellation">Cancels the work.</param>
    public bool TryStash(torch.Tensor tensor, ActivationUse use, CancellationToken cancellation)
    {
        _gpu = tensor.device_type == DeviceType.CPU ? null : tensor.device;

        // Other layouts are compressed in C order, where rows are rows of the image, and get their strides back later.
        torch.Tensor dense = _strides is null ? tensor : tensor.contiguous();
        if (_engine.Overlaps)
        {
            dense = (_strides is null ? dense.detach() : dense).DetachFromDisposeScope();
            _source = dense;
        }

        _ticket = _engine.Stash(TensorMemory.View(dense, _spec), use, this, _label, cancellation);
        GC.KeepAlive(dense);
        IsExact = !_ticket.IsNone && _ticket.AskedMethod == CodecMethod.Raw;
        return !_ticket.IsNone;
    }

    /// <summary>Says how many bytes of tensors the frame stands for; they count once it is stored.</summary>
    /// <param name="tensorBytes">Bytes; 0 where another stash stands for the same tensor.</param>
    public void StandsFor(long tensorBytes)
    {
        _tensorBytes = tensorBytes;
        CountReplaced(TensorIsKnown);
    }

    /// <summary>One more saved tensor shares the stash. May wait for a decode.</summary>
    /// <returns>False where the last user has left: the stash is gone.</returns>
    public bool TryJoin(object user)
    {
        lock (_lock)
        {
            return !_left && _waiting.Add(user);
        }
    }

    /// <summary>The activation, in the layout it had, for one of the users; a wrapper of the caller's own.</summary>
    /// <param name="user">Given to <see cref="TryJoin"/> before.</param>
    /// <param name="wanted">The shape that user saved: the same elements, seen in another shape when it saved a view.</param>
    public torch.Tensor Take(object user, long[] wanted)
    {
        lock (_lock)
        {
            _decoded ??= Decode();
            torch.Tensor result = wanted.AsSpan().SequenceEqual(_shape) ? TensorHandles.Share(_decoded) : _decoded.view(wanted);
            if (_waiting.Remove(user))
            {
                _served.Add(user);
            }

            ForgetWhenAllServed();
            return result;
        }
    }

    /// <summary>A user was released. True when it was the last: the stash is gone then. May wait for a decode.</summary>
    public bool Leave(object user)
    {
        lock (_lock)
        {
            _waiting.Remove(user);
            _served.Remove(user);
            ForgetWhenAllServed();
            if (_waiting.Count > 0)
            {
                return false;
            }

            _ticket.Dispose();
            _left = true;
            CountFreed();
            return true;
        }
    }

    /// <inheritdoc/>
    public void Stored(long frameBytes)
    {
        _counter.Stored(_treatment, _label, frameBytes);
        Interlocked.Exchange(ref _frameBytes, frameBytes);
        CountReplaced(FrameIsStored);
        if (_left)
        {
            CountFreed();
        }
    }

    /// <inheritdoc/>
    public void ReleaseSource() => Interlocked.Exchange(ref _source, null)?.Dispose();

    /// <inheritdoc/>
    public TensorView CreateDestination()
    {
        _expanded = torch.empty(_shape, dtype: _type, device: _gpu).DetachFromDisposeScope();
        return TensorMemory.View(_expanded, _spec);
    }

    /// <inheritdoc/>
    public void DropDestination() => Interlocked.Exchange(ref _expanded, null)?.Dispose();

    // Whichever comes second counts: the frame, or what it stands for.
    private void CountReplaced(int now)
    {
        if (Interlocked.Or(ref _known, now) is not 0 and var before && before != now)
        {
            _counter.Replaced(_tensorBytes);
        }
    }

    private void CountFreed()
    {
        long held = Interlocked.Exchange(ref _frameBytes, 0);
        if (held != 0)
        {
            _counter.Freed(held);
        }
    }

    private void ForgetWhenAllServed()
    {
        if (_waiting.Count == 0)
        {
            _decoded?.Dispose();
            _decoded = null;
            _waiting.UnionWith(_served);
            _served.Clear();
        }
    }

    private torch.Tensor Decode()
    {
        _engine.Take(_ticket);
        torch.Tensor dense = Interlocked.Exchange(ref _expanded, null)!;
        if (_strides is null)
        {
            return dense;
        }

        using (dense)
        {
            return torch.empty_strided(_shape, _strides, dtype: _type, device: _gpu).copy_(dense).DetachFromDisposeScope();
        }
    }
}
