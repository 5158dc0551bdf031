using TorchSharp;
using static TorchSharp.torch;

namespace JpegActFpga.Training.Offload;

/// <summary>
/// Bools of a device (the mask that dropout saves there), eight to a byte, made so where they lie and then kept in host memory.
/// By torch's own operators, on whatever device.
/// </summary>
/// <remarks>Packing and unpacking wait for the device, as torch's copies do.</remarks>
internal sealed class MaskOnDevice : INarrowed
{
    private const int BitsOfByte = 8;

    private readonly Tensor _bits;
    private readonly Device _device;
    private readonly long[] _shape;
    private readonly long _count;

    private MaskOnDevice(Tensor bits, Tensor mask) => (_bits, _device, _shape, _count) = (bits, mask.device, mask.shape, mask.numel());

    /// <inheritdoc/>
    public long Bytes => _bits.numel();

    /// <summary>Packs a copy of a mask.</summary>
    /// <param name="mask">A contiguous tensor of bools; borrowed for the call.</param>
    internal static MaskOnDevice Pack(Tensor mask)
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable noGradients = no_grad();
        Tensor bytes = mask.to(ScalarType.Byte).view(-1);
        long missing = (BitsOfByte - (mask.numel() % BitsOfByte)) % BitsOfByte;
        bytes = missing == 0 ? bytes : cat([bytes, zeros(missing, ScalarType.Byte, mask.device)]);
        Tensor bits = bytes.view(-1, BitsOfByte).mul(PlaceValues(mask.device)).sum(1, type: ScalarType.Byte);
        return new MaskOnDevice(bits.cpu().DetachFromDisposeScope(), mask);
    }

    /// <inheritdoc/>
    public Tensor Widen()
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable noGradients = no_grad();
        Tensor bools = _bits.to(_device).unsqueeze(1).bitwise_and(PlaceValues(_device)).ne(0).view(-1);
        return bools.slice(0, 0, _count, 1).view(_shape).MoveToOuterDisposeScope();
    }

    /// <inheritdoc/>
    public void Dispose() => _bits.Dispose();

    private static Tensor PlaceValues(Device device) => tensor(new byte[] { 1, 2, 4, 8, 16, 32, 64, 128 }, device: device);
}
