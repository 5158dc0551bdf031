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

    [Theory(Timeout = 60_000)]
    [InlineData("sync_in=EBUSY", BackendFailure.Transient)]
    [InlineData("sync_in=ENODEV", BackendFailure.DeviceLost)]
    [InlineData("sync_out=EIO", BackendFailure.Transient)]
    [InlineData("submit=EBUSY", BackendFailure.Transient)]
    [InlineData("error", BackendFailure.DeviceFault)]
    [InlineData("timeout", BackendFailure.DeviceFault)]
    [InlineData("drop", BackendFailure.DeviceFault)]
    [InlineData("corrupt", BackendFailure.DeviceFault)]
    public async Task A_fault_fails_the_call_and_the_next_one_is_right(string fault, BackendFailure expected)
    {
        await using FpgaBackend backend = FpgaBackend.Open(CardsFixture.Options());
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

        await backend.ExpandAsync(reader, _expanded.View, Token);
        Assert.Equal(referenceBits, _expanded.Bits());
    }

    [Fact(Timeout = 60_000)]
    public async Task Hung_units_are_retired_and_the_rest_go_on_until_none_is_left()
    {
        await using FpgaBackend backend = FpgaBackend.Open(CardsFixture.Options(timeoutSeconds: 0.5));
        _card.SetFaults("hang");
        BackendException first = await Assert.ThrowsAsync<BackendException>(async () => await backend.CompressAsync(_tensor.View, Profile, _frame.Bytes, Token));
        Assert.Equal(BackendFailure.DeviceFault, first.Failure);
        Assert.Contains("out of service", first.Message, StringComparison.Ordinal);

        CompressResult good = await backend.CompressAsync(_tensor.View, Profile, _frame.Bytes, Token);
        Assert.Equal(_tensor.ReferenceFrame(Profile), _frame.Bytes.AsSpan(0, (int)good.FrameBytes).ToArray());

        _card.SetFaults("hang*forever");
        await Assert.ThrowsAsync<BackendException>(async () => await backend.CompressAsync(_tensor.View, Profile, _frame.Bytes, Token));
        _card.SetFaults(string.Empty);
        BackendException last = await Assert.ThrowsAsync<BackendException>(async () => await backend.CompressAsync(_tensor.View, Profile, _frame.Bytes, Token));
        Assert.Equal(BackendFailure.DeviceLost, last.Failure);
        _card.Reset();
    }

    [Fact(Timeout = 60_000)]
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

    [Theory(Timeout = 60_000)]
    [InlineData("alloc")]
    [InlineData("context")]
    [InlineData("load")]
    [InlineData("open")]
    public async Task A_card_that_does_not_open_leaves_nothing_behind(string fault)
    {
        long before = _card.LiveBuffers();
        _card.SetFaults(fault);
        Assert.Throws<Xrt.XrtException>(() => FpgaBackend.Open(CardsFixture.Options()));
        Assert.Equal(before, _card.LiveBuffers());
        await using FpgaBackend backend = FpgaBackend.Open(CardsFixture.Options());
        Assert.Equal("fpga", backend.Capabilities.Name);
    }
}
