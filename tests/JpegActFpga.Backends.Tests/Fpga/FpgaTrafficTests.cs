using JpegActFpga.Backends.Tests.Support;
using JpegActFpga.Core.Backends;
using JpegActFpga.Core.Frames;
using JpegActFpga.Core.Memory;
using JpegActFpga.Core.Profiles;
using JpegActFpga.Fpga;
using JpegActFpga.Xclbin;
using JpegActFpga.Xrt;
using JpegActFpga.Xrt.Tests;

namespace JpegActFpga.Backends.Tests.Fpga;

/// <summary>How tensors share launches, links and card memory.</summary>
[Collection(CardsTestGroup.Name)]
public sealed class FpgaTrafficTests : IDisposable
{
    private static readonly CodecProfile Profile = CodecProfile.JpegAct(ShiftTables.OptsLow);

    private readonly EmulatedCard _card;

    public FpgaTrafficTests(CardsFixture fixture)
    {
        Assert.SkipWhen(CardsFixture.WhyNot is not null, CardsFixture.WhyNot ?? string.Empty);
        _card = fixture.Card!;
        _card.SetFaults(string.Empty);
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _card.SetFaults(string.Empty);

    [Fact(Timeout = 180_000)]
    public async Task A_tensor_alone_gets_a_launch_of_its_own_at_once()
    {
        await using FpgaBackend backend = FpgaBackend.Open(CardsFixture.Options());
        for (int i = 1; i <= 5; i++)
        {
            await RoundTrip(backend, seed: i);
            Assert.Equal((2L * i, 2L * i, 2L * i), (backend.Statistics.Launches, backend.Statistics.Batches, backend.Statistics.Parts));
        }
    }

    [Fact(Timeout = 180_000)]
    public async Task Tensors_that_wait_share_launches_and_keep_their_bytes()
    {
        const int Tensors = 64;
        await using FpgaBackend backend = FpgaBackend.Open(CardsFixture.Options(launchBlocks: 1024) with { LaunchesInFlight = 1 });

        Traffic[] traffic = [.. Enumerable.Range(0, Tensors).Select(seed => new Traffic(seed))];

        // All units are held up, so that the others find a queue: a call is in it when it returns.
        _card.SetFaults("hold*forever");
        Task<CompressResult>[] compressions = [.. traffic.Select(t => backend.CompressAsync(t.Tensor.View, Profile, t.Frame.Bytes, Token).AsTask())];
        _card.Release("hold");
        CompressResult[] results = await Task.WhenAll(compressions);
        FpgaStatistics compressed = backend.Statistics;
        Assert.Equal(Tensors, compressed.Parts);
        Assert.InRange(compressed.Launches, 2, Tensors / 4);

        _card.SetFaults("hold*forever");
        Task[] expansions = [.. traffic.Select((t, i) => backend.ExpandAsync(FrameReader.Open(t.Made(results[i])), t.Expanded.View, Token).AsTask())];
        _card.Release("hold");
        await Task.WhenAll(expansions);
        FpgaStatistics statistics = backend.Statistics;
        Assert.Equal(2 * Tensors, statistics.Parts);
        Assert.InRange(statistics.Launches - compressed.Launches, 2, Tensors / 4);
        foreach ((Traffic t, CompressResult result) in traffic.Zip(results))
        {
            t.Check(result);
            t.Dispose();
        }
    }

    [Fact(Timeout = 180_000)]
    public async Task A_cancelled_call_gives_up_what_no_unit_took_yet()
    {
        await using FpgaBackend backend = FpgaBackend.Open(CardsFixture.Options() with { LaunchesInFlight = 1 });
        using var tensor = new OwnTensor(2, 3, 16, 16);
        _card.SetFaults("hold*2");
        using var first = new NativeBuffer(FrameLayout.MaxFrameBytes(tensor.Spec, Profile));
        using var second = new NativeBuffer(FrameLayout.MaxFrameBytes(tensor.Spec, Profile));
        using var third = new NativeBuffer(FrameLayout.MaxFrameBytes(tensor.Spec, Profile));
        using var cancelled = new CancellationTokenSource();
        Task running = Task.WhenAll(
            backend.CompressAsync(tensor.View, Profile, first.Bytes, Token).AsTask(),
            backend.CompressAsync(tensor.View, Profile, second.Bytes, Token).AsTask());
        Wait.Until(() => _card.FaultHits("hold") == 2, "both units are held");
        Task<CompressResult> waiting = backend.CompressAsync(tensor.View, Profile, third.Bytes, cancelled.Token).AsTask();
        await cancelled.CancelAsync();
        _card.Release("hold");
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
        await running;
        Assert.Equal(2, backend.Statistics.Launches);
    }

    [Fact(Timeout = 180_000)]
    public async Task Two_transfers_and_more_are_under_way_in_each_direction()
    {
        await using FpgaBackend backend = FpgaBackend.Open(CardsFixture.Options(launchBlocks: 64));
        _card.SetFaults("hold_in*2");
        _card.TakeTraffic();

        // Of 48 blocks each: no two of them share a launch.
        Task traffic = Task.WhenAll(Enumerable.Range(0, 4).Select(seed => Task.Run(() => RoundTrip(backend, seed, 4, 3, 16, 16), Token)));
        Wait.Until(() => _card.FaultHits("hold_in") == 2, "two transfers to the card are under way");
        _card.SetFaults("hold_out*2");
        Wait.Until(() => _card.FaultHits("hold_out") == 2, "two transfers from the card are under way");
        _card.SetFaults(string.Empty);
        await traffic;

        // As the driver saw them, below any lock of this program's or of XRT's.
        CardTraffic seen = _card.TakeTraffic();
        Assert.InRange(seen.PeakToCard, 2u, 12u);
        Assert.InRange(seen.PeakFromCard, 2u, 12u);

        // A transfer begins for the backend before it does for the driver, and ends later.
        Assert.InRange((uint)backend.Statistics.PeakToCard, seen.PeakToCard, 12u);
        Assert.InRange((uint)backend.Statistics.PeakFromCard, seen.PeakFromCard, 12u);
    }

    [Fact(Timeout = 180_000)]
    public async Task All_units_of_a_kernel_work_on_a_large_tensor_at_once()
    {
        await using FpgaBackend backend = FpgaBackend.Open(CardsFixture.Options(launchBlocks: 64));
        int encoders = backend.Bitstream.File.ComputeUnits.Count(unit => unit.Kernel == KernelInterface.Encode.Name);
        int decoders = backend.Bitstream.File.ComputeUnits.Count(unit => unit.Kernel == KernelInterface.Decode.Name);
        Assert.True(encoders >= 2 && decoders >= 2);
        using OwnTensor tensor = new OwnTensor(4, 8, 64, 64).Fill(seed: 3);
        using var expanded = new OwnTensor(4, 8, 64, 64);
        using var memory = new NativeBuffer(FrameLayout.MaxFrameBytes(tensor.Spec, Profile));
        _card.SetFaults($"hold*{encoders}");
        _card.TakeTraffic();
        Task<CompressResult> compression = backend.CompressAsync(tensor.View, Profile, memory.Bytes, Token).AsTask();
        Wait.Until(() => _card.FaultHits("hold") == encoders, "all encoders are at work");
        _card.Release("hold");
        CompressResult result = await compression;
        Assert.Equal((uint)encoders, _card.TakeTraffic().PeakUnits);
        _card.SetFaults($"hold*{decoders}");
        Task expansion = backend.ExpandAsync(FrameReader.Open(memory.Bytes.Slice(0, result.FrameBytes)), expanded.View, Token).AsTask();
        Wait.Until(() => _card.FaultHits("hold") == decoders, "all decoders are at work");
        _card.SetFaults(string.Empty);
        await expansion;
        Assert.Equal((uint)decoders, _card.TakeTraffic().PeakUnits);
        Assert.Equal(tensor.ReferenceRoundTrip(Profile), expanded.Bits());
    }

    [Theory(Timeout = 180_000)]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Transfers_go_to_and_from_the_pages_that_are_filled_and_no_byte_crosses_twice(bool userPointers)
    {
        await using FpgaBackend backend = FpgaBackend.Open(CardsFixture.Options(launchBlocks: 16384) with { UserPointers = userPointers });
        using OwnTensor tensor = new OwnTensor(4, 8, 64, 64).Fill(seed: 3);
        using var expanded = new OwnTensor(4, 8, 64, 64);
        using var memory = new NativeBuffer(FrameLayout.MaxFrameBytes(tensor.Spec, Profile));
        _card.TakeTraffic();
        (long sent, long received) = (_card.BytesSynced(XrtSyncDirection.ToDevice), _card.BytesSynced(XrtSyncDirection.FromDevice));
        CompressResult result = await backend.CompressAsync(tensor.View, Profile, memory.Bytes, Token);

        // The tensor and its index one way, the frame's content the other; words and tables leave some per cent unused.
        long bytes = tensor.Spec.ByteCount;
        Assert.InRange(_card.BytesSynced(XrtSyncDirection.ToDevice) - sent, bytes, bytes + (bytes / 20));
        Assert.InRange(_card.BytesSynced(XrtSyncDirection.FromDevice) - received, result.FrameBytes / 2, result.FrameBytes + (result.FrameBytes / 10));
        (sent, received) = (_card.BytesSynced(XrtSyncDirection.ToDevice), _card.BytesSynced(XrtSyncDirection.FromDevice));
        await backend.ExpandAsync(FrameReader.Open(memory.Bytes.Slice(0, result.FrameBytes)), expanded.View, Token);
        Assert.InRange(_card.BytesSynced(XrtSyncDirection.ToDevice) - sent, result.FrameBytes / 2, result.FrameBytes + (result.FrameBytes / 10));
        Assert.InRange(_card.BytesSynced(XrtSyncDirection.FromDevice) - received, bytes, bytes + (bytes / 20));

        // The driver reads and writes pages that it was given: this program's, or those that XRT 2.13 gives it for other buffers.
        CardTraffic made = _card.TakeTraffic();
        Assert.True(made.UserBuffers >= 5);
        Assert.Equal(0u, made.DriverBuffers);
        Assert.Equal(userPointers ? made.UserBuffers : 0, backend.Statistics.Memory.UserPointerBuffers);
    }

    [Fact(Timeout = 180_000)]
    public async Task Card_memory_stays_within_a_small_budget_under_load()
    {
        await using FpgaBackend backend = FpgaBackend.Open(CardsFixture.Options(launchBlocks: 16384) with { DeviceMemoryBytes = FpgaOptions.MinDeviceMemoryBytes });

        // Until a batch waits for buffers, nobody gives any back.
        _card.SetFaults("hold*forever");
        Task load = Task.WhenAll(Enumerable.Range(0, 8).Select(seed => Task.Run(
            async () =>
            {
                for (int i = 0; i < 5; i++)
                {
                    await RoundTrip(backend, (10 * seed) + i, 3, 8, 64, 64);
                }
            },
            Token)));
        Wait.Until(() => backend.Statistics.Memory.Waits > 0, "the budget is short");
        _card.SetFaults(string.Empty);
        await load;
        Assert.InRange(backend.Statistics.Memory.PeakBytes, 1, FpgaOptions.MinDeviceMemoryBytes);
    }

    [Fact(Timeout = 180_000)]
    public async Task A_hang_leaks_its_launchs_buffers_and_says_how_many()
    {
        var hanging = new HangingUnits();
        await using FpgaBackend backend = FpgaBackend.Open(hanging.Options);
        using var tensor = new OwnTensor(2, 3, 40, 28);
        using var frame = new NativeBuffer(FrameLayout.MaxFrameBytes(tensor.Spec, Profile));
        int handles = XrtDiagnostics.LeakedHandles;
        _card.SetFaults("hang");
        await Assert.ThrowsAsync<BackendException>(async () => await backend.CompressAsync(tensor.View, Profile, frame.Bytes, Token));
        FpgaStatistics statistics = backend.Statistics;
        Assert.Equal((1, 5L), (statistics.LostUnits, statistics.Memory.LeakedBuffers));
        Assert.InRange(statistics.Memory.LeakedBytes, 5 * 4096, 1 << 20);
        Assert.True(XrtDiagnostics.LeakedHandles >= handles + 6, "the run and its buffers are not marked as leaked");
        _card.SetFaults(string.Empty);
        hanging.Hang(false);
        await RoundTrip(backend, seed: 3);
        _card.Reset();
    }

    [Fact(Timeout = 180_000)]
    public async Task A_lost_maximum_unit_leaves_the_scales_to_the_host()
    {
        var hanging = new HangingUnits();
        await using FpgaBackend backend = FpgaBackend.Open(hanging.Options with { ScalesOnCard = true, LaunchesInFlight = 1 });
        using var tensor = new OwnTensor(2, 3, 40, 28);
        using var frame = new NativeBuffer(FrameLayout.MaxFrameBytes(tensor.Spec, Profile));
        _card.SetFaults("hang*2");
        await Assert.ThrowsAsync<BackendException>(async () => await backend.CompressAsync(tensor.View, Profile, frame.Bytes, Token));
        await Assert.ThrowsAsync<BackendException>(async () => await backend.CompressAsync(tensor.View, Profile, frame.Bytes, Token));
        _card.SetFaults(string.Empty);
        hanging.Hang(false);
        for (int seed = 0; seed < 4; seed++)
        {
            await RoundTrip(backend, seed);
        }

        Assert.Equal(2, backend.Statistics.LostUnits);
        _card.Reset();
    }

    [Fact(Timeout = 180_000)]
    public async Task In_the_steady_state_a_round_trip_allocates_nothing()
    {
        await using FpgaBackend backend = FpgaBackend.Open(CardsFixture.Options(launchBlocks: 64));
        using OwnTensor tensor = new OwnTensor(2, 3, 40, 28).Fill(seed: 5);
        using var expanded = new OwnTensor(2, 3, 40, 28);
        using var memory = new NativeBuffer(FrameLayout.MaxFrameBytes(tensor.Spec, Profile));
        CompressResult made = await backend.CompressAsync(tensor.View, Profile, memory.Bytes, Token);
        using var kept = new NativeBuffer(made.FrameBytes);
        memory.Bytes.Slice(0, made.FrameBytes).CopyTo(kept.Bytes);
        FrameReader reader = FrameReader.Open(kept.Bytes);

        // .NET itself allocates once in a while, as it recompiles a hot path or grows a queue: one clean pass of several is asked
        // for. On a thread of the pool, because the test runner's own context allocates for each await.
        long least = await Task.Run(
            async () =>
            {
                long fewest = long.MaxValue;
                for (int pass = 0; pass < 30 && fewest != 0; pass++)
                {
                    long before = GC.GetTotalAllocatedBytes(precise: true);
                    for (int i = 0; i < 20; i++)
                    {
                        await backend.CompressAsync(tensor.View, Profile, memory.Bytes, CancellationToken.None);
                        await backend.ExpandAsync(reader, expanded.View, CancellationToken.None);
                    }

                    fewest = Math.Min(fewest, GC.GetTotalAllocatedBytes(precise: true) - before);
                }

                return fewest;
            },
            Token);
        Assert.Equal(0, least);
    }

    private static async Task RoundTrip(FpgaBackend backend, int seed, params long[] shape)
    {
        using var traffic = new Traffic(seed, shape);
        CompressResult result = await backend.CompressAsync(traffic.Tensor.View, Profile, traffic.Frame.Bytes, Token);
        await backend.ExpandAsync(FrameReader.Open(traffic.Made(result)), traffic.Expanded.View, Token);
        traffic.Check(result);
    }

    /// <summary>A tensor on its way out and back.</summary>
    private sealed class Traffic : IDisposable
    {
        internal Traffic(int seed, params long[] shape)
        {
            long[] sizes = shape.Length == 0 ? [2, 3, 16, 16] : shape;
            Tensor = new OwnTensor(sizes).Fill(seed);
            Expanded = new OwnTensor(sizes);
            Frame = new NativeBuffer(FrameLayout.MaxFrameBytes(Tensor.Spec, Profile));
        }

        internal OwnTensor Tensor { get; }

        internal OwnTensor Expanded { get; }

        internal NativeBuffer Frame { get; }

        public void Dispose()
        {
            Tensor.Dispose();
            Expanded.Dispose();
            Frame.Dispose();
        }

        internal NativeSpan<byte> Made(CompressResult result) => Frame.Bytes.Slice(0, result.FrameBytes);

        internal void Check(CompressResult result)
        {
            Assert.Equal(Tensor.ReferenceFrame(Profile), Made(result).AsSpan(0, (int)result.FrameBytes).ToArray());
            Assert.Equal(Tensor.ReferenceRoundTrip(Profile), Expanded.Bits());
        }
    }
}
