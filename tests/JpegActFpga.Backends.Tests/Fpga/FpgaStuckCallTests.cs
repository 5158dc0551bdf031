using System.Diagnostics;
using JpegActFpga.Backends.Tests.Support;
using JpegActFpga.Core.Backends;
using JpegActFpga.Core.Frames;
using JpegActFpga.Core.Memory;
using JpegActFpga.Core.Profiles;
using JpegActFpga.Fpga;
using JpegActFpga.Xrt;
using JpegActFpga.Xrt.Tests;

namespace JpegActFpga.Backends.Tests.Fpga;

/// <summary>Calls into the driver that do not return: nobody waits for them for ever, and nothing that they may use is used again.</summary>
[Collection(CardsTestGroup.Name)]
public sealed class FpgaStuckCallTests : IDisposable
{
    // Longer than any test: what is held is released, or the test fails.
    private const string UntilReleased = "=600000";

    private static readonly CodecProfile Profile = CodecProfile.JpegAct(ShiftTables.OptsLow);

    private readonly EmulatedCard _card;
    private readonly OwnTensor _tensor;
    private readonly NativeBuffer _frame;
    private readonly long _buffersBefore;

    public FpgaStuckCallTests(CardsFixture fixture)
    {
        Assert.SkipWhen(CardsFixture.WhyNot is not null, CardsFixture.WhyNot ?? string.Empty);
        _card = fixture.Card!;
        _card.SetFaults(string.Empty);
        _tensor = new OwnTensor(2, 3, 40, 28).Fill(seed: 7);
        _frame = new NativeBuffer(FrameLayout.MaxFrameBytes(_tensor.Spec, Profile));
        _buffersBefore = _card.LiveBuffers();
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        _card.SetFaults(string.Empty);
        Eventually(() => StuckCalls.Total == 0);
        _tensor.Dispose();
        _frame.Dispose();
    }

    [Theory(Timeout = 120_000)]
    [InlineData("hold_in")]
    [InlineData("hold_out")]
    [InlineData("hold_alloc")]
    [InlineData("hold_submit")]
    public async Task A_call_that_does_not_return_is_left_behind_and_reclaimed_when_it_does(string point)
    {
        FpgaBackend backend = FpgaBackend.Open(Watched());
        _card.SetFaults(point + UntilReleased);
        BackendException stuck = await Assert.ThrowsAsync<BackendException>(async () => await backend.CompressAsync(_tensor.View, Profile, _frame.Bytes, Token));
        Assert.Equal(BackendFailure.Unresponsive, stuck.Failure);
        Assert.Contains("card 0 does not answer", stuck.Message, StringComparison.Ordinal);
        Assert.Contains("buffers are leaked", stuck.Message, StringComparison.Ordinal);
        Assert.Equal(1, _card.FaultHits(point));
        Assert.True(StuckCalls.On(0) > 0);
        Assert.True(backend.Statistics.Memory is { LeakedBuffers: > 0, LeakedBytes: > 0 });

        // The card is out of service, on all its units.
        BackendException lost = await Assert.ThrowsAsync<BackendException>(async () => await backend.CompressAsync(_tensor.View, Profile, _frame.Bytes, Token));
        Assert.Equal(BackendFailure.DeviceLost, lost.Failure);

        // Closing does not wait for it; the card is not touched, and what it may use is not freed.
        await backend.DisposeAsync();
        XrtStuckException refused = Assert.Throws<XrtStuckException>(() => FpgaBackend.Open(CardsFixture.Options()));
        Assert.Contains("has not returned yet", refused.Message, StringComparison.Ordinal);
        Assert.True(_card.LiveBuffers() > _buffersBefore || point == "hold_alloc");
        Assert.True(backend.Statistics.Memory.LeakedBuffers > 0);

        // The caller's memory is the caller's: who comes back late does not touch it.
        _frame.Bytes.AsSpan(0, 4096).Fill(0xA5);
        _card.Release(point);
        Eventually(() => StuckCalls.Total == 0);
        Assert.Equal((0L, 0L), (backend.Statistics.Memory.LeakedBuffers, backend.Statistics.Memory.LeakedBytes));
        Assert.Equal(0, backend.Statistics.Memory.AllocatedBytes);
        Assert.Equal(_buffersBefore, _card.LiveBuffers());
        Assert.False(_frame.Bytes.AsSpan(0, 4096).ContainsAnyExcept((byte)0xA5));

        // It is a card as any other again.
        await using FpgaBackend again = FpgaBackend.Open(CardsFixture.Options());
        await CheckAsync(again);
    }

    [Fact(Timeout = 120_000)]
    public async Task An_expansion_that_is_stuck_leaves_the_tensor_alone()
    {
        await using FpgaBackend backend = FpgaBackend.Open(Watched());
        CompressResult made = await backend.CompressAsync(_tensor.View, Profile, _frame.Bytes, Token);
        using var expanded = new OwnTensor(2, 3, 40, 28);
        byte[] untouched = expanded.Bits();
        _card.SetFaults("hold_out" + UntilReleased);
        BackendException stuck = await Assert.ThrowsAsync<BackendException>(async () => await backend.ExpandAsync(FrameReader.Open(_frame.Bytes.Slice(0, made.FrameBytes)), expanded.View, Token));
        Assert.Equal(BackendFailure.Unresponsive, stuck.Failure);
        _card.Release("hold_out");
        Eventually(() => StuckCalls.Total == 0);
        Assert.Equal(untouched, expanded.Bits());
    }

    [Fact(Timeout = 120_000)]
    public async Task Every_part_of_a_tensor_ends_when_one_is_stuck()
    {
        await using FpgaBackend backend = FpgaBackend.Open(Watched() with { LaunchBlocks = 64 });
        _card.SetFaults("hold_in" + UntilReleased + "*2");
        BackendException stuck = await Assert.ThrowsAsync<BackendException>(async () => await backend.CompressAsync(_tensor.View, Profile, _frame.Bytes, Token));
        Assert.Equal(BackendFailure.Unresponsive, stuck.Failure);
    }

    [Theory(Timeout = 120_000)]
    [InlineData("hold_load")]
    public async Task A_card_that_does_not_open_in_time_is_refused_until_its_opening_has_ended(string point)
    {
        _card.SetFaults(point + UntilReleased);
        XrtStuckException stuck = Assert.Throws<XrtStuckException>(() => FpgaBackend.Open(Watched() with { OpenTimeout = TimeSpan.FromMinutes(9) }));
        Assert.Contains("has not returned for 540 s", stuck.Message, StringComparison.Ordinal);
        Assert.Equal(1, _card.FaultHits(point));

        // Not even tried: the driver is asked nothing.
        Assert.Throws<XrtStuckException>(() => FpgaBackend.Open(CardsFixture.Options()));
        Assert.Equal(1, _card.FaultHits(point));
        _card.Release(point);
        Eventually(() => StuckCalls.Total == 0);

        // What opened too late was closed.
        Assert.Equal(_buffersBefore, _card.LiveBuffers());
        await using FpgaBackend backend = FpgaBackend.Open(CardsFixture.Options());
        await CheckAsync(backend);
    }

    [Fact(Timeout = 120_000)]
    public async Task A_buffer_that_is_never_freed_takes_its_card_out_of_service()
    {
        // One part: XRT 2.13 has calls on other buffers wait behind the one that hangs, and nothing but that one is taken for stuck here.
        FpgaBackend backend = FpgaBackend.Open(Watched() with { LaunchBlocks = 2048 });
        await CheckAsync(backend);

        // The card has no room for larger buffers, until idle ones are freed: by the lane whose run is the last to be bound to
        // them, when it binds others. Each lane has its turn.
        using OwnTensor large = new OwnTensor(2, 12, 80, 56).Fill(seed: 8);
        using var frame = new NativeBuffer(FrameLayout.MaxFrameBytes(large.Spec, Profile));
        _card.SetFaults("alloc,hold_free" + UntilReleased);
        BackendException stuck = await Assert.ThrowsAsync<BackendException>(async () =>
        {
            while (true)
            {
                await backend.CompressAsync(large.View, Profile, frame.Bytes, Token);
            }
        });
        Assert.Equal(BackendFailure.Unresponsive, stuck.Failure);
        Assert.Contains("xrtRunSetArg", stuck.Message, StringComparison.Ordinal);
        Assert.Equal(1, _card.FaultHits("hold_free"));
        Assert.True(backend.Statistics.Memory.LeakedBuffers > 0);
        await ReleaseAfterClosingAsync(backend, "hold_free");
    }

    [Theory(Timeout = 120_000)]
    [InlineData("hold_free")]
    [InlineData("hold_close_context")]
    public async Task A_card_that_is_never_closed_keeps_nobody_and_is_had_back_when_it_is(string point)
    {
        FpgaBackend backend = FpgaBackend.Open(Watched());
        await CheckAsync(backend);
        Assert.Equal(0, backend.Statistics.Memory.LeakedBuffers);
        _card.SetFaults(point + UntilReleased);
        await ReleaseAfterClosingAsync(backend, point);
    }

    [Fact(Timeout = 120_000)]
    public async Task A_card_whose_closing_hangs_after_a_call_that_hung_is_free_after_both()
    {
        FpgaBackend backend = FpgaBackend.Open(Watched());
        _card.SetFaults($"hold_in{UntilReleased},hold_close{UntilReleased}");
        await Assert.ThrowsAsync<BackendException>(async () => await backend.CompressAsync(_tensor.View, Profile, _frame.Bytes, Token));
        await backend.DisposeAsync();
        _card.Release("hold_in");
        Eventually(() => _card.FaultHits("hold_close") == 1);
        Assert.Equal(1, StuckCalls.On(0));
        Assert.Throws<XrtStuckException>(() => FpgaBackend.Open(Watched()));
        _card.Release("hold_close");
        Eventually(() => StuckCalls.Total == 0);
        await using FpgaBackend again = FpgaBackend.Open(CardsFixture.Options());
        await CheckAsync(again);
    }

    [Fact(Timeout = 120_000)]
    public async Task A_kept_device_of_a_card_that_went_may_hang_in_its_closing_too()
    {
        await FpgaBackend.Open(Watched()).DisposeAsync();
        _card.Remove();
        _card.Restore();
        _card.SetFaults("hold_close" + UntilReleased);
        Assert.Throws<XrtStuckException>(() => FpgaBackend.Open(Watched()));
        Assert.Equal(1, _card.FaultHits("hold_close"));
        _card.Release("hold_close");
        Eventually(() => StuckCalls.Total == 0);
        Assert.Equal(_buffersBefore, _card.LiveBuffers());
        await using FpgaBackend backend = FpgaBackend.Open(CardsFixture.Options());
        await CheckAsync(backend);
    }

    // Calls are left behind that a test holds, and no others: nothing depends on how fast anything is.
    private static FpgaOptions Watched() => CardsFixture.Options() with { CallIsOverdue = EmulatedCard.IsHeld };

    private static void Eventually(Func<bool> condition)
    {
        long start = Stopwatch.GetTimestamp();
        while (!condition())
        {
            Assert.True(Stopwatch.GetElapsedTime(start) < TimeSpan.FromSeconds(60), "what was released does not come back");
            Thread.Sleep(2);
        }
    }

    // Closing waits for nothing, says what is leaked, and all of it is had back when the driver lets go.
    private async Task ReleaseAfterClosingAsync(FpgaBackend backend, string point)
    {
        await backend.DisposeAsync();
        Assert.Equal(1, _card.FaultHits(point));
        Assert.Equal(1, StuckCalls.On(0));
        Assert.True(backend.Statistics.Memory is { LeakedBuffers: > 0, LeakedBytes: > 0 });
        Assert.Equal(backend.Statistics.Memory.AllocatedBytes, backend.Statistics.Memory.LeakedBytes);
        Assert.Throws<XrtStuckException>(() => FpgaBackend.Open(Watched()));
        _card.Release(point);
        Eventually(() => StuckCalls.Total == 0);
        Assert.Equal((0L, 0L, 0L), (backend.Statistics.Memory.LeakedBuffers, backend.Statistics.Memory.LeakedBytes, backend.Statistics.Memory.AllocatedBytes));
        Assert.Equal(_buffersBefore, _card.LiveBuffers());
        await using FpgaBackend again = FpgaBackend.Open(CardsFixture.Options());
        await CheckAsync(again);
    }

    private async Task CheckAsync(FpgaBackend backend)
    {
        CompressResult good = await backend.CompressAsync(_tensor.View, Profile, _frame.Bytes, Token);
        Assert.Equal(_tensor.ReferenceFrame(Profile), _frame.Bytes.AsSpan(0, (int)good.FrameBytes).ToArray());
    }
}
