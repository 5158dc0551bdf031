using JpegActFpga.Core.Backends;
using JpegActFpga.Core.Frames;
using JpegActFpga.Core.Memory;
using JpegActFpga.Core.Profiles;
using JpegActFpga.Core.Tensors;

namespace JpegActFpga.Gpu.Tests.Support;

/// <summary>
/// Puts each host tensor into device memory, as far from an aligned address as an element allows, and has the GPU backend
/// work on it there: the contract suite then holds for device tensors.
/// </summary>
internal sealed class DeviceResidentBackend(GpuBackend gpu) : ICodecBackend
{
    public BackendCapabilities Capabilities { get; } = gpu.Capabilities with { Memory = MemoryKind.Host };

    public async ValueTask<CompressResult> CompressAsync(TensorView source, CodecProfile profile, NativeSpan<byte> destination, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(profile);
        Capabilities.Demand(profile.Method, source.Memory);
        using DeviceTensor device = new(gpu.Context, source.Spec);
        device.Write(source.Bytes);
        CompressResult result = await gpu.CompressAsync(device.View, profile, destination, cancellationToken);
        device.DemandIntactGuards();
        return result;
    }

    public async ValueTask ExpandAsync(FrameReader frame, TensorView destination, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(frame);
        Capabilities.Demand(frame.Header.Method, destination.Memory);
        using DeviceTensor device = new(gpu.Context, destination.Spec);
        await gpu.ExpandAsync(frame, device.View, cancellationToken);
        device.DemandIntactGuards();
        device.Read(destination.Bytes);
    }

    public ValueTask DisposeAsync() => gpu.DisposeAsync();
}
