using JpegActFpga.Backends.Conformance;
using JpegActFpga.Core.Backends;
using JpegActFpga.Gpu.Tests.Support;

namespace JpegActFpga.Gpu.Tests;

/// <summary>The contract suite on the GPU with host tensors; a small ring, so that most tensors go through it in parts.</summary>
[Collection(GpuTestGroup.Name)]
public class GpuBackendContractTests : CodecBackendContract
{
    protected override (ICodecBackend? Backend, string? WhyNot) TryCreate()
    {
        if (Support.Gpu.WhyNot is { } reason)
        {
            return (null, reason);
        }

        Support.Gpu.Reset();
        return (GpuBackend.Open(new GpuOptions { RingSlotBytes = 4096 }), null);
    }
}

/// <summary>The contract suite on the GPU with tensors in device memory.</summary>
[Collection(GpuTestGroup.Name)]
public class DeviceTensorContractTests : CodecBackendContract
{
    protected override int CasesPerMethod => 80;

    protected override (ICodecBackend? Backend, string? WhyNot) TryCreate()
    {
        if (Support.Gpu.WhyNot is { } reason)
        {
            return (null, reason);
        }

        Support.Gpu.Reset();
        return (new DeviceResidentBackend(GpuBackend.Open()), null);
    }
}
