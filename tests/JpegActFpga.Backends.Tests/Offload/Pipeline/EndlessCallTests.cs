using System.Collections.Frozen;
using JpegActFpga.Codec;
using JpegActFpga.Core.Backends;
using JpegActFpga.Core.Frames;
using JpegActFpga.Core.Memory;
using JpegActFpga.Core.Profiles;
using JpegActFpga.Core.Tensors;
using JpegActFpga.Offload;
using JpegActFpga.Offload.Policy;
using JpegActFpga.Offload.Resilience;
using JpegActFpga.Offload.Stores;

namespace JpegActFpga.Backends.Tests.Offload.Pipeline;

/// <summary>A backend that breaks its contract and never ends a call: the engine's wait ends, and the memory of the call is nobody's any more.</summary>
public sealed class EndlessCallTests
{
    private static readonly ResilienceOptions Impatient = new() { CallTimeout = TimeSpan.FromMilliseconds(10), EndTimeout = TimeSpan.FromSeconds(1), Retries = 0 };

    [Theory(Timeout = 60_000)]
    [InlineData(OverlapMode.Off)]
    [InlineData(OverlapMode.On)]
    public async Task A_compression_that_does_not_end_keeps_its_source(OverlapMode overlap)
    {
        await using var deaf = new DeafBackend(compresses: false);
        await using var cpu = new CpuBackend();
        using var store = new HostMemoryStore();
        var owner = new TestOwner(3, 2, 4, 16, 16);
        using (var engine = Engine(overlap, store, deaf, cpu))
        {
            Assert.Throws<BackendStuckException>(() =>
            {
                using OffloadTicket ticket = engine.Stash(owner.Source.View, ActivationUse.DenseValues, owner, label: null, TestContext.Current.CancellationToken);
                engine.Take(ticket, TestContext.Current.CancellationToken);
            });
        }

        Assert.Equal((0, 1), (owner.Released, deaf.Waiting));
        Assert.Equal(owner.Original, owner.Source.Bits());
    }

    [Theory(Timeout = 60_000)]
    [InlineData(OverlapMode.Off)]
    [InlineData(OverlapMode.On)]
    public async Task An_expansion_that_does_not_end_keeps_its_destination_and_its_frame(OverlapMode overlap)
    {
        await using var deaf = new DeafBackend(compresses: true);
        await using var cpu = new CpuBackend();
        using var store = new HostMemoryStore();
        var owner = new TestOwner(3, 2, 4, 16, 16);
        using (var engine = Engine(overlap, store, deaf, cpu))
        {
            using OffloadTicket ticket = engine.Stash(owner.Source.View, ActivationUse.DenseValues, owner, label: null, TestContext.Current.CancellationToken);
            Assert.Throws<BackendStuckException>(() => engine.Take(ticket, TestContext.Current.CancellationToken));
        }

        Assert.Equal((1, 0, 1), (owner.Created, owner.Dropped, deaf.Waiting));
        Assert.NotEqual(0, store.HeldBytes);
    }

    private static OffloadEngine Engine(OverlapMode overlap, IFrameStore store, params ICodecBackend[] backends) =>
        new(new JpegActPolicy(CodecProfile.JpegAct(ShiftTables.OptsHigh), minElements: 1), backends, store, Impatient, options: new OffloadEngineOptions { Overlap = overlap, Workers = overlap == OverlapMode.On ? 1 : 0 });

    /// <summary>Neither ends nor hears that it should.</summary>
    private sealed class DeafBackend(bool compresses) : ICodecBackend
    {
        private readonly CpuBackend _cpu = new();
        private readonly TaskCompletionSource<CompressResult> _never = new();
        private int _waiting;

        public BackendCapabilities Capabilities { get; } = new("deaf", "does not hear", Enum.GetValues<CodecMethod>().ToFrozenSet(), MemoryKind.Host, 1);

        internal int Waiting => Volatile.Read(ref _waiting);

        public ValueTask<CompressResult> CompressAsync(TensorView source, CodecProfile profile, NativeSpan<byte> destination, CancellationToken cancellationToken = default)
        {
            if (compresses)
            {
                return _cpu.CompressAsync(source, profile, destination, cancellationToken);
            }

            Interlocked.Increment(ref _waiting);
            return new ValueTask<CompressResult>(_never.Task);
        }

        public ValueTask ExpandAsync(FrameReader frame, TensorView destination, CancellationToken cancellationToken = default)
        {
            Interlocked.Increment(ref _waiting);
            return new ValueTask(_never.Task);
        }

        public ValueTask DisposeAsync() => _cpu.DisposeAsync();
    }
}
