using JpegActFpga.Backends.Tests.Support;
using JpegActFpga.Codec;
using JpegActFpga.Core.Backends;
using JpegActFpga.Core.Profiles;
using JpegActFpga.Offload;
using JpegActFpga.Offload.Policy;
using JpegActFpga.Offload.Resilience;
using JpegActFpga.Offload.Statistics;
using JpegActFpga.Offload.Stores;

namespace JpegActFpga.Backends.Tests.Offload;

/// <summary>The engine on backends of the test's own, whose failures are exactly timed.</summary>
public sealed class OffloadEngineTests : IDisposable
{
    private static readonly CodecProfile Profile = CodecProfile.JpegAct(ShiftTables.OptsLow);
    private static readonly ResilienceOptions Quick = new() { RetryDelay = TimeSpan.Zero, CircuitMinimumCalls = 2, CircuitBreak = TimeSpan.FromHours(1) };

    private readonly OwnTensor _tensor = new OwnTensor(4, 3, 17, 28).Fill(seed: 3);
    private readonly OwnTensor _expanded = new(4, 3, 17, 28);
    private readonly HostMemoryStore _store = new();
    private readonly ScriptedBackend _card = new();

    public void Dispose()
    {
        _tensor.Dispose();
        _expanded.Dispose();
        _store.Dispose();
    }

    [Fact]
    public void What_is_taken_is_what_the_reference_decodes_and_the_books_are_kept()
    {
        using OffloadEngine engine = Engine();
        OffloadTicket ticket = engine.Stash(_tensor.View, ActivationUse.DenseValues, Token);
        long frameBytes = ticket.FrameBytes;
        Assert.Equal(CodecMethod.JpegAct, ticket.Method);
        Assert.Equal(ticket.FrameBytes, _store.HeldBytes);
        Assert.Equal(_tensor.ReferenceFrame(Profile).Length, ticket.FrameBytes);
        engine.Take(ticket, _expanded.View, Token);
        Assert.Equal(_tensor.ReferenceRoundTrip(Profile), _expanded.Bits());
        ticket.Dispose();
        ticket.Dispose();
        Assert.Equal(0, _store.HeldBytes);
        Assert.Throws<ObjectDisposedException>(() => engine.Take(ticket, _expanded.View, Token));
        OffloadStatistics statistics = engine.Statistics;
        MethodStatistics method = Assert.Single(statistics.Methods);
        Assert.Equal(("scripted", CodecMethod.JpegAct, 1L, _tensor.Spec.ByteCount, 1L), (method.Backend, method.Method, method.Tensors, method.TensorBytes, method.Expansions));
        Assert.Equal((0L, frameBytes, 0L), (statistics.HeldBytes, statistics.PeakHeldBytes, statistics.FallbackCount));
    }

    [Fact]
    public void The_ReLUs_own_save_is_one_bit_an_element()
    {
        using OffloadEngine engine = Engine();
        using OffloadTicket ticket = engine.Stash(_tensor.View, ActivationUse.ReluSign, Token);
        Assert.Equal(CodecMethod.Brc, ticket.Method);
        engine.Take(ticket, _expanded.View, Token);
        for (long i = 0; i < _tensor.Elements.Length; i++)
        {
            Assert.Equal(_tensor.Elements[i] > 0 ? 1f : 0f, _expanded.Elements[i]);
        }
    }

    [Fact]
    public void Small_tensors_are_left_alone_and_counted()
    {
        using OffloadEngine engine = Engine();
        using var small = new OwnTensor(10, 10);
        Assert.True(engine.Stash(small.View, ActivationUse.DenseValues, Token).IsNone);
        Assert.Equal(1, engine.Statistics.LeftAlone);
    }

    [Fact]
    public void A_tensor_with_a_NaN_comes_back_bit_for_bit_and_is_counted()
    {
        using OffloadEngine engine = Engine();
        _tensor.Elements[5] = float.NaN;
        using OffloadTicket ticket = engine.Stash(_tensor.View, ActivationUse.DenseValues, Token);
        Assert.Equal(CodecMethod.Raw, ticket.Method);
        engine.Take(ticket, _expanded.View, Token);
        Assert.Equal(_tensor.Bits(), _expanded.Bits());
        Assert.Equal(1, engine.Statistics.NonFiniteTensors);
    }

    [Fact]
    public void A_transient_failure_is_retried_where_it_happened()
    {
        using OffloadEngine engine = Engine();
        _card.FailNext(BackendFailure.Transient, times: 2);
        using OffloadTicket ticket = engine.Stash(_tensor.View, ActivationUse.DenseValues, Token);
        Assert.Equal(2, engine.Statistics.Retries);
        Assert.Equal(0, engine.Statistics.FallbackCount);
        Assert.Equal("scripted", Assert.Single(engine.Statistics.Methods).Backend);
    }

    [Fact]
    public void A_failed_card_is_replaced_by_the_CPU_with_the_same_bytes_and_the_fallback_is_counted()
    {
        using OffloadEngine engine = Engine();
        _card.FailNext(BackendFailure.DeviceFault, times: 1);
        using OffloadTicket ticket = engine.Stash(_tensor.View, ActivationUse.DenseValues, Token);
        Assert.Equal(_tensor.ReferenceFrame(Profile).Length, ticket.FrameBytes);
        FallbackStatistics fallback = Assert.Single(engine.Statistics.Fallbacks);
        Assert.Equal(("scripted", "cpu", 1L), (fallback.From, fallback.To, fallback.Count));
        Assert.Contains("as the script says", fallback.Cause, StringComparison.Ordinal);

        _card.FailNext(BackendFailure.DeviceLost, times: 1);
        engine.Take(ticket, _expanded.View, Token);
        Assert.Equal(_tensor.ReferenceRoundTrip(Profile), _expanded.Bits());
        Assert.Equal(2, engine.Statistics.FallbackCount);
    }

    [Fact]
    public void After_repeated_failures_the_circuit_opens_and_the_card_is_not_asked_again()
    {
        using OffloadEngine engine = Engine();
        _card.FailNext(BackendFailure.DeviceFault, times: int.MaxValue);
        for (int i = 0; i < 10; i++)
        {
            engine.Stash(_tensor.View, ActivationUse.DenseValues, Token).Dispose();
        }

        Assert.Equal(2, _card.Calls);
        Assert.Equal(10, engine.Statistics.FallbackCount);
        Assert.Contains(engine.Statistics.Fallbacks, f => f.Cause.Contains("circuit open after DeviceFault: as the script says", StringComparison.Ordinal));
    }

    [Fact]
    public void A_tensor_that_a_device_cannot_do_does_not_open_the_circuit()
    {
        using OffloadEngine engine = Engine();
        _card.FailNext(BackendFailure.Unsupported, times: 10);
        for (int i = 0; i < 11; i++)
        {
            engine.Stash(_tensor.View, ActivationUse.DenseValues, Token).Dispose();
        }

        Assert.Equal((11, 10L), (_card.Calls, engine.Statistics.FallbackCount));
    }

    [Fact]
    public void Counting_anew_forgets_work_but_no_failure()
    {
        using OffloadEngine engine = Engine();
        _card.FailNext(BackendFailure.DeviceFault, times: 1);
        engine.Stash(_tensor.View, ActivationUse.DenseValues, Token).Dispose();
        engine.ResetStatistics();
        Assert.Empty(engine.Statistics.Methods);
        Assert.Equal(1, engine.Statistics.FallbackCount);
    }

    [Fact]
    public void A_frame_that_a_device_made_wrong_counts_as_its_failure()
    {
        using OffloadEngine engine = Engine();
        _card.DamageNextFrame = true;
        using OffloadTicket ticket = engine.Stash(_tensor.View, ActivationUse.DenseValues, Token);
        engine.Take(ticket, _expanded.View, Token);
        Assert.Equal(_tensor.ReferenceRoundTrip(Profile), _expanded.Bits());
        Assert.Equal(1, engine.Statistics.FallbackCount);
    }

    [Fact]
    public void The_last_backend_must_have_every_method() =>
        Assert.Contains("sfpr", Assert.Throws<ArgumentException>(() => new OffloadEngine(new JpegActPolicy(Profile), [_card], _store)).Message, StringComparison.Ordinal);

    [Fact]
    public void Options_out_of_range_are_named() =>
        Assert.Equal("Retries", Assert.Throws<ArgumentOutOfRangeException>(() => new OffloadEngine(new JpegActPolicy(Profile), [new CpuBackend()], _store, new ResilienceOptions { Retries = 11 })).ParamName);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private OffloadEngine Engine() => new(new JpegActPolicy(Profile, minElements: 1024), [_card, new CpuBackend()], _store, Quick);
}
