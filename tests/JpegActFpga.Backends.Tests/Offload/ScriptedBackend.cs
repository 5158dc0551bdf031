using System.Collections.Frozen;
using JpegActFpga.Codec;
using JpegActFpga.Core.Backends;
using JpegActFpga.Core.Frames;
using JpegActFpga.Core.Memory;
using JpegActFpga.Core.Profiles;
using JpegActFpga.Core.Tensors;

namespace JpegActFpga.Backends.Tests.Offload;

/// <summary>Does jpeg-act as the CPU does, and fails when told.</summary>
internal sealed class ScriptedBackend : ICodecBackend
{
    private readonly CpuBackend _cpu = new();
    private BackendFailure _failure;
    private int _failures;

    public BackendCapabilities Capabilities { get; } = new("scripted", "a script", new[] { CodecMethod.JpegAct }.ToFrozenSet(), MemoryKind.Host, 1);

    internal int Calls { get; private set; }

    internal bool DamageNextFrame { get; set; }

    public async ValueTask<CompressResult> CompressAsync(TensorView source, CodecProfile profile, NativeSpan<byte> destination, CancellationToken cancellationToken = default)
    {
        FailAsTold();
        CompressResult result = await _cpu.CompressAsync(source, profile, destination, cancellationToken);
        if (DamageNextFrame)
        {
            DamageNextFrame = false;
            Damage(destination, result.FrameBytes - 1);
        }

        return result;
    }

    public ValueTask ExpandAsync(FrameReader frame, TensorView destination, CancellationToken cancellationToken = default)
    {
        FailAsTold();
        return _cpu.ExpandAsync(frame, destination, cancellationToken);
    }

    public ValueTask DisposeAsync() => _cpu.DisposeAsync();

    internal void FailNext(BackendFailure failure, int times) => (_failure, _failures) = (failure, times);

    private static void Damage(NativeSpan<byte> frame, long at) => frame[at] ^= 0x10;

    private void FailAsTold()
    {
        Calls++;
        if (_failures > 0)
        {
            _failures--;
            throw new BackendException(_failure, "as the script says");
        }
    }
}
