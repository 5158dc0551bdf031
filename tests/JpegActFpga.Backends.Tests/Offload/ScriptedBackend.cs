using System.Collections.Frozen;
using JpegActFpga.Codec;
using JpegActFpga.Core.Backends;
using JpegActFpga.Core.Frames;
using JpegActFpga.Core.Memory;
using JpegActFpga.Core.Profiles;
using JpegActFpga.Core.Tensors;

namespace JpegActFpga.Backends.Tests.Offload;

/// <summary>Does jpeg-act as the CPU does, and fails when told.</summary>
internal sealed class ScriptedBackend(string name = "scripted", string device = "a script") : ICodecBackend
{
    private readonly CpuBackend _cpu = new();
    private BackendFailure _failure;
    private int _failures;
    private int _calls;

    public BackendCapabilities Capabilities { get; } = new(name, device, new[] { CodecMethod.JpegAct }.ToFrozenSet(), MemoryKind.Host, 1);

    internal int Calls => Volatile.Read(ref _calls);

    internal bool DamageNextFrame { get; set; }

    /// <summary>Expands wrongly, and does not know it.</summary>
    internal bool IsSick { get; set; }

    internal bool IsDisposed { get; private set; }

    /// <summary>Calls wait here for their turn while it is there, as calls wait for a device that others use.</summary>
    internal Task? Turn { get; set; }

    public async ValueTask<CompressResult> CompressAsync(TensorView source, CodecProfile profile, NativeSpan<byte> destination, CancellationToken cancellationToken = default)
    {
        await BeginAsync(cancellationToken);
        CompressResult result = await _cpu.CompressAsync(source, profile, destination, cancellationToken);
        if (DamageNextFrame)
        {
            DamageNextFrame = false;
            Flip(destination, result.FrameBytes - 1);
        }

        return result;
    }

    public async ValueTask ExpandAsync(FrameReader frame, TensorView destination, CancellationToken cancellationToken = default)
    {
        await BeginAsync(cancellationToken);
        await _cpu.ExpandAsync(frame, destination, cancellationToken);
        if (IsSick)
        {
            Flip(destination.Bytes, 0);
        }
    }

    public ValueTask DisposeAsync()
    {
        IsDisposed = true;
        return _cpu.DisposeAsync();
    }

    internal void FailNext(BackendFailure failure, int times) => (_failure, _failures) = (failure, times);

    private static void Flip(NativeSpan<byte> bytes, long at) => bytes[at] ^= 0x10;

    private async ValueTask BeginAsync(CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref _calls);
        if (Turn is { } turn)
        {
            await turn.WaitAsync(cancellationToken);
        }

        if (_failures > 0)
        {
            _failures--;
            throw new BackendException(_failure, "as the script says");
        }
    }
}
