using JpegActFpga.Core.Backends;
using JpegActFpga.Core.Memory;
using JpegActFpga.Core.Observability;
using JpegActFpga.Core.Tensors;
using JpegActFpga.Offload.Pipeline;
using JpegActFpga.Offload.Policy;
using JpegActFpga.Offload.Resilience;
using JpegActFpga.Offload.Statistics;
using JpegActFpga.Offload.Stores;
using JpegActFpga.Offload.Verification;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace JpegActFpga.Offload;

/// <summary>Turns activations into tickets and back: policy, then backend, then frame, then store.</summary>
/// <remarks>
/// Safe from any thread. The engine owns neither backends nor store. With <see cref="OverlapMode.On"/>, worker threads
/// compress beside the caller, and expand ahead of it; what comes back is the same, bit for bit.
/// </remarks>
public sealed class OffloadEngine : IDisposable
{
    private readonly IOffloadPolicy _policy;
    private readonly OffloadPipeline _pipeline;
    private readonly OutputCheck _check;
    private readonly StatisticsCollector _statistics = new();

    /// <summary>Initializes a new instance of the <see cref="OffloadEngine"/> class.</summary>
    /// <param name="policy">Chooses profiles.</param>
    /// <param name="backends">Backends in order of preference; the last must have every method, because nothing is behind it.</param>
    /// <param name="store">Where frames are kept.</param>
    /// <param name="resilience">How failures are met; defaults where null.</param>
    /// <param name="logger">Told of fallbacks, retries and circuit changes.</param>
    /// <param name="options">How the engine overlaps, bounds its memory and checks its backends; defaults where null.</param>
    /// <exception cref="ArgumentException">There is no backend, or the last lacks a method, or an option is out of range.</exception>
    /// <exception cref="IOException">There is a memory bound, and the spill file cannot be made.</exception>
    public OffloadEngine(IOffloadPolicy policy, IReadOnlyList<ICodecBackend> backends, IFrameStore store, ResilienceOptions? resilience = null, ILogger? logger = null, OffloadEngineOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(policy);
        ArgumentNullException.ThrowIfNull(backends);
        ArgumentNullException.ThrowIfNull(store);
        options ??= new OffloadEngineOptions();
        options.Validate();
        _policy = policy;
        _check = new OutputCheck(options);
        var journal = new ResilienceJournal(_statistics, logger ?? NullLogger.Instance);
        var chain = new BackendChain(backends, resilience ?? new ResilienceOptions(), journal, _check, checkLast: _check.Recomputes);
        int workers = WorkersFor(options, backends[0].Capabilities);
        Overlaps = workers > 0;
        Memory = backends[^1].Capabilities.Memory;
        _pipeline = new OffloadPipeline(new FrameWork(chain, _statistics, journal), store, options, workers);
    }

    /// <summary>Gets a value indicating whether work is done beside the caller: sources and destinations are used after Stash has returned, and before Take is called.</summary>
    public bool Overlaps { get; }

    /// <summary>Gets the kinds of memory whose tensors it takes: those that the last backend reaches.</summary>
    public MemoryKind Memory { get; }

    /// <summary>Gets what the engine did since it was made or <see cref="ResetStatistics"/> was called.</summary>
    public OffloadStatistics Statistics => _statistics.Snapshot() with
    {
        Pipeline = _pipeline.Snapshot() with { Verified = _check.Counts.Verified, Mismatches = _check.Counts.Mismatches },
    };

    /// <summary>Starts counting work anew, after a warm-up say. Fallbacks, retries and non-finite tensors stay counted.</summary>
    public void ResetStatistics()
    {
        _statistics.Reset();
        _pipeline.ResetStatistics();
    }

    /// <summary>Compresses an activation of which nothing more is known, and keeps its frame.</summary>
    /// <inheritdoc cref="Stash(TensorView, ActivationUse, ActivationLabel, CancellationToken)"/>
    public OffloadTicket Stash(TensorView tensor, ActivationUse use, CancellationToken cancellationToken = default) => Stash(tensor, use, label: null, cancellationToken);

    /// <summary>Compresses an activation before it returns, and keeps its frame.</summary>
    /// <param name="tensor">The activation; read until the call returns.</param>
    /// <param name="use">What the backward pass needs of it.</param>
    /// <param name="label">Whose it is, for statistics and traces; may be null.</param>
    /// <param name="cancellationToken">Stops the call before work is given to a device.</param>
    /// <returns>A ticket; none (<see cref="OffloadTicket.IsNone"/>) where the policy leaves the tensor alone: then the caller keeps it.</returns>
    /// <exception cref="BackendException">Every backend failed.</exception>
    /// <exception cref="FrameLostException">The frame could not be spilled.</exception>
    public OffloadTicket Stash(TensorView tensor, ActivationUse use, ActivationLabel? label, CancellationToken cancellationToken = default) =>
        Stash(tensor, use, owner: null, label, cancellationToken);

    /// <summary>Stashes an activation that its owner keeps alive until the engine has done with it: at once, where the engine overlaps.</summary>
    /// <param name="tensor">The activation; read until <see cref="IActivationOwner.ReleaseSource"/>.</param>
    /// <param name="use">What the backward pass needs of it.</param>
    /// <param name="owner">Its owner; where the call throws or returns no ticket, only ReleaseSource is called.</param>
    /// <param name="label">Whose it is, for statistics and traces; may be null.</param>
    /// <param name="cancellationToken">Stops the work before it is given to a device.</param>
    /// <returns>A ticket, or none: as above.</returns>
    /// <exception cref="BackendException">Every backend failed. Where the work is done later, Take throws it.</exception>
    /// <exception cref="FrameLostException">The frame could not be spilled.</exception>
    /// <exception cref="BackendStuckException">A backend does not end the call: the source is not given back.</exception>
    /// <exception cref="TimeoutException">No room came free within <see cref="OffloadEngineOptions.WaitLimit"/>.</exception>
    public OffloadTicket Stash(TensorView tensor, ActivationUse use, IActivationOwner? owner, ActivationLabel? label, CancellationToken cancellationToken = default)
    {
        try
        {
            if (_policy.Choose(tensor.Spec, use) is not { } profile)
            {
                _statistics.LeftAlone();
                owner?.ReleaseSource();
                return default;
            }

            using StageScope stage = StageTelemetry.Start(Stage.Stash, layer: label?.Layer);
            stage.Moved(tensor.Bytes.Length, 0);
            return _pipeline.Stash(tensor, profile, owner, label, cancellationToken);
        }
        catch (Exception error)
        {
            if (error is not BackendStuckException)
            {
                owner?.ReleaseSource();
            }

            throw;
        }
    }

    /// <summary>Expands a stashed activation; the ticket stays good until it is disposed. One call at a time for a ticket.</summary>
    /// <param name="ticket">A ticket of this engine.</param>
    /// <param name="destination">A tensor of the ticket's type and shape.</param>
    /// <param name="cancellationToken">Stops the call before work is given to a device.</param>
    /// <exception cref="FrameLostException">The frame is damaged or gone.</exception>
    /// <exception cref="ActivationChangedException">The source was changed before it was compressed.</exception>
    /// <exception cref="BackendException">Every backend failed.</exception>
    /// <exception cref="TimeoutException">Work of other threads did not end within <see cref="OffloadEngineOptions.WaitLimit"/>.</exception>
    /// <exception cref="ObjectDisposedException">The engine was disposed.</exception>
    public void Take(OffloadTicket ticket, TensorView destination, CancellationToken cancellationToken = default)
    {
        using StageScope stage = StageTelemetry.Start(Stage.Take, layer: ticket.Label?.Layer);
        stage.Moved(0, ticket.Spec.ByteCount);
        _pipeline.Take(ticket, destination, cancellationToken);
    }

    /// <summary>
    /// Sees to it that the tensor its owner made last holds a stashed activation, which may have been expanded ahead. One call
    /// at a time for a ticket.
    /// </summary>
    /// <param name="ticket">A ticket of this engine that has an owner.</param>
    /// <param name="cancellationToken">Stops the call before work is given to a device.</param>
    /// <inheritdoc cref="Take(OffloadTicket, TensorView, CancellationToken)" path="/exception"/>
    public void Take(OffloadTicket ticket, CancellationToken cancellationToken = default)
    {
        using StageScope stage = StageTelemetry.Start(Stage.Take, layer: ticket.Label?.Layer);
        stage.Moved(0, ticket.Spec.ByteCount);
        _pipeline.Take(ticket, cancellationToken);
    }

    /// <summary>Ends the workers, and lets go of every source. Tickets may be disposed afterwards; they cannot be taken.</summary>
    public void Dispose()
    {
        _pipeline.Dispose();
        _check.Dispose();
    }

    private static int WorkersFor(OffloadEngineOptions options, BackendCapabilities first)
    {
        const int most = 4;
        bool overlap = options.Overlap == OverlapMode.On || (options.Overlap == OverlapMode.Auto && !first.UsesHostProcessor);
        int automatic = first.UsesHostProcessor ? 1 : Math.Clamp(first.MaxInFlight, 1, most);
        return !overlap ? 0 : options.Workers == 0 ? automatic : options.Workers;
    }
}
