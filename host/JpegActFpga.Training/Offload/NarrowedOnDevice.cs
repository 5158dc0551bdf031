using TorchSharp;
using static TorchSharp.torch;

namespace JpegActFpga.Training.Offload;

/// <summary>
/// Integers of a device, narrowed where they lie and then kept in host memory, so that one to four bytes of each eight cross
/// the link. By torch's own operators, on whatever device.
/// </summary>
/// <remarks>Narrowing and widening wait for the device, as torch's copies do.</remarks>
internal sealed class NarrowedOnDevice : INarrowed
{
    private readonly Tensor _values;
    private readonly Device _device;
    private readonly long _offset;

    private NarrowedOnDevice(Tensor values, Device device, long offset) => (_values, _device, _offset) = (values, device, offset);

    /// <inheritdoc/>
    public long Bytes => _values.numel() * _values.element_size();

    /// <summary>Narrows a copy of the tensor; null when a value needs all 64 bits.</summary>
    /// <param name="tensor">A dense int64 tensor with elements; borrowed for the call. Its strides are kept.</param>
    internal static NarrowedOnDevice? TryNarrow(Tensor tensor)
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable noGradients = no_grad();
        long[] ends = [.. stack([tensor.min(), tensor.max()]).cpu().data<long>()];
        (ScalarType Type, long Offset)? narrow = (ends[0], ends[1]) switch
        {
            ( >= 0, <= byte.MaxValue) => (ScalarType.Byte, 0),
            ( >= short.MinValue, <= short.MaxValue) => (ScalarType.Int16, 0),
            ( >= 0, <= ushort.MaxValue) => (ScalarType.Int16, -short.MinValue), // torch computes with no uint16
            ( >= int.MinValue, <= int.MaxValue) => (ScalarType.Int32, 0),
            _ => null,
        };
        if (narrow is not var (type, offset))
        {
            return null;
        }

        Tensor based = offset == 0 ? tensor : tensor.sub(offset);
        return new NarrowedOnDevice(based.to(type).cpu().DetachFromDisposeScope(), tensor.device, offset);
    }

    /// <inheritdoc/>
    public Tensor Widen()
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable noGradients = no_grad();
        Tensor wide = _values.to(_device).to(ScalarType.Int64);
        return (_offset == 0 ? wide : wide.add(_offset)).MoveToOuterDisposeScope();
    }

    /// <inheritdoc/>
    public void Dispose() => _values.Dispose();
}
