using JpegActFpga.Training.Native;
using TorchSharp;

namespace JpegActFpga.Training.SavedTensors;

/// <summary>The managed side of one saved tensor: what the hooks made of it, or the tensor itself.</summary>
internal sealed class SavedEntry(ISavedTensorHooks hooks)
{
    private object? _packed;
    private torch.Tensor? _kept;
    private uint _version;
    private IReadOnlyList<long> _shape = [];
    private torch.ScalarType _elementType;

    public ISavedTensorHooks Hooks { get; } = hooks;

    /// <summary>Asks the hooks; keeps the tensor itself when they return null or throw.</summary>
    /// <param name="tensor">Address of the <c>at::Tensor</c> that autograd saves.</param>
    public void Pack(nint tensor)
    {
        using DisposeScope scope = torch.NewDisposeScope();
        torch.Tensor wrapper = torch.Tensor.UnsafeCreateTensor(TensorHandles.NewHandle(tensor));
        try
        {
            SavedTensorInfo info = AutogradNodes.Describe(wrapper);
            (_shape, _elementType, _version) = (info.Shape, info.ElementType, info.Version);
            _packed = Hooks.Pack(info, wrapper);
        }
        finally
        {
            if (_packed is null)
            {
                // detach(): a node that held its own result would keep itself alive for ever.
                _kept = wrapper.detach().DetachFromDisposeScope();
            }

            wrapper.Dispose();
        }
    }

    /// <summary>An owning native handle of the tensor.</summary>
    public nint Unpack()
    {
        if (_packed is null)
        {
            return UnpackKept();
        }

        using DisposeScope scope = torch.NewDisposeScope();
        torch.Tensor tensor = Hooks.Unpack(_packed);
        if (tensor is null || tensor.IsInvalid)
        {
            throw new InvalidOperationException("Unpack returned no tensor");
        }

        if (tensor.dtype != _elementType || !tensor.shape.SequenceEqual(_shape))
        {
            throw new InvalidOperationException(
                $"Unpack returned {tensor.dtype} [{string.Join(", ", tensor.shape)}] for {_elementType} [{string.Join(", ", _shape)}]");
        }

        return tensor.DetachFromDisposeScope().DecoupleFromNativeHandle();
    }

    public void Release()
    {
        _kept?.Dispose();
        _kept = null;

        if (_packed is { } packed)
        {
            _packed = null;
            Hooks.Release(packed);
        }
    }

    /// <summary>Autograd does not check the version of tensors that went through hooks, so it is checked here.</summary>
    private nint UnpackKept()
    {
        torch.Tensor kept = _kept ?? throw new InvalidOperationException("the tensor could not be saved");
        uint version = AutogradNodes.VersionOf(kept);
        if (version != _version)
        {
            throw new InvalidOperationException(
                $"a tensor {_elementType} [{string.Join(", ", _shape)}] needed for the gradient was modified in place: it is at "
                + $"version {version}, and was saved at version {_version}");
        }

        nint handle = TensorHandles.NewHandle(kept.Handle);
        GC.KeepAlive(kept);
        return handle;
    }
}
