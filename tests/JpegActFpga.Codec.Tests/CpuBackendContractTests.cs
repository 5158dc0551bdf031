using System.Collections.Frozen;
using JpegActFpga.Backends.Conformance;
using JpegActFpga.Core.Backends;
using JpegActFpga.Core.Frames;
using JpegActFpga.Core.Memory;
using JpegActFpga.Core.Profiles;
using JpegActFpga.Core.Tensors;

namespace JpegActFpga.Codec.Tests;

/// <summary>The contract suite on the CPU backend, which every machine has.</summary>
public class CpuBackendContractTests : CodecBackendContract
{
    protected override (ICodecBackend? Backend, string? WhyNot) TryCreate() => (new CpuBackend(), null);
}

/// <summary>The contract suite on a backend with two methods only, for the tests that a backend with all methods skips.</summary>
public class LimitedBackendContractTests : CodecBackendContract
{
    protected override int CasesPerMethod => 10;

    protected override (ICodecBackend? Backend, string? WhyNot) TryCreate() => (new LimitedBackend(), null);

    private sealed class LimitedBackend : ICodecBackend
    {
        private readonly CpuBackend _cpu = new();

        public BackendCapabilities Capabilities { get; } = new(
            "limited",
            "CPU, two methods",
            new[] { CodecMethod.JpegAct, CodecMethod.Brc }.ToFrozenSet(),
            MemoryKind.Host,
            1);

        public async ValueTask<CompressResult> CompressAsync(TensorView source, CodecProfile profile, NativeSpan<byte> destination, CancellationToken cancellationToken = default)
        {
            ArgumentNullException.ThrowIfNull(profile);
            Capabilities.Demand(profile.Method, source.Memory);
            return await _cpu.CompressAsync(source, profile, destination, cancellationToken);
        }

        public async ValueTask ExpandAsync(FrameReader frame, TensorView destination, CancellationToken cancellationToken = default)
        {
            ArgumentNullException.ThrowIfNull(frame);
            Capabilities.Demand(frame.Header.Method, destination.Memory);
            await _cpu.ExpandAsync(frame, destination, cancellationToken);
        }

        public ValueTask DisposeAsync() => _cpu.DisposeAsync();
    }
}
