using System.Diagnostics;
using JpegActFpga.Core.Backends;
using JpegActFpga.Core.Frames;
using JpegActFpga.Core.Memory;
using JpegActFpga.Core.Observability;
using JpegActFpga.Core.Profiles;
using JpegActFpga.Core.Tensors;
using JpegActFpga.Offload.Policy;
using JpegActFpga.Offload.Resilience;
using JpegActFpga.Offload.Statistics;
using JpegActFpga.Offload.Stores;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace JpegActFpga.Offload;

/// <summary>Turns activations into tickets and back: policy, then backend, then frame, then store.</summary>
/// <remarks>
/// Safe from any thread. A call returns when its work is done; the tensor's memory is the caller's again then. The engine
/// owns neither backends nor store.
/// </remarks>
public sealed class OffloadEngine : IDisposable
{
    private readonly IOffloadPolicy _policy;
    private readonly BackendChain _chain;
    private readonly IFrameStore _store;
    private readonly StatisticsCollector _statistics = new();
    private readonly ScratchPool _scratch = new();

    /// <summary>Initializes a new instance of the <see cref="OffloadEngine"/> class.</summary>
    /// <param name="policy">Chooses profiles.</param>
    /// <param name="backends">Backends in order of preference; the last must have every method, because nothing is behind it.</param>
    /// <param name="store">Where frames are kept.</param>
    /// <param name="resilience">How failures are met; defaults where null.</param>
    /// <param name="logger">Told of fallbacks, retries and circuit changes.</param>
    /// <param name="options">How the engine overlaps, bounds its memory and checks its backends; defaults where null.</param>
    /// <exception cref="ArgumentException">There is no backend, or the last lacks a method, or an option is out of range.</exception>
    public OffloadEngine(IOffloadPolicy policy, IReadOnlyList<ICodecBackend> backends, IFrameStore store, ResilienceOptions? resilience = null, ILogger? logger = null, OffloadEngineOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(policy);
        ArgumentNullException.ThrowIfNull(backends);
        ArgumentNullException.ThrowIfNull(store);
        options ??= new OffloadEngineOptions();
        options.Validate();
        _policy = policy;
        _store = store;
        _chain = new BackendChain(backends, resilience ?? new ResilienceOptions(), _statistics, logger ?? NullLogger.Instance);
    }

    /// <summary>Gets what the engine did since it was made or <see cref="ResetStatistics"/> was called.</summary>
    public OffloadStatistics Statistics => _statistics.Snapshot();

    /// <summary>Starts counting work anew, after a warm-up say. Fallbacks, retries and non-finite tensors stay counted.</summary>
    public void ResetStatistics() => _statistics.Reset();

    /// <summary>Compresses an activation of which nothing more is known, and keeps its frame.</summary>
    /// <inheritdoc cref="Stash(TensorView, ActivationUse, ActivationLabel, CancellationToken)"/>
    public OffloadTicket? Stash(TensorView tensor, ActivationUse use, CancellationToken cancellationToken = default) => Stash(tensor, use, label: null, cancellationToken);

    /// <summary>Compresses an activation and keeps its frame.</summary>
    /// <param name="tensor">The activation; read until the call returns.</param>
    /// <param name="use">What the backward pass needs of it.</param>
    /// <param name="label">Whose it is, for statistics and traces; may be null.</param>
    /// <param name="cancellationToken">Stops the call before work is given to a device.</param>
    /// <returns>A ticket, or null where the policy leaves the tensor alone: then the caller keeps it.</returns>
    /// <exception cref="BackendException">Every backend failed.</exception>
    public OffloadTicket? Stash(TensorView tensor, ActivationUse use, ActivationLabel? label, CancellationToken cancellationToken = default)
    {
        CodecProfile? profile = _policy.Choose(tensor.Spec, use);
        if (profile is null)
        {
            _statistics.LeftAlone();
            return null;
        }

        using StageScope stage = StageTelemetry.Start(Stage.Stash, layer: label?.Layer);
        using ScratchPool.Lease room = _scratch.Rent(FrameLayout.MaxFrameBytes(tensor.Spec, profile));
        long started = Stopwatch.GetTimestamp();
        (CompressResult result, BackendCapabilities by) = _chain.Compress(tensor, profile, room.Bytes, cancellationToken);
        _statistics.Compressed(by, result, profile.Method, tensor.Bytes.Length, Stopwatch.GetElapsedTime(started), label);
        StoredFrame frame = Store(room.Bytes.Slice(0, result.FrameBytes));
        _statistics.Held(result.FrameBytes, tensor.Bytes.Length);
        stage.Moved(tensor.Bytes.Length, result.FrameBytes);
        return new OffloadTicket(tensor.Spec, result.Method, frame, label, Released);
    }

    /// <summary>Expands a stashed activation; the ticket stays good until it is disposed.</summary>
    /// <param name="ticket">A ticket of this engine.</param>
    /// <param name="destination">A tensor of the ticket's type and shape.</param>
    /// <param name="cancellationToken">Stops the call before work is given to a device.</param>
    /// <exception cref="InvalidFrameException">The stored frame was damaged.</exception>
    /// <exception cref="BackendException">Every backend failed.</exception>
    public void Take(OffloadTicket ticket, TensorView destination, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(ticket);
        using StageScope stage = StageTelemetry.Start(Stage.Take, layer: ticket.Label?.Layer);
        stage.Moved(ticket.FrameBytes, ticket.Spec.ByteCount);
        FrameReader frame = FrameReader.Open(ticket.Frame.Bytes);
        long started = Stopwatch.GetTimestamp();
        BackendCapabilities by = _chain.Expand(frame, destination, cancellationToken);
        _statistics.Expanded(by, ticket, Stopwatch.GetElapsedTime(started));

        // The frame lies in memory that the ticket owns.
        GC.KeepAlive(ticket);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _chain.Dispose();
        _scratch.Dispose();
    }

    private StoredFrame Store(NativeSpan<byte> frame)
    {
        using StageScope stage = StageTelemetry.Start(Stage.Store);
        stage.Moved(frame.Length, frame.Length);
        return _store.Put(frame);
    }

    private void Released(OffloadTicket ticket) => _statistics.Held(-ticket.FrameBytes, -ticket.Spec.ByteCount);
}
