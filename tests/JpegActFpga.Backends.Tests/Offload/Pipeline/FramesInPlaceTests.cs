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

/// <summary>A frame that the processor makes is made where it stays; what devices write to is memory that they know.</summary>
public sealed class FramesInPlaceTests : IDisposable
{
    private readonly CountingStore _store = new();
    private readonly List<TestOwner> _owners = [];

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        _owners.ForEach(o => o.Dispose());
        _store.Dispose();
    }

    [Theory]
    [InlineData(OverlapMode.Off, false, 3, 0)]
    [InlineData(OverlapMode.On, false, 0, 3)] // rooms of several workers would leave gaps
    [InlineData(OverlapMode.Off, true, 0, 3)]
    public void Frames_are_copied_only_where_they_must_be(OverlapMode overlap, bool device, int kept, int copied)
    {
        using (OffloadEngine engine = Engine(overlap, device ? [new ScriptedBackend(), new CpuBackend()] : [new CpuBackend()]))
        {
            RoundTrip(engine, 3);
        }

        Assert.Equal((kept, copied, 0), (_store.Kept, _store.Copied, _store.TakenBack));
        Assert.Equal(0, _store.HeldBytes);
    }

    [Fact]
    public void A_room_goes_back_where_no_frame_was_made_and_the_next_frame_has_it()
    {
        using OffloadEngine engine = Engine(OverlapMode.Off, [new CpuBackend()]);
        using var cancelled = new CancellationTokenSource();
        cancelled.Cancel();
        TestOwner owner = Owner(1);
        Assert.ThrowsAny<OperationCanceledException>(() => engine.Stash(owner.Source.View, ActivationUse.DenseValues, owner, null, cancelled.Token));
        Assert.Equal((0, 0, 1), (_store.Kept, _store.Copied, _store.TakenBack));
        RoundTrip(engine, 1);
        Assert.Equal((1, 0, 1), (_store.Kept, _store.Copied, _store.TakenBack));
    }

    [Fact]
    public void A_frame_that_is_spilled_leaves_its_room()
    {
        using OffloadEngine engine = Engine(OverlapMode.Off, [new CpuBackend()], OffloadEngineOptions.MinHostMemoryBytes);
        List<OffloadTicket> tickets = [];
        while (engine.Statistics.Pipeline!.SpilledFrames == 0)
        {
            TestOwner owner = Owner(tickets.Count);
            tickets.Add(engine.Stash(owner.Source.View, ActivationUse.DenseValues, owner, null, Token));
        }

        Assert.Equal((tickets.Count - 1, 0, 1), (_store.Kept, _store.Copied, _store.TakenBack));
        tickets.ForEach(t => t.Dispose());
    }

    [Fact(Timeout = 60_000)]
    public async Task A_room_that_a_call_may_use_for_ever_is_neither_freed_nor_lent_again()
    {
        await using var stuck = new StuckProcessor();
        using (var engine = new OffloadEngine(new JpegActPolicy(CodecProfile.JpegAct(ShiftTables.OptsHigh), minElements: 1), [stuck], _store, new ResilienceOptions { CallTimeout = TimeSpan.FromMilliseconds(10), EndTimeout = TimeSpan.FromSeconds(1), Retries = 0 }))
        {
            TestOwner owner = Owner(1);
            Assert.Throws<BackendStuckException>(() => engine.Stash(owner.Source.View, ActivationUse.DenseValues, owner, null, Token));
        }

        Assert.Equal((0, 0, 0), (_store.Kept, _store.Copied, _store.TakenBack));
        Assert.False(_store.TryLend(1, out _));
        _store.Dispose();
        stuck.Room.Clear(); // still memory
    }

    private void RoundTrip(OffloadEngine engine, int tensors)
    {
        List<(TestOwner Owner, OffloadTicket Ticket)> stashed = [];
        for (int i = 0; i < tensors; i++)
        {
            TestOwner owner = Owner(i);
            stashed.Add((owner, engine.Stash(owner.Source.View, ActivationUse.DenseValues, owner, null, Token)));
        }

        foreach ((TestOwner owner, OffloadTicket ticket) in stashed)
        {
            engine.Take(ticket, Token);
            Assert.NotNull(owner.Destination);
            ticket.Dispose();
        }
    }

    private TestOwner Owner(int seed)
    {
        var owner = new TestOwner(seed, 4, 4, 64, 64);
        _owners.Add(owner);
        return owner;
    }

    private OffloadEngine Engine(OverlapMode overlap, ICodecBackend[] backends, long? memory = null) => new(
        new JpegActPolicy(CodecProfile.JpegAct(ShiftTables.OptsHigh), minElements: 1),
        backends,
        _store,
        options: new OffloadEngineOptions { Overlap = overlap, HostMemoryBytes = memory });

    /// <summary>Says that it is the processor, and never ends a call.</summary>
    private sealed class StuckProcessor : ICodecBackend
    {
        private readonly TaskCompletionSource<CompressResult> _never = new();

        public BackendCapabilities Capabilities { get; } = new("stuck", "does not end", Enum.GetValues<CodecMethod>().ToFrozenSet(), MemoryKind.Host, 1) { UsesHostProcessor = true };

        internal NativeSpan<byte> Room { get; private set; }

        public ValueTask<CompressResult> CompressAsync(TensorView source, CodecProfile profile, NativeSpan<byte> destination, CancellationToken cancellationToken = default)
        {
            Room = destination;
            return new ValueTask<CompressResult>(_never.Task);
        }

        public ValueTask ExpandAsync(FrameReader frame, TensorView destination, CancellationToken cancellationToken = default) => throw new NotSupportedException();

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }

    private sealed class CountingStore : IFrameStore
    {
        private readonly HostMemoryStore _inner = new();
        private int _kept;
        private int _copied;
        private int _takenBack;

        public string Name => _inner.Name;

        public long HeldBytes => _inner.HeldBytes;

        internal int Kept => Volatile.Read(ref _kept);

        internal int Copied => Volatile.Read(ref _copied);

        internal int TakenBack => Volatile.Read(ref _takenBack);

        public FrameHandle Put(NativeSpan<byte> frame)
        {
            Interlocked.Increment(ref _copied);
            return _inner.Put(frame);
        }

        public bool TryLend(long bytes, out NativeSpan<byte> room) => _inner.TryLend(bytes, out room);

        public FrameHandle Keep(NativeSpan<byte> room, long bytes)
        {
            Interlocked.Increment(ref _kept);
            return _inner.Keep(room, bytes);
        }

        public void TakeBack(NativeSpan<byte> room)
        {
            Interlocked.Increment(ref _takenBack);
            _inner.TakeBack(room);
        }

        public void Pin(FrameHandle handle) => _inner.Pin(handle);

        public NativeSpan<byte> Read(FrameHandle handle, NativeSpan<byte> room) => _inner.Read(handle, room);

        public bool Remove(FrameHandle handle) => _inner.Remove(handle);

        public void Dispose() => _inner.Dispose();
    }
}
