using JpegActFpga.Training.SavedTensors;
using TorchSharp;

namespace JpegActFpga.Training.Tests.Support;

/// <summary>Copies what is saved to managed memory and keeps no tensor; can fail or drop the data on request.</summary>
internal sealed class CopyOutHooks : ISavedTensorHooks
{
    private int _released;
    private int _unpacked;

    public List<SavedTensorInfo> Infos { get; } = [];

    public bool ThrowInPack { get; set; }

    public bool ThrowInUnpack { get; set; }

    public bool ThrowInRelease { get; set; }

    public bool ReturnWrongShape { get; set; }

    public bool DropData { get; set; }

    public int Packed { get; private set; }

    public int Released => Volatile.Read(ref _released);

    public int Unpacked => Volatile.Read(ref _unpacked);

    public object? Pack(in SavedTensorInfo info, torch.Tensor tensor)
    {
        if (ThrowInPack)
        {
            throw new InvalidTimeZoneException("pack");
        }

        Infos.Add(info);
        if (info.IsParameter)
        {
            return null;
        }

        Packed++;
        using torch.Tensor dense = tensor.contiguous();
        return new Copy(DropData ? [] : dense.bytes.ToArray(), tensor.shape, tensor.dtype);
    }

    public torch.Tensor Unpack(object packed)
    {
        if (ThrowInUnpack)
        {
            throw new InvalidTimeZoneException("unpack");
        }

        Interlocked.Increment(ref _unpacked);
        Copy copy = (Copy)packed;
        if (ReturnWrongShape)
        {
            return torch.zeros(1, 2, 3, 4, dtype: copy.Type);
        }

        torch.Tensor tensor = torch.zeros(copy.Shape, dtype: copy.Type);
        if (!DropData)
        {
            tensor.bytes = copy.Bytes;
        }

        return tensor;
    }

    public void Release(object packed)
    {
        Interlocked.Increment(ref _released);
        if (ThrowInRelease)
        {
            throw new InvalidTimeZoneException("release");
        }
    }

    private sealed record Copy(byte[] Bytes, long[] Shape, torch.ScalarType Type);
}

/// <summary>Leaves everything as it is.</summary>
internal sealed class IdentityHooks : ISavedTensorHooks
{
    public object? Pack(in SavedTensorInfo info, torch.Tensor tensor) => null;

    public torch.Tensor Unpack(object packed) => throw new NotSupportedException();

    public void Release(object packed) => throw new NotSupportedException();
}
