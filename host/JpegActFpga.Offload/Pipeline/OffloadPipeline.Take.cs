using System.Diagnostics;
using JpegActFpga.Core.Observability;
using JpegActFpga.Core.Tensors;

namespace JpegActFpga.Offload.Pipeline;

/// <content>The way back: frame to tensor.</content>
internal sealed partial class OffloadPipeline
{
    /// <summary>Expands an activation into a tensor of the caller's.</summary>
    /// <param name="ticket">A ticket.</param>
    /// <param name="destination">Receives it.</param>
    /// <param name="cancellationToken">Stops the call before work is given to a device.</param>
    internal void Take(OffloadTicket ticket, TensorView destination, CancellationToken cancellationToken)
    {
        ExpectNow(ticket.Spec.ByteCount);
        Activation activation = Settle(ticket);
        PrefetchBefore(activation);
        _work.Expand(activation, destination, cancellationToken);
        lock (_gate)
        {
            activation.Taken = true;
            _counts.OnDemand++;
        }
    }

    /// <summary>Sees to it that the owner's destination holds the activation.</summary>
    /// <param name="ticket">A ticket with an owner.</param>
    /// <param name="cancellationToken">Stops the call before work is given to a device.</param>
    internal void Take(OffloadTicket ticket, CancellationToken cancellationToken)
    {
        ExpectNow(ticket.Spec.ByteCount);
        Activation activation = Settle(ticket);
        IActivationOwner owner = activation.Owner ?? throw new ArgumentException("The ticket has no owner: give a destination.", nameof(ticket));
        PrefetchBefore(activation);
        bool created = ClaimDestination(activation);
        DemandFree(activation);
        try
        {
            if (!created)
            {
                activation.Destination = owner.CreateDestination();
                created = true;
            }

            if (activation.Ahead != AheadState.Ready)
            {
                _work.Expand(activation, activation.Destination, cancellationToken);
            }
        }
        catch
        {
            if (created && !activation.IsHostage)
            {
                owner.DropDestination();
            }

            throw;
        }
        finally
        {
            lock (_gate)
            {
                (activation.Ahead, activation.Destination) = (AheadState.None, default);
            }
        }
    }

    // Its destination may be written to at any time, so it is not used, and another would have no frame that may be read.
    private static void DemandFree(Activation activation)
    {
        if (activation.IsHostage)
        {
            throw new BackendStuckException($"An expansion of {activation.Spec} ahead of need does not end; the backend may use its memory for ever.");
        }
    }

    /// <summary>Takes over what a worker did, is doing or was to do. True where the destination exists; it is filled where the state is Ready.</summary>
    private bool ClaimDestination(Activation activation)
    {
        lock (_gate)
        {
            bool newest = activation.Newer is null;
            long deadline = Deadline();
            bool waited = false;
            while (activation.Ahead is AheadState.Claimed or AheadState.Expanding)
            {
                waited = true;
                WaitForChange(deadline, "an expansion");
            }

            bool exists = activation.Ahead != AheadState.None;
            activation.Taken = true;
            switch (activation.Ahead)
            {
                case AheadState.Ready when waited:
                    _counts.PrefetchWaits++;
                    _window.WasLate();
                    break;
                case AheadState.Ready:
                    _counts.Prefetched++;
                    _window.WasReady(Stopwatch.GetTimestamp() - activation.ReadyAt);
                    break;
                case AheadState.Queued:
                    _toExpand.Remove(activation);
                    OffloadTelemetry.Queued(Backlog.Prefetch, -1);
                    _counts.OnDemand++;
                    _window.WasLate();
                    break;
                default:
                    // A prefetch that failed is tried again here, where its error can be told. The newest has nothing before
                    // it that could have prefetched it.
                    _counts.OnDemand++;
                    if (!newest)
                    {
                        _window.WasLate();
                    }

                    break;
            }

            if (exists)
            {
                // From here on the destination is the owner's: handed over.
                long bytes = activation.Spec.ByteCount;
                _budget.Release(bytes);
                activation.Reserved -= bytes;
                Monitor.PulseAll(_gate);
            }

            return exists;
        }
    }

    /// <summary>The activation, its frame stored and its source given back and found unchanged.</summary>
    private Activation Settle(OffloadTicket ticket)
    {
        Activation activation = ticket.Activation;
        bool mine = false;
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_stopping, typeof(OffloadEngine));
            if (activation.State == FrameState.Queued)
            {
                // Quicker than to wait for its turn. Its source is no substitute: what is lossy must be lossy always.
                _toCompress.Remove(activation);
                activation.State = FrameState.Compressing;
                _underWay++;
                _counts.TakenFromQueue++;
                mine = true;
            }
        }

        if (mine)
        {
            StageTelemetry.Waited(Stage.Queue, activation.QueuedAt);
            CompressQueued(activation);
        }

        WaitForEnd(activation);
        RetireOwn();
        RetireThis(activation);
        return activation.State == FrameState.Stored ? activation : throw Failure(activation);
    }

    private void WaitForEnd(Activation activation)
    {
        if (activation.State == FrameState.Compressing)
        {
            lock (_gate)
            {
                long deadline = Deadline();
                while (activation.State == FrameState.Compressing)
                {
                    WaitForChange(deadline, "a frame");
                }
            }
        }
    }

    // Where another thread stashed it: this one's Take comes after that one's forward pass.
    private void RetireThis(Activation activation)
    {
        bool mine = false;
        lock (_gate)
        {
            if (activation.SourceHeld && !activation.Retiring)
            {
                mine = _finished.Remove(activation);
                _toRetire -= mine ? 1 : 0;
                activation.Retiring = mine;
            }

            long deadline = Deadline();
            while (!mine && activation.Retiring)
            {
                WaitForChange(deadline, "a source to be given back");
            }
        }

        if (mine)
        {
            Retire(activation);
        }
    }

    /// <summary>Queues the expansion of those that backward will want after this one.</summary>
    private void PrefetchBefore(Activation activation)
    {
        while (ClaimBefore(activation) is { } next)
        {
            TensorView destination;
            try
            {
                destination = next.Owner!.CreateDestination();
            }
            catch (Exception error)
            {
                _work.AheadFailed(next, error);
                Unclaim(next);
                return;
            }

            lock (_gate)
            {
                next.Destination = destination;
                if (next.Abandoned)
                {
                    next.Ahead = AheadState.Failed;
                    _orphans.Add(next);
                    _toRetire++;
                    continue;
                }

                next.Origin = StageOrigin.Current;
                next.QueuedAt = Stopwatch.GetTimestamp();
                next.Ahead = AheadState.Queued;
                _toExpand.Add(next);
                OffloadTelemetry.Queued(Backlog.Prefetch, 1);
                Monitor.PulseAll(_gate);
            }
        }
    }

    // The nearest of the window that is not under way. Null where there is none, or no room for it.
    private Activation? ClaimBefore(Activation activation)
    {
        if (_workers.Length == 0)
        {
            return null;
        }

        lock (_gate)
        {
            Activation? at = activation.Older;
            for (int i = 0; i < _window.Size && at is not null && !_stopping; i++, at = at.Older)
            {
                if (at.State != FrameState.Stored || at.Ahead != AheadState.None || at.SourceHeld || at.Taken || at.Owner is null)
                {
                    continue;
                }

                long bytes = at.Spec.ByteCount;
                if (!_budget.TryReserve(bytes))
                {
                    return null;
                }

                at.Reserved += bytes;
                at.Ahead = AheadState.Claimed;
                return at;
            }

            return null;
        }
    }

    // No destination could be made: Take will try, and tell.
    private void Unclaim(Activation activation)
    {
        lock (_gate)
        {
            long bytes = activation.Spec.ByteCount;
            _budget.Release(bytes);
            activation.Reserved -= bytes;
            activation.Ahead = AheadState.None;
            if (activation.Abandoned)
            {
                _orphans.Add(activation);
                _toRetire++;
            }

            Monitor.PulseAll(_gate);
        }
    }
}
