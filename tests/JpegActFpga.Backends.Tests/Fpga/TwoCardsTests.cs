using JpegActFpga.Backends.Tests.Support;
using JpegActFpga.Core.Backends;
using JpegActFpga.Core.Frames;
using JpegActFpga.Core.Memory;
using JpegActFpga.Core.Profiles;
using JpegActFpga.Fpga;
using JpegActFpga.Xrt.Tests;

namespace JpegActFpga.Backends.Tests.Fpga;

/// <summary>Two cards of one process, at work at the same time.</summary>
[Collection(CardsTestGroup.Name)]
public sealed class TwoCardsTests : IDisposable
{
    private static readonly CodecProfile Profile = CodecProfile.JpegAct(ShiftTables.OptsLow);

    private readonly EmulatedCard _card;

    public TwoCardsTests(CardsFixture fixture)
    {
        Assert.SkipWhen(CardsFixture.WhyNot is not null, CardsFixture.WhyNot ?? string.Empty);
        _card = fixture.Card!;
        _card.SetFaults(string.Empty);
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _card.SetFaults(string.Empty);

    [Fact(Timeout = 180_000)]
    public async Task Both_work_at_once_and_what_one_compressed_the_other_expands()
    {
        await using FpgaBackend first = Open(0);
        await using FpgaBackend second = Open(1);
        await Task.WhenAll(Enumerable.Range(0, 24).Select(i => Task.Run(() => RoundTrip(i % 2 == 0 ? first : second, i % 3 == 0 ? first : second, seed: i), Token)));
        Assert.Contains("card 1", second.Capabilities.Device, StringComparison.Ordinal);
        Assert.Equal(48, first.Statistics.Parts + second.Statistics.Parts);
        Assert.Equal(12 + 8, first.Statistics.Parts);
        Assert.True(_card.LiveBuffers(0) > 0 && _card.LiveBuffers(1) > 0);
    }

    [Fact(Timeout = 180_000)]
    public async Task One_goes_on_while_the_other_is_held()
    {
        await using FpgaBackend first = Open(0);
        await using FpgaBackend second = Open(1);
        _card.SetFaults("hold");
        Task held = Task.Run(() => RoundTrip(first, first, seed: 1), Token);
        Wait.Until(() => _card.FaultHits("hold") == 1, "the card is held");
        await RoundTrip(second, second, seed: 2);
        Assert.False(held.IsCompleted, "the held card ended before the other");
        _card.Release("hold");
        await held;
    }

    [Fact(Timeout = 180_000)]
    public async Task One_that_leaves_takes_nothing_from_the_other()
    {
        await using FpgaBackend first = Open(0);
        await using (FpgaBackend second = Open(1))
        {
            await RoundTrip(second, second, seed: 1);
            _card.Remove(1);
            BackendException lost = await Assert.ThrowsAsync<BackendException>(() => RoundTrip(second, second, seed: 2));
            Assert.Equal(BackendFailure.DeviceLost, lost.Failure);
            await RoundTrip(first, first, seed: 3);
        }

        _card.Restore(1);
        await using FpgaBackend again = Open(1);
        await RoundTrip(again, first, seed: 4);
    }

    private static FpgaBackend Open(int index) => FpgaBackend.Open(CardsFixture.Options() with { DeviceIndex = index });

    private static async Task RoundTrip(FpgaBackend encoder, FpgaBackend decoder, int seed)
    {
        using OwnTensor tensor = new OwnTensor(2, 3, 40, 28).Fill(seed);
        using var expanded = new OwnTensor(2, 3, 40, 28);
        using var room = new NativeBuffer(FrameLayout.MaxFrameBytes(tensor.Spec, Profile));
        CompressResult result = await encoder.CompressAsync(tensor.View, Profile, room.Bytes, Token);
        NativeSpan<byte> frame = room.Bytes.Slice(0, result.FrameBytes);
        Assert.Equal(tensor.ReferenceFrame(Profile), frame.AsSpan(0, (int)result.FrameBytes).ToArray());
        await decoder.ExpandAsync(FrameReader.Open(frame), expanded.View, Token);
        Assert.Equal(tensor.ReferenceRoundTrip(Profile), expanded.Bits());
    }
}
