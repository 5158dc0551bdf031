using JpegActFpga.Backends.Tests.Support;
using JpegActFpga.Core.Backends;
using JpegActFpga.Core.Frames;
using JpegActFpga.Core.Memory;
using JpegActFpga.Core.Profiles;
using JpegActFpga.Fpga;
using JpegActFpga.Xrt.Tests;

namespace JpegActFpga.Backends.Tests.Fpga;

/// <summary>Each way a card can fail becomes one kind of exception, and never a wrong frame or tensor.</summary>
[Collection(CardsTestGroup.Name)]
public sealed class FpgaFaultTests : IDisposable
{
    private static readonly CodecProfile Profile = CodecProfile.JpegAct(ShiftTables.OptsLow);

    private readonly EmulatedCard _card;
    private readonly OwnTensor _tensor;
    private readonly OwnTensor _expanded;
    private readonly NativeBuffer _frame;

    public FpgaFaultTests(CardsFixture fixture)
    {
        Assert.SkipWhen(CardsFixture.WhyNot is not null, CardsFixture.WhyNot ?? string.Empty);
        _card = fixture.Card!;
        _card.SetFaults(string.Empty);
        _tensor = new OwnTensor(2, 3, 40, 28).Fill(seed: 7);
        _expanded = new OwnTensor(2, 3, 40, 28);
        _frame = new NativeBuffer(FrameLayout.MaxFrameBytes(_tensor.Spec, Profile));
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        _card.SetFaults(string.Empty);
        _tensor.Dispose();
        _expanded.Dispose();
        _frame.Dispose();
    }

    // A tensor of 120 blocks is one launch of 256 blocks or two of 64, on two units at once; @1 lets the first occurrence pass.
    public static TheoryData<string, BackendFailure, int> Faults()
    {
        (string Fault, BackendFailure Failure)[] kinds =
        [
            ("sync_in=EBUSY", BackendFailure.Transient),
            ("sync_in=ENODEV", BackendFailure.DeviceLost),
            ("sync_out=EIO", BackendFailure.Transient),
            ("submit=EBUSY", BackendFailure.Transient),
            ("error", BackendFailure.DeviceFault),
            ("firewall", BackendFailure.DeviceFault),
            ("timeout", BackendFailure.DeviceFault),
            ("drop", BackendFailure.DeviceFault),
            ("corrupt", BackendFailure.DeviceFault),
            ("corrupt=7", BackendFailure.DeviceFault),
        ];
        var data = new TheoryData<string, BackendFailure, int>();
        foreach ((string fault, BackendFailure failure) in kinds)
        {
            data.Add(fault, failure, 256);
            data.Add(fault, failure, 64);
            data.Add(fault + "@1", failure, 64);
        }

        return data;
    }

    [Theory(Timeout = 180_000)]
    [MemberData(nameof(Faults))]
    public async Task A_fault_fails_the_call_and_the_next_one_is_right(string fault, BackendFailure expected, int launchBlocks)
    {
        await using FpgaBackend backend = FpgaBackend.Open(CardsFixture.Options(launchBlocks));
        byte[] referenceFrame = _tensor.ReferenceFrame(Profile);
        byte[] referenceBits = _tensor.ReferenceRoundTrip(Profile);

        _card.SetFaults(fault);
        BackendException encodeError = await Assert.ThrowsAsync<BackendException>(async () => await backend.CompressAsync(_tensor.View, Profile, _frame.Bytes, Token));
        Assert.Equal(expected, encodeError.Failure);
        Assert.Contains("card 0", encodeError.Message, StringComparison.Ordinal);

        CompressResult good = await backend.CompressAsync(_tensor.View, Profile, _frame.Bytes, Token);
        NativeSpan<byte> frame = _frame.Bytes.Slice(0, good.FrameBytes);
        Assert.Equal(referenceFrame, frame.AsSpan(0, (int)good.FrameBytes).ToArray());

        _card.SetFaults(fault);
        FrameReader reader = FrameReader.Open(frame);
        BackendException decodeError = await Assert.ThrowsAsync<BackendException>(async () => await backend.ExpandAsync(reader, _expanded.View, Token));
        Assert.Equal(expected, decodeError.Failure);

        _card.SetFaults(string.Empty);
        await backend.ExpandAsync(reader, _expanded.View, Token);
        Assert.Equal(referenceBits, _expanded.Bits());
    }

    [Fact(Timeout = 180_000)]
    public async Task A_slow_card_is_waited_for()
    {
        await using FpgaBackend backend = FpgaBackend.Open(CardsFixture.Options(launchBlocks: 64));
        _card.SetFaults("slow=200*2,slow_sync=50*2");
        CompressResult good = await backend.CompressAsync(_tensor.View, Profile, _frame.Bytes, Token);
        Assert.Equal(_tensor.ReferenceFrame(Profile), _frame.Bytes.AsSpan(0, (int)good.FrameBytes).ToArray());
    }

    [Fact(Timeout = 180_000)]
    public async Task A_card_that_leaves_the_bus_is_lost_until_it_is_opened_again()
    {
        await using (FpgaBackend backend = FpgaBackend.Open(CardsFixture.Options(launchBlocks: 64)))
        {
            _card.SetFaults("remove");
            await Assert.ThrowsAsync<BackendException>(async () => await backend.CompressAsync(_tensor.View, Profile, _frame.Bytes, Token));
            BackendException lost = await Assert.ThrowsAsync<BackendException>(async () => await backend.CompressAsync(_tensor.View, Profile, _frame.Bytes, Token));
            Assert.Equal(BackendFailure.DeviceLost, lost.Failure);
            _card.SetFaults(string.Empty);
        }

        _card.Restore();
        await using FpgaBackend again = FpgaBackend.Open(CardsFixture.Options());
        CompressResult good = await again.CompressAsync(_tensor.View, Profile, _frame.Bytes, Token);
        Assert.Equal(_tensor.ReferenceFrame(Profile), _frame.Bytes.AsSpan(0, (int)good.FrameBytes).ToArray());
    }

    [Fact(Timeout = 180_000)]
    public async Task Hung_units_are_retired_and_the_rest_go_on_until_none_is_left()
    {
        var hanging = new HangingUnits();
        await using FpgaBackend backend = FpgaBackend.Open(hanging.Options);
        _card.SetFaults("hang");
        BackendException first = await Assert.ThrowsAsync<BackendException>(async () => await backend.CompressAsync(_tensor.View, Profile, _frame.Bytes, Token));
        Assert.Equal(BackendFailure.DeviceFault, first.Failure);
        Assert.Contains("out of service", first.Message, StringComparison.Ordinal);

        hanging.Hang(false);
        CompressResult good = await backend.CompressAsync(_tensor.View, Profile, _frame.Bytes, Token);
        Assert.Equal(_tensor.ReferenceFrame(Profile), _frame.Bytes.AsSpan(0, (int)good.FrameBytes).ToArray());

        hanging.Hang();
        _card.SetFaults("hang*forever");
        await Assert.ThrowsAsync<BackendException>(async () => await backend.CompressAsync(_tensor.View, Profile, _frame.Bytes, Token));
        _card.SetFaults(string.Empty);
        BackendException last = await Assert.ThrowsAsync<BackendException>(async () => await backend.CompressAsync(_tensor.View, Profile, _frame.Bytes, Token));
        Assert.Equal(BackendFailure.DeviceLost, last.Failure);
        _card.Reset();
    }

    [Fact(Timeout = 180_000)]
    public async Task Closing_gives_all_card_memory_back()
    {
        long before = _card.LiveBuffers();
        await using (FpgaBackend backend = FpgaBackend.Open(CardsFixture.Options()))
        {
            await backend.CompressAsync(_tensor.View, Profile, _frame.Bytes, Token);
            Assert.True(_card.LiveBuffers() > before);
        }

        Assert.Equal(before, _card.LiveBuffers());
    }

    [Theory(Timeout = 180_000)]
    [InlineData("context")]
    [InlineData("load")]
    [InlineData("open")]
    public async Task A_card_that_does_not_open_leaves_nothing_behind(string fault)
    {
        // A card that was open before is loaded again, not opened: with all of those in use, the next one is opened.
        var inUse = new List<FpgaBackend>();
        for (int kept = int.MaxValue; fault == "open" && Xrt.XrtDiagnostics.KeptDevices < kept;)
        {
            kept = Xrt.XrtDiagnostics.KeptDevices;
            inUse.Add(FpgaBackend.Open(CardsFixture.Options()));
        }

        long before = _card.LiveBuffers();
        _card.SetFaults(fault);
        Assert.Throws<Xrt.XrtException>(() => FpgaBackend.Open(CardsFixture.Options()));
        Assert.Equal(before, _card.LiveBuffers());
        foreach (FpgaBackend used in inUse)
        {
            await used.DisposeAsync();
        }

        await using FpgaBackend backend = FpgaBackend.Open(CardsFixture.Options());
        Assert.Equal("fpga", backend.Capabilities.Name);
    }
}
