using JpegActFpga.Codec.Reference;
using JpegActFpga.Core.Backends;
using JpegActFpga.Core.Frames;
using JpegActFpga.Core.Memory;
using JpegActFpga.Core.Observability;
using JpegActFpga.Core.Profiles;
using JpegActFpga.Core.Tensors;
using JpegActFpga.Offload.Pipeline;
using JpegActFpga.Offload.Resilience;
using JpegActFpga.Offload.Statistics;

namespace JpegActFpga.Offload.Verification;

/// <summary>
/// Opens each frame that a device made, and lets the reference model make all or some of the results again: every byte must
/// be equal. Safe from any thread.
/// </summary>
/// <remarks>
/// Which results are checked is a function of the seed and of what is in the frame, so it does not depend on the order in
/// which threads come by. What is not in host memory is not recomputed; see the count.
/// </remarks>
/// <param name="options">Checked options.</param>
internal sealed class OutputCheck(OffloadEngineOptions options) : IOutputCheck, IDisposable
{
    private const int ChecksumAt = 56;
    private const ulong ExpandedSalt = 0x9e3779b97f4a7c15;

    [ThreadStatic]
    private static ActivationLabel? _label;

    private readonly ScratchPool _scratch = new();
    private readonly ReaderPool _readers = new();
    private long _verified;
    private long _mismatches;

    /// <summary>Gets the results made again, and how many of them differed.</summary>
    internal (long Verified, long Mismatches) Counts => (Interlocked.Read(ref _verified), Interlocked.Read(ref _mismatches));

    /// <summary>Gets a value indicating whether the reference model looks at anything.</summary>
    internal bool Recomputes => options.Verify != VerifyMode.Off;

    /// <summary>Says whose activation this thread works on, for messages.</summary>
    /// <param name="label">The label, or null.</param>
    internal static void WorkOn(ActivationLabel? label) => _label = label;

    /// <inheritdoc/>
    public void Compressed(BackendCapabilities by, TensorView source, CodecProfile profile, NativeSpan<byte> frame)
    {
        FrameReader reader = _readers.Rent();
        try
        {
            reader.Reopen(frame, source.Spec, profile.Shifts);
        }
        catch (InvalidFrameException error)
        {
            throw new BackendException(BackendFailure.CorruptOutput, $"Backend {by.Name} made a frame that is refused: {error.Message}", error);
        }
        finally
        {
            _readers.Return(reader);
        }

        if (!IsChosen(frame, 0) || !InHostMemory(source))
        {
            return;
        }

        using var work = new Verifying(by.Name);
        using ScratchPool.Lease room = _scratch.Rent(FrameLayout.MaxFrameBytes(source.Spec, profile));
        CompressResult expected = ReferenceCodec.Encode(source, profile, room.Bytes);
        NativeSpan<byte> right = room.Bytes.Slice(0, expected.FrameBytes);
        string? difference = FrameDifference.Find(right, frame);
        Count(by, difference is null);
        if (difference is not null)
        {
            throw Refusal(by, source.Spec, difference);
        }
    }

    /// <inheritdoc/>
    public void Expanded(BackendCapabilities by, FrameReader frame, TensorView destination)
    {
        if (!IsChosen(frame.Bytes, ExpandedSalt) || !InHostMemory(destination))
        {
            return;
        }

        using var work = new Verifying(by.Name);
        using ScratchPool.Lease room = _scratch.Rent(destination.Bytes.Length);
        NativeSpan<byte> right = room.Bytes.Slice(0, destination.Bytes.Length);
        var expected = new TensorView(destination.Spec, right);
        ReferenceCodec.Decode(frame, expected);
        string? difference = TensorDifference.Find(expected, destination, frame.Header.Method);
        Count(by, difference is null);
        if (difference is not null)
        {
            throw Refusal(by, destination.Spec, difference);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _scratch.Dispose();

    private static bool InHostMemory(TensorView tensor) => tensor.Memory is MemoryKind.Host or MemoryKind.PinnedHost;

    private static BackendException Refusal(BackendCapabilities by, TensorSpec spec, string difference) => new(
        BackendFailure.CorruptOutput,
        $"Shadow verification: backend {by.Name} and the reference model differ on {spec}{(_label is { } label ? $" of layer '{label.Layer}' ({label.Node ?? "no node"}, {label.Treatment})" : "")}: {difference}");

    private bool IsChosen(NativeSpan<byte> frame, ulong salt)
    {
        if (options.Verify != VerifyMode.Sample)
        {
            return options.Verify == VerifyMode.All;
        }

        // The header's checksum covers scales, offsets and tile checksums: it stands for the whole content.
        ulong mixed = (options.VerifySeed * ExpandedSalt) + salt + frame.Slice(ChecksumAt, sizeof(uint)).Cast<uint>()[0];
        mixed = (mixed ^ (mixed >> 30)) * 0xbf58476d1ce4e5b9;
        mixed = (mixed ^ (mixed >> 27)) * 0x94d049bb133111eb;
        mixed ^= mixed >> 31;
        return (mixed >> 11) * (1.0 / (1UL << 53)) < options.VerifyShare;
    }

    private void Count(BackendCapabilities by, bool equal)
    {
        OffloadTelemetry.Verified(by.Name, equal);
        Interlocked.Increment(ref _verified);
        if (!equal)
        {
            Interlocked.Increment(ref _mismatches);
        }
    }

    /// <summary>A result that is made again, in the queue's depth and as a stage.</summary>
    private readonly struct Verifying : IDisposable
    {
        private readonly StageScope _stage;

        internal Verifying(string backend)
        {
            OffloadTelemetry.Queued(Backlog.Verify, 1);
            _stage = StageTelemetry.Start(Stage.Verify, backend);
        }

        public void Dispose()
        {
            _stage.Dispose();
            OffloadTelemetry.Queued(Backlog.Verify, -1);
        }
    }
}
