using JpegActFpga.Backends.Tests.Support;
using JpegActFpga.Codec;
using JpegActFpga.Core.Backends;
using JpegActFpga.Core.Profiles;
using JpegActFpga.Offload;
using JpegActFpga.Offload.Pipeline;
using JpegActFpga.Offload.Policy;
using JpegActFpga.Offload.Statistics;
using JpegActFpga.Offload.Stores;

namespace JpegActFpga.Backends.Tests.Offload;

/// <summary>A device that makes good-looking frames of wrong numbers: only the reference model sees it.</summary>
public sealed class ShadowVerificationTests : IDisposable
{
    private static readonly CodecProfile Profile = CodecProfile.JpegAct(ShiftTables.OptsLow);
    private static readonly ActivationLabel Label = new("stage1.conv2", "ConvolutionBackward0", "values");

    private readonly OwnTensor _tensor = new OwnTensor(4, 3, 16, 32).Fill(seed: 3);
    private readonly OwnTensor _expanded = new(4, 3, 16, 32);
    private readonly HostMemoryStore _store = new();
    private readonly LyingBackend _liar = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        Assert.Equal(0, _store.HeldBytes);
        _tensor.Dispose();
        _expanded.Dispose();
        _store.Dispose();
    }

    [Fact]
    public void A_wrong_frame_is_told_with_layer_block_coefficient_and_values_and_done_again_elsewhere()
    {
        using OffloadEngine engine = Engine(new() { Verify = VerifyMode.All });
        _liar.ChangeElement = 200;
        using (OffloadTicket ticket = engine.Stash(_tensor.View, ActivationUse.DenseValues, Label, Token))
        {
            engine.Take(ticket, _expanded.View, Token);
        }

        Assert.Equal(_tensor.ReferenceRoundTrip(Profile), _expanded.Bits());
        FallbackStatistics fallback = Assert.Single(engine.Statistics.Fallbacks);
        Assert.Equal(("liar", "cpu"), (fallback.From, fallback.To));
        Assert.Matches(@"CorruptOutput: .*float32 .*layer 'stage1\.conv2'.*(block \d+ \(row of blocks \d+, column \d+\), coefficient \d+ \(u \d, v \d\): reference -?\d+, device -?\d+|scale \d+: reference )", fallback.Cause);
        Assert.Equal(1, engine.Statistics.Pipeline!.Mismatches);
        Assert.True(engine.Statistics.Pipeline.Verified >= 3);
    }

    [Fact]
    public void A_wrong_tensor_is_told_with_its_element_and_both_values()
    {
        using OffloadEngine engine = Engine(new() { Verify = VerifyMode.All });
        using OffloadTicket ticket = engine.Stash(_tensor.View, ActivationUse.DenseValues, Label, Token);
        _liar.DamageExpanded = true;
        engine.Take(ticket, _expanded.View, Token);
        Assert.Equal(_tensor.ReferenceRoundTrip(Profile), _expanded.Bits());
        Assert.Matches(@"element \[0, 1, 8, 0\] \(block 12, row 0, column 0\): reference \S+ \(0x[0-9a-f]{8}\), device ", Assert.Single(engine.Statistics.Fallbacks).Cause);
    }

    [Fact]
    public void Without_verification_nobody_sees_it()
    {
        using OffloadEngine engine = Engine(new());
        _liar.ChangeElement = 200;
        using OffloadTicket ticket = engine.Stash(_tensor.View, ActivationUse.DenseValues, Label, Token);
        Assert.Equal((0L, 0L), (engine.Statistics.FallbackCount, engine.Statistics.Pipeline!.Verified));
    }

    [Fact]
    public void The_last_backend_is_checked_too_and_its_failure_is_told()
    {
        using var engine = new OffloadEngine(new JpegActPolicy(Profile, minElements: 1), [_liar], _store, options: new() { Verify = VerifyMode.All });
        _liar.ChangeElement = 200;
        BackendException error = Assert.Throws<BackendException>(() => engine.Stash(_tensor.View, ActivationUse.DenseValues, Label, Token));
        Assert.Equal(BackendFailure.CorruptOutput, error.Failure);
    }

    [Fact]
    public void A_sample_is_a_share_of_the_calls_and_the_seed_s_alone()
    {
        long first = Verified(1, OverlapMode.Off);
        Assert.Equal(first, Verified(1, OverlapMode.On));
        Assert.InRange(first, 20, 180); // of 400
        Assert.NotEqual(first + Verified(3, OverlapMode.Off), 2 * Verified(2, OverlapMode.Off));
    }

    private long Verified(ulong seed, OverlapMode overlap)
    {
        using OffloadEngine engine = Engine(new() { Verify = VerifyMode.Sample, VerifyShare = 0.25, VerifySeed = seed, Overlap = overlap });
        using var small = new OwnTensor(1, 1, 8, 8);
        for (int i = 0; i < 200; i++)
        {
            small.Fill(i);
            using OffloadTicket ticket = engine.Stash(small.View, ActivationUse.DenseValues, Label, Token);
            using var expanded = new OwnTensor(1, 1, 8, 8);
            engine.Take(ticket, expanded.View, Token);
        }

        PipelineStatistics statistics = engine.Statistics.Pipeline!;
        Assert.Equal(0, statistics.Mismatches);
        return statistics.Verified;
    }

    private OffloadEngine Engine(OffloadEngineOptions options) =>
        new(new JpegActPolicy(Profile, minElements: 1), [_liar, new CpuBackend()], _store, options: options);
}
