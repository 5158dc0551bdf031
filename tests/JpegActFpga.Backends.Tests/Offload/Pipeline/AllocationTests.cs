using JpegActFpga.Backends.Tests.Support;
using JpegActFpga.Codec;
using JpegActFpga.Core.Profiles;
using JpegActFpga.Core.Tensors;
using JpegActFpga.Offload;
using JpegActFpga.Offload.Policy;
using JpegActFpga.Offload.Statistics;
using JpegActFpga.Offload.Stores;

namespace JpegActFpga.Backends.Tests.Offload.Pipeline;

/// <summary>A stash and a take allocate nothing, on any thread, once the engine is warm.</summary>
[Collection(CardsTestGroup.Name)] // not beside other tests: the process' allocations are counted
public sealed class AllocationTests
{
    private const int Tensors = 8;

    [Theory]
    [InlineData(OverlapMode.Off, false)]
    [InlineData(OverlapMode.On, false)]
    [InlineData(OverlapMode.Off, true)]
    public void A_steady_stash_and_take_allocate_nothing(OverlapMode overlap, bool spill)
    {
        using var store = new HostMemoryStore();
        var options = new OffloadEngineOptions { Overlap = overlap, Workers = 2, HostMemoryBytes = spill ? OffloadEngineOptions.MinHostMemoryBytes : null };
        using var engine = new OffloadEngine(
            spill ? new RawPolicy(1) : new JpegActPolicy(CodecProfile.JpegAct(ShiftTables.OptsHigh), minElements: 1),
            [new CpuBackend(new CpuBackendOptions { Threads = 1 })],
            store,
            options: options);
        Owner[] owners = [.. Enumerable.Range(0, Tensors).Select(i => new Owner(i))];
        var tickets = new OffloadTicket[Tensors];
        for (int warm = 0; warm < 20; warm++)
        {
            Pass(engine, owners, tickets);
        }

        // Other threads of the process (the test's host, timers) allocate now and then: one undisturbed round is the proof.
        long least = long.MaxValue;
        for (int round = 0; round < 20 && least > 0; round++)
        {
            long before = GC.GetTotalAllocatedBytes(precise: true);
            for (int pass = 0; pass < 5; pass++)
            {
                Pass(engine, owners, tickets);
            }

            least = Math.Min(least, GC.GetTotalAllocatedBytes(precise: true) - before);
        }

        Assert.Equal(0, least);
        Assert.Equal(spill, engine.Statistics.Pipeline!.SpilledFrames > 0);
        foreach (Owner owner in owners)
        {
            owner.Dispose();
        }
    }

    private static void Pass(OffloadEngine engine, Owner[] owners, OffloadTicket[] tickets)
    {
        for (int i = 0; i < owners.Length; i++)
        {
            tickets[i] = engine.Stash(owners[i].Source.View, ActivationUse.DenseValues, owners[i], owners[i].Label, CancellationToken.None);
        }

        for (int i = owners.Length - 1; i >= 0; i--)
        {
            engine.Take(tickets[i], CancellationToken.None);
            tickets[i].Dispose();
        }
    }

    private sealed class Owner(int seed) : IActivationOwner, IDisposable
    {
        private readonly OwnTensor _destination = new(4, 4, 32, 64);

        public bool IsSourceUnchanged => true;

        internal OwnTensor Source { get; } = new OwnTensor(4, 4, 32, 64).Fill(seed);

        internal ActivationLabel Label { get; } = new($"layer {seed}", null, "values");

        public void ReleaseSource()
        {
        }

        public void Stored(long frameBytes)
        {
        }

        public TensorView CreateDestination() => _destination.View;

        public void DropDestination()
        {
        }

        public void Dispose()
        {
            Source.Dispose();
            _destination.Dispose();
        }
    }
}
