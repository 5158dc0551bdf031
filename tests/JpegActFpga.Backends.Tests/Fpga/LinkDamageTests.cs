using JpegActFpga.Backends.Tests.Support;
using JpegActFpga.Codec;
using JpegActFpga.Core.Backends;
using JpegActFpga.Core.Frames;
using JpegActFpga.Core.Memory;
using JpegActFpga.Core.Profiles;
using JpegActFpga.Fpga;
using JpegActFpga.Offload;
using JpegActFpga.Offload.Policy;
using JpegActFpga.Offload.Resilience;
using JpegActFpga.Offload.Statistics;
using JpegActFpga.Offload.Stores;
using JpegActFpga.Xrt.Tests;

namespace JpegActFpga.Backends.Tests.Fpga;

/// <summary>A bit that flips on its way to the card, in a transfer that ends well: blocks, masks, values, scales and descriptors alike.</summary>
[Collection(CardsTestGroup.Name)]
public sealed class LinkDamageTests : IDisposable
{
    private readonly EmulatedCard _card;
    private readonly OwnTensor _tensor;
    private readonly OwnTensor _expanded;

    public LinkDamageTests(CardsFixture fixture)
    {
        Assert.SkipWhen(CardsFixture.WhyNot is not null, CardsFixture.WhyNot ?? string.Empty);
        _card = fixture.Card!;
        _card.SetFaults(string.Empty);
        _tensor = new OwnTensor(2, 3, 40, 28).Fill(seed: 11);
        _expanded = new OwnTensor(2, 3, 40, 28);
    }

    public enum Scales
    {
        /// <summary>The host finds them, and the card multiplies.</summary>
        FromHost,

        /// <summary>The card finds them, and multiplies.</summary>
        FromCard,

        /// <summary>The host finds them, and multiplies.</summary>
        OnHost,
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        _card.SetFaults(string.Empty);
        _tensor.Dispose();
        _expanded.Dispose();
    }

    // The numbers are the transfers whose damage is noticed. A card that finds the scales gets three for a compression; the
    // middle of the last, descriptors and three tables, is one of the two tables that the encoder does not read.
    [Theory(Timeout = 180_000)]
    [InlineData(CodecMethod.JpegAct, Scales.FromHost, 256, 2, 3)]
    [InlineData(CodecMethod.JpegAct, Scales.FromHost, 64, 4, 6)]
    [InlineData(CodecMethod.JpegAct, Scales.FromCard, 256, 2, 3)]
    [InlineData(CodecMethod.JpegAct, Scales.OnHost, 256, 2, 3)]
    [InlineData(CodecMethod.SfprZvc, Scales.FromHost, 256, 2, 3)]
    [InlineData(CodecMethod.SfprZvc, Scales.FromCard, 256, 2, 3)]
    [InlineData(CodecMethod.Sfpr, Scales.FromHost, 256, 2, 2)]
    [InlineData(CodecMethod.Brc, Scales.FromHost, 256, 2, 2)]
    public async Task Every_transfer_is_checked(CodecMethod method, Scales scales, int launchBlocks, int toCompress, int toExpand)
    {
        CodecProfile profile = ProfileOf(method);
        await using FpgaBackend backend = FpgaBackend.Open(CardsFixture.Options(launchBlocks) with { QuantiseOnHost = scales == Scales.OnHost, ScalesOnCard = scales == Scales.FromCard });
        using var room = new NativeBuffer(FrameLayout.MaxFrameBytes(_tensor.Spec, profile));
        byte[] frame = _tensor.ReferenceFrame(profile);
        byte[] bits = _tensor.ReferenceRoundTrip(profile);
        Assert.Equal(toCompress, await DamageEach(
            async () => await backend.CompressAsync(_tensor.View, profile, room.Bytes, Token),
            () => Assert.Equal(frame, room.Bytes.AsSpan(0, frame.Length).ToArray())));
        FrameReader reader = FrameReader.Open(room.Bytes.Slice(0, frame.Length));
        Assert.Equal(toExpand, await DamageEach(
            async () => await backend.ExpandAsync(reader, _expanded.View, Token),
            () => Assert.Equal(bits, _expanded.Bits())));
    }

    [Fact(Timeout = 180_000)]
    public async Task A_damaged_activation_is_done_again_from_its_source()
    {
        CodecProfile profile = ProfileOf(CodecMethod.JpegAct);
        await using FpgaBackend backend = FpgaBackend.Open(CardsFixture.Options());
        await using var processor = new CpuBackend();
        using var store = new HostMemoryStore();
        var options = new ResilienceOptions { CircuitMinimumCalls = 1000 };
        using var engine = new OffloadEngine(new JpegActPolicy(profile, minElements: 1024), [backend, processor], store, options, new Offload.LogRecorder());
        for (int transfer = 0; transfer < 2; transfer++)
        {
            _card.SetFaults($"corrupt_in=3@{transfer}");
            using OffloadTicket ticket = engine.Stash(_tensor.View, ActivationUse.DenseValues, Token)!;
            Assert.Equal(1, _card.FaultHits("corrupt_in"));
            Assert.Equal(_tensor.ReferenceFrame(profile).Length, ticket.FrameBytes);
            _card.SetFaults($"corrupt_in=3@{transfer}");
            engine.Take(ticket, _expanded.View, Token);
            Assert.Equal(1, _card.FaultHits("corrupt_in"));
            Assert.Equal(_tensor.ReferenceRoundTrip(profile), _expanded.Bits());
        }

        OffloadStatistics statistics = engine.Statistics;
        Assert.Equal(4, statistics.CountOf(ResilienceEvent.DeviceFault));
        Assert.Equal(4, statistics.FallbackCount);
        Assert.All(statistics.Fallbacks, fallback => Assert.Contains("of card 0 re", fallback.Cause, StringComparison.Ordinal));
    }

    private static CodecProfile ProfileOf(CodecMethod method) => method switch
    {
        CodecMethod.JpegAct => CodecProfile.JpegAct(ShiftTables.OptsLow),
        CodecMethod.SfprZvc => CodecProfile.Sfpr(zeroValueCompression: true),
        CodecMethod.Sfpr => CodecProfile.Sfpr(zeroValueCompression: false),
        _ => CodecProfile.Brc,
    };

    // Damages the first transfer, then the second, ... until there is none left. What is not noticed must have done no harm.
    private async Task<int> DamageEach(Func<Task> work, Action check)
    {
        int noticed = 0;
        for (int transfer = 0; ; transfer++)
        {
            int errors = 0;
            foreach (int bit in new[] { 0, 7 })
            {
                _card.SetFaults($"corrupt_in={bit}@{transfer}");
                Exception? error = await Record.ExceptionAsync(work);
                if (error is null)
                {
                    check();
                    if (_card.FaultHits("corrupt_in") == 0)
                    {
                        return noticed;
                    }
                }
                else
                {
                    Assert.Equal(1, _card.FaultHits("corrupt_in"));
                    Assert.Equal(BackendFailure.DeviceFault, Assert.IsType<BackendException>(error).Failure);
                    errors++;
                }
            }

            Assert.True(errors is 0 or 2, $"of two damages to transfer {transfer}, {errors} were noticed");
            noticed += errors / 2;
        }
    }
}
