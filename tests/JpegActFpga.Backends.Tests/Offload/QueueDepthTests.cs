using System.Collections.Concurrent;
using System.Diagnostics;
using JpegActFpga.Backends.Tests.Offload.Pipeline;
using JpegActFpga.Backends.Tests.Support;
using JpegActFpga.Core.Observability;
using JpegActFpga.Core.Profiles;
using JpegActFpga.Offload;
using JpegActFpga.Offload.Policy;
using JpegActFpga.Offload.Stores;
using JpegActFpga.Xrt.Tests;

namespace JpegActFpga.Backends.Tests.Offload;

/// <summary>Work counts in its queue from when it is asked for until it is done.</summary>
[Collection(nameof(TelemetryTests))]
public sealed class QueueDepthTests : IDisposable
{
    private readonly HostMemoryStore _store = new();
    private readonly TimedBackend _backend = new();
    private readonly List<TestOwner> _owners = [];

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        _backend.Open();
        Assert.All(Enum.GetValues<Backlog>(), queue => Assert.Equal(0, OffloadTelemetry.Depth(queue)));
        _owners.ForEach(owner => owner.Dispose());
        _store.Dispose();
    }

    [Fact]
    public void Compressions_count_until_they_are_stored_or_given_up()
    {
        using OffloadEngine engine = Engine(new() { Overlap = OverlapMode.On, Workers = 1 });
        _backend.Close();
        List<OffloadTicket> tickets = [.. Enumerable.Range(0, 3).Select(seed => Stash(engine, seed))];
        Wait.Until(() => _backend.Compressing == 1, "the only worker is at the first");
        Assert.Equal(3, OffloadTelemetry.Depth(Backlog.Compress));
        tickets[2].Dispose();
        Assert.Equal(2, OffloadTelemetry.Depth(Backlog.Compress));
        _backend.Open();
        Assert.True(tickets[0].FrameBytes > 0 && tickets[1].FrameBytes > 0);
        Assert.Equal(0, OffloadTelemetry.Depth(Backlog.Compress));
        tickets.ForEach(ticket => ticket.Dispose());
    }

    [Fact]
    public async Task Expansions_ahead_count_until_they_are_ready_or_taken_over()
    {
        using OffloadEngine engine = Engine(new() { Overlap = OverlapMode.On, Workers = 1, Prefetch = 3 });
        List<OffloadTicket> tickets = [.. Enumerable.Range(0, 5).Select(seed => Stash(engine, seed))];
        Assert.All(tickets, ticket => Assert.True(ticket.FrameBytes > 0));

        // What is stored is expanded ahead once its source was given back, by the thread that stashed it: at its next call.
        tickets.Add(Stash(engine, tickets.Count));
        Assert.True(tickets[^1].FrameBytes > 0);
        _backend.Close();
        Task taken = Task.Run(
            () =>
            {
                foreach (OffloadTicket ticket in Enumerable.Reverse(tickets))
                {
                    engine.Take(ticket, Token);
                }
            },
            Token);
        Wait.Until(() => _backend.Expanded.Length == 2, "the caller and the worker expand");
        Assert.Equal(3, OffloadTelemetry.Depth(Backlog.Prefetch));
        _backend.Open();
        await taken;
        Assert.Equal(0, OffloadTelemetry.Depth(Backlog.Prefetch));
        tickets.ForEach(ticket => ticket.Dispose());
    }

    [Fact]
    public void Spills_and_verifications_count_while_they_run()
    {
        var depths = new ConcurrentQueue<(string Stage, long Depth)>();
        using var listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name == StageTelemetry.Name,
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllData,
            ActivityStarted = activity =>
            {
                if (activity.OperationName is "spill" or "verify")
                {
                    depths.Enqueue((activity.OperationName, OffloadTelemetry.Depth(activity.OperationName == "spill" ? Backlog.Spill : Backlog.Verify)));
                }
            },
        };
        ActivitySource.AddActivityListener(listener);
        using OffloadEngine engine = Engine(new() { Overlap = OverlapMode.Off, HostMemoryBytes = 1 << 20, Verify = VerifyMode.All });
        List<OffloadTicket> tickets = [.. Enumerable.Range(0, 3).Select(seed => Stash(engine, seed, 4, 4, 128, 256))];
        tickets.ForEach(ticket => ticket.Dispose());
        Assert.Equal([("spill", 1L), ("verify", 1L)], depths.Distinct().Order());
    }

    [Fact]
    public void The_documentation_names_every_stage_and_queue()
    {
        string text = File.ReadAllText(Path.Combine(CardSetup.Repository, "docs", "observability.md"));
        Assert.All(Enum.GetValues<Stage>(), stage => Assert.Contains($"`{stage.Name()}`", text, StringComparison.Ordinal));
        string queues = string.Join(", ", Enum.GetNames<Backlog>().Select(queue => queue.ToLowerInvariant()));
        Assert.Contains($"work waiting or under way: {queues} |", text, StringComparison.Ordinal);
    }

    private OffloadEngine Engine(OffloadEngineOptions options) =>
        new(new JpegActPolicy(CodecProfile.JpegAct(ShiftTables.OptsLow), minElements: 256), [_backend], _store, options: options);

    private OffloadTicket Stash(OffloadEngine engine, int seed, params long[] shape)
    {
        var owner = new TestOwner(seed, shape is [] ? [2, 3, 16, 32] : shape);
        _owners.Add(owner);
        return engine.Stash(owner.Source.View, ActivationUse.DenseValues, owner, null, Token)!;
    }
}
