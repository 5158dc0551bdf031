using System.Collections.Frozen;
using JpegActFpga.Backends.Tests.Support;
using JpegActFpga.Codec;
using JpegActFpga.Core.Backends;
using JpegActFpga.Core.Frames;
using JpegActFpga.Core.Memory;
using JpegActFpga.Core.Profiles;
using JpegActFpga.Core.Tensors;

namespace JpegActFpga.Backends.Tests.Offload;

/// <summary>Makes whole, well-formed frames of slightly other tensors, and tensors with a wrong bit.</summary>
internal sealed class LyingBackend : ICodecBackend
{
    private readonly CpuBackend _cpu = new();

    public BackendCapabilities Capabilities { get; } = new("liar", "a test's device", Enum.GetValues<CodecMethod>().ToFrozenSet(), MemoryKind.Host, 1);

    /// <summary>The element that the next frame has otherwise; null for an honest one.</summary>
    internal long? ChangeElement { get; set; }

    internal bool DamageExpanded { get; set; }

    public ValueTask<CompressResult> CompressAsync(TensorView source, CodecProfile profile, NativeSpan<byte> destination, CancellationToken cancellationToken = default)
    {
        if (ChangeElement is not { } element)
        {
            return _cpu.CompressAsync(source, profile, destination, cancellationToken);
        }

        ChangeElement = null;
        using var other = new OwnTensor(source.Spec.Shape.Dimensions.ToArray());
        source.Bytes.CopyTo(other.View.Bytes);
        other.Elements[element] += 0.5f;
        return _cpu.CompressAsync(other.View, profile, destination, cancellationToken);
    }

    public async ValueTask ExpandAsync(FrameReader frame, TensorView destination, CancellationToken cancellationToken = default)
    {
        await _cpu.ExpandAsync(frame, destination, cancellationToken);
        if (DamageExpanded)
        {
            DamageExpanded = false;
            Flip(destination.Bytes, 768 * sizeof(float));
        }
    }

    public ValueTask DisposeAsync() => _cpu.DisposeAsync();

    private static void Flip(NativeSpan<byte> bytes, long at) => bytes[at] ^= 1;
}
