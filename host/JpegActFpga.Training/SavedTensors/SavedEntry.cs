using JpegActFpga.Training.Native;
using TorchSharp;

namespace JpegActFpga.Training.SavedTensors;

/// <summary>The managed side of one saved tensor: what the hooks made of it, or the tensor itself.</summary>
internal sealed class SavedEntry(ISavedTensorHooks hooks)
{
    private object? _packed;
    private nint _kept;
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
            (_shape, _elementType) = (info.Shape, info.ElementType);
            _packed = Hooks.Pack(info, wrapper);
        }
        finally
        {
            if (_packed is null)
            {
                // detach(): a node that held its own result would keep itself alive for ever.
                _kept = wrapper.detach().DetachFromDisposeScope().DecoupleFromNativeHandle();
            }

            wrapper.Dispose();
        }
    }

    /// <summary>An owning native handle of the tensor.</summary>
    public nint Unpack()
    {
        if (_packed is null)
        {
            return _kept != 0 ? TensorHandles.NewHandle(_kept) : throw new InvalidOperationException("the tensor could not be saved");
        }

        using DisposeScope scope = torch.NewDisposeScope();
        torch.Tensor tensor = Hooks.Unpack(_packed);
        if (tensor is null || tensor.IsInvalid)
        {
            throw new InvalidOperationException("Unpack returned no tensor");
        }

        if (tensor.dtype != _elementType || !tensor.shape.AsSpan().SequenceEqual((long[])_shape))
        {
            throw new InvalidOperationException(
                $"Unpack returned {tensor.dtype} [{string.Join(", ", tensor.shape)}] for {_elementType} [{string.Join(", ", _shape)}]");
        }

        return tensor.DetachFromDisposeScope().DecoupleFromNativeHandle();
    }

    public void Release()
    {
        if (_kept != 0)
        {
            TensorHandles.DeleteHandle(_kept);
            _kept = 0;
        }

        if (_packed is { } packed)
        {
            _packed = null;
            Hooks.Release(packed);
        }
    }
}
