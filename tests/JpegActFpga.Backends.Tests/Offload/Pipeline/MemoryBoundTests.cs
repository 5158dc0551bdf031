using JpegActFpga.Codec;
using JpegActFpga.Core.Memory;
using JpegActFpga.Offload;
using JpegActFpga.Offload.Pipeline;
using JpegActFpga.Offload.Policy;
using JpegActFpga.Offload.Stores;

namespace JpegActFpga.Backends.Tests.Offload.Pipeline;

/// <summary>The bound on host memory: kept at every moment, by back-pressure first and the spill file then.</summary>
public sealed class MemoryBoundTests : IDisposable
{
    private const long Bound = 2 << 20;

    private readonly HostMemoryStore _store = new();
    private readonly List<TestOwner> _owners = [];

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        _owners.ForEach(o => o.Dispose());
        _store.Dispose();
    }

    [Theory]
    [InlineData(OverlapMode.Off)]
    [InlineData(OverlapMode.On)]
    public void More_than_the_bound_goes_to_disk_and_comes_back_bit_for_bit(OverlapMode overlap)
    {
        using var engine = Engine(overlap);
        List<OffloadTicket> tickets = [];
        for (int i = 0; i < 12; i++)
        {
            var owner = new TestOwner(i, 4, 4, 64, 128); // 512 KiB, and raw
            _owners.Add(owner);
            tickets.Add(engine.Stash(owner.Source.View, ActivationUse.DenseValues, owner, null, Token));
            Assert.InRange(_store.HeldBytes, 0, Bound);
        }

        for (int i = 11; i >= 0; i--)
        {
            engine.Take(tickets[i], Token);
            Assert.Equal(_owners[i].Original, _owners[i].Destination!.Bits());
            tickets[i].Dispose();
        }

        PipelineStatistics statistics = engine.Statistics.Pipeline!;
        Assert.True(statistics.SpilledFrames >= 8, $"{statistics}");
        Assert.InRange(statistics.PeakBoundedBytes, Bound / 2, Bound);
        Assert.Equal(0, statistics.BoundedBytes);
        Assert.Equal(0, _store.HeldBytes);
    }

    [Fact]
    public void A_spill_folder_that_does_not_exist_is_told_when_the_engine_is_made()
    {
        var options = new OffloadEngineOptions { HostMemoryBytes = Bound, SpillDirectory = "/nonexistent/folder" };
        Assert.ThrowsAny<IOException>(() => new OffloadEngine(new RawPolicy(1), [new CpuBackend()], _store, options: options));
    }

    [Fact]
    public void A_frame_damaged_in_its_store_is_lost_and_says_so()
    {
        using var engine = Engine(OverlapMode.Off, new DamagingStore(_store));
        var owner = new TestOwner(1, 4, 4, 16, 16);
        _owners.Add(owner);
        OffloadTicket ticket = engine.Stash(owner.Source.View, ActivationUse.DenseValues, owner, null, Token);
        Assert.Contains("damaged", Assert.Throws<FrameLostException>(() => engine.Take(ticket, Token)).Message, StringComparison.Ordinal);
        Assert.Equal((1, 1), (owner.Created, owner.Dropped));
        ticket.Dispose();
    }

    [Theory]
    [InlineData(nameof(OffloadEngineOptions.HostMemoryBytes))]
    [InlineData(nameof(OffloadEngineOptions.Workers))]
    [InlineData(nameof(OffloadEngineOptions.Prefetch))]
    [InlineData(nameof(OffloadEngineOptions.VerifyShare))]
    [InlineData(nameof(OffloadEngineOptions.WaitLimit))]
    public void Options_out_of_range_are_named(string name)
    {
        OffloadEngineOptions bad = name switch
        {
            nameof(OffloadEngineOptions.HostMemoryBytes) => new() { HostMemoryBytes = 1000 },
            nameof(OffloadEngineOptions.Workers) => new() { Workers = 65 },
            nameof(OffloadEngineOptions.Prefetch) => new() { Prefetch = -1 },
            nameof(OffloadEngineOptions.VerifyShare) => new() { VerifyShare = double.NaN },
            _ => new() { WaitLimit = TimeSpan.Zero },
        };
        Assert.Equal(name, Assert.Throws<ArgumentOutOfRangeException>(() => new OffloadEngine(new RawPolicy(1), [new CpuBackend()], _store, options: bad)).ParamName);
    }

    private OffloadEngine Engine(OverlapMode overlap, IFrameStore? store = null) => new(
        new RawPolicy(1),
        [new CpuBackend(new CpuBackendOptions { Threads = 1 })],
        store ?? _store,
        options: new OffloadEngineOptions { Overlap = overlap, HostMemoryBytes = Bound });

    private sealed class DamagingStore(HostMemoryStore inner) : IFrameStore
    {
        public string Name => "a bad memory";

        public long HeldBytes => inner.HeldBytes;

        public FrameHandle Put(NativeSpan<byte> frame)
        {
            FrameHandle handle = inner.Put(frame);
            inner.Read(handle, default)[frame.Length - 1] ^= 4;
            return handle;
        }

        public NativeSpan<byte> Read(FrameHandle handle, NativeSpan<byte> room) => inner.Read(handle, room);

        public bool Remove(FrameHandle handle) => inner.Remove(handle);

        public void Dispose() => inner.Dispose();
    }
}
