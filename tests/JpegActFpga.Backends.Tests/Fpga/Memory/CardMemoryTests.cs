using JpegActFpga.Backends.Tests.Support;
using JpegActFpga.Core.Backends;
using JpegActFpga.Fpga.Buffers;
using JpegActFpga.Xclbin;
using JpegActFpga.Xrt;
using JpegActFpga.Xrt.Tests;

namespace JpegActFpga.Backends.Tests.Fpga.Memory;

/// <summary>The pool of card buffers on the emulated card: what it lends, what it refuses, and what it counts.</summary>
[Collection(CardsTestGroup.Name)]
public sealed class CardMemoryTests : IDisposable
{
    private const long Page = 4096;

    private readonly XrtWatch _watch = new(0, TimeSpan.FromMinutes(10));

    private readonly EmulatedCard _card;
    private readonly XrtDevice _device;
    private readonly XclbinFile _xclbin;

    public CardMemoryTests(CardsFixture fixture)
    {
        Assert.SkipWhen(CardsFixture.WhyNot is not null, CardsFixture.WhyNot ?? string.Empty);
        _card = fixture.Card!;
        _card.SetFaults(string.Empty);
        _device = XrtDevice.Open(0);
        _device.LoadXclbin(CardSetup.CodecXclbin);
        _xclbin = XclbinFile.Read(CardSetup.CodecXclbin);
        Calls = _watch.Add(_ => { });
    }

    private WatchedThread Calls { get; }

    public void Dispose()
    {
        _card.SetFaults(string.Empty);
        _device.Dispose();
        Calls.TryEnd();
        _watch.Dispose();
    }

    [Fact]
    public void A_returned_buffer_is_lent_again_and_another_bank_gets_another()
    {
        long before = _card.LiveBuffers();
        CardBuffer other;
        using (CardMemory memory = Memory(16 * Page))
        {
            CardBuffer first = Rent(memory, 0, 100);
            memory.Return(first);
            Assert.Same(first, Rent(memory, 0, Page));
            other = Rent(memory, 1, Page);
            Assert.NotSame(first, other);
            Assert.Equal(before + 2, _card.LiveBuffers());
            memory.Return(first);
        }

        // The one that is still lent is freed when it comes back. Not left to the finaliser: other tests count buffers.
        Assert.Equal(before + 1, _card.LiveBuffers());
        other.Free();
        Assert.Equal(before, _card.LiveBuffers());
    }

    [Fact]
    public void The_budget_frees_what_lies_idle_before_it_refuses()
    {
        using CardMemory memory = Memory(4 * Page);
        CardBuffer[] four = [.. Enumerable.Range(0, 4).Select(bank => Rent(memory, bank, Page))];
        Array.ForEach(four, memory.Return);
        Assert.Equal(4 * Page, memory.Statistics.IdleBytes);
        CardBuffer large = Rent(memory, 0, 4 * Page);
        CardMemoryStatistics statistics = memory.Statistics;
        Assert.Equal((4 * Page, 4 * Page, 0L), (statistics.AllocatedBytes, statistics.PeakBytes, statistics.IdleBytes));
        memory.Return(large);
    }

    [Fact]
    public async Task A_wait_for_memory_has_a_limit_and_ends_when_some_comes_back()
    {
        using CardMemory memory = Memory(2 * Page, patience: TimeSpan.FromMilliseconds(100));
        CardBuffer held = Rent(memory, 0, 2 * Page);
        BackendException error = Assert.Throws<BackendException>(() => Rent(memory, 0, Page));
        Assert.Equal(BackendFailure.Transient, error.Failure);

        using CardMemory patient = Memory(2 * Page);
        CardBuffer other = Rent(patient, 0, 2 * Page);
        Task<CardBuffer> waiting = Task.Run(() => Rent(patient, 0, Page), TestContext.Current.CancellationToken);
        Wait.Until(() => patient.Statistics.Waits == 1, "somebody waits");
        Assert.False(waiting.IsCompleted);
        patient.Return(other);
        CardBuffer got = await waiting;
        Assert.True(patient.Statistics.PeakBytes <= 2 * Page);
        memory.Return(held);
        patient.Return(got);
    }

    [Fact]
    public void What_can_never_fit_is_refused_at_once()
    {
        using CardMemory memory = Memory(2 * Page);
        BackendException error = Assert.Throws<BackendException>(() => Rent(memory, 0, 4 * Page));
        Assert.Equal(BackendFailure.DeviceFault, error.Failure);
        Assert.Contains("budget", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Abandoned_buffers_are_never_lent_or_freed_and_stay_in_the_budget()
    {
        using CardMemory memory = Memory(4 * Page);
        CardBuffer lost = Rent(memory, 0, 2 * Page);
        memory.Abandon(lost);
        CardBuffer next = Rent(memory, 0, 2 * Page);
        Assert.NotSame(lost, next);
        CardMemoryStatistics statistics = memory.Statistics;
        Assert.Equal((1L, 2 * Page, 4 * Page), (statistics.LeakedBuffers, statistics.LeakedBytes, statistics.AllocatedBytes));
        Assert.Throws<BackendException>(() => Rent(memory, 0, 4 * Page));
        memory.Return(next);
        lost.Free();
    }

    [Fact]
    public async Task A_buffer_given_up_wakes_those_who_wait_for_it_in_vain()
    {
        using CardMemory memory = Memory(4 * Page, patience: TimeSpan.FromMinutes(5));
        CardBuffer lost = Rent(memory, 0, 2 * Page);
        Task<CardBuffer> hopeless = Task.Run(() => Rent(memory, 0, 4 * Page), TestContext.Current.CancellationToken);
        Wait.Until(() => memory.Statistics.Waits == 1, "somebody waits");
        Task<CardBuffer> behind = Task.Run(() => Rent(memory, 0, Page), TestContext.Current.CancellationToken);
        Wait.Until(() => memory.Statistics.Waits == 2, "somebody waits");

        memory.Abandon(lost);

        BackendException error = await Assert.ThrowsAsync<BackendException>(() => hopeless.WaitAsync(Wait.Patience, TestContext.Current.CancellationToken));
        Assert.Equal(BackendFailure.DeviceFault, error.Failure);
        Assert.Contains("leaked", error.Message, StringComparison.Ordinal);
        memory.Return(await behind.WaitAsync(Wait.Patience, TestContext.Current.CancellationToken));
        lost.Free();
    }

    [Fact]
    public void A_refusal_of_the_driver_gives_everything_back()
    {
        using CardMemory memory = Memory(16 * Page);
        long before = _card.LiveBuffers();
        _card.SetFaults("alloc@1*2");
        var buffers = new CardBuffer?[3];
        BufferRequest[] requests = [new(0, Page), new(1, Page), new(2, Page)];
        XrtException error = Assert.Throws<XrtException>(() => memory.Rent(requests, buffers, Calls));
        Assert.True(error.IsOutOfMemory);
        Assert.All(buffers, Assert.Null);
        Assert.Equal(memory.Statistics.IdleBytes, memory.Statistics.AllocatedBytes);
        _card.SetFaults(string.Empty);
        memory.Rent(requests, buffers, Calls);
        Assert.Equal(3 * Page, memory.Statistics.AllocatedBytes);
        Assert.Equal(before + 3, _card.LiveBuffers());
        Array.ForEach(buffers, buffer => memory.Return(buffer!));
    }

    [Fact]
    public void A_full_bank_is_emptied_of_idle_buffers_and_asked_again()
    {
        using CardMemory memory = Memory(16 * Page);
        memory.Return(Rent(memory, 0, Page));
        _card.SetFaults("alloc");
        CardBuffer other = Rent(memory, 0, 4 * Page);
        Assert.Equal(4 * Page, memory.Statistics.AllocatedBytes);
        memory.Return(other);
    }

    [Fact]
    public void Where_user_pointers_are_refused_the_driver_makes_the_pages_and_the_reason_is_kept()
    {
        using CardMemory memory = Memory(16 * Page);
        memory.Return(Rent(memory, 0, Page));
        Assert.Equal(1, memory.Statistics.UserPointerBuffers);
        Assert.Null(memory.Statistics.UserPointerRefusal);
        _card.SetFaults("alloc=EINVAL");
        CardBuffer buffer = Rent(memory, 1, Page);
        Assert.Equal(1, memory.Statistics.UserPointerBuffers);
        Assert.Contains("xrtBOAllocUserPtr", memory.Statistics.UserPointerRefusal, StringComparison.Ordinal);
        buffer.Host[0] = 1;
        buffer.ToCard(0, Page);
        memory.Return(buffer);
    }

    [Fact]
    public void A_host_bank_gets_buffers_that_need_no_transfer()
    {
        int bank = _xclbin.MemoryBanks.ToList().FindIndex(b => b.Tag == "HOST[0]");
        Assert.True(bank >= 0);
        using CardMemory memory = Memory(16 * Page);
        CardBuffer buffer = Rent(memory, bank, Page);
        Assert.Equal(XrtBufferKind.HostOnly, buffer.Native.Kind);
        long sent = _card.BytesSynced(XrtSyncDirection.ToDevice);
        buffer.ToCard(0, Page);
        Assert.Equal(sent, _card.BytesSynced(XrtSyncDirection.ToDevice));
        memory.Return(buffer);
    }

    private CardBuffer Rent(CardMemory memory, int bank, long bytes)
    {
        var buffers = new CardBuffer?[1];
        memory.Rent([new BufferRequest(bank, bytes)], buffers, Calls);
        return buffers[0]!;
    }

    private CardMemory Memory(long budget, TimeSpan? patience = null) =>
        new(new BufferAllocator(_device, _xclbin, userPointers: true), budget, patience ?? Wait.Patience);
}
