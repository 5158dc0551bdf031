using System.Diagnostics;
using JpegActFpga.Core.Backends;
using JpegActFpga.Core.Frames;
using JpegActFpga.Core.Memory;
using JpegActFpga.Core.Observability;
using JpegActFpga.Core.Profiles;
using JpegActFpga.Core.Tensors;
using JpegActFpga.Offload.Statistics;

namespace JpegActFpga.Offload.Pipeline;

/// <content>The way out: tensor to frame.</content>
internal sealed partial class OffloadPipeline
{
    /// <summary>Stashes an activation: queues it for a worker where there are workers, an owner and room, else compresses it now.</summary>
    /// <param name="source">The tensor.</param>
    /// <param name="profile">How.</param>
    /// <param name="owner">Keeps it alive; null where the caller does, for the call.</param>
    /// <param name="label">Whose it is.</param>
    /// <param name="cancellationToken">Stops the work before it is given to a device.</param>
    /// <remarks>Where it throws, the source was not given back yet.</remarks>
    internal OffloadTicket Stash(TensorView source, CodecProfile profile, IActivationOwner? owner, ActivationLabel? label, CancellationToken cancellationToken)
    {
        ExpectNow(source.Bytes.Length);
        long mostFrameBytes = FrameLayout.MaxFrameBytes(source.Spec, profile);
        RetireOwn();
        Activation activation = NewActivation();
        (activation.Spec, activation.Source, activation.Profile) = (source.Spec, source, profile);
        (activation.Owner, activation.Label, activation.Cancellation) = (owner, label, cancellationToken);
        activation.Thread = Environment.CurrentManagedThreadId;
        activation.MostFrameBytes = mostFrameBytes;
        if (owner is not null && TryEnqueue(activation))
        {
            return new OffloadTicket(activation);
        }

        CompressNow(activation);
        owner?.Stored(activation.FrameBytes);
        owner?.ReleaseSource();
        lock (_gate)
        {
            _live.Add(activation);
        }

        return new OffloadTicket(activation);
    }

    /// <summary>Waits until an activation's frame is stored.</summary>
    /// <param name="ticket">Its ticket.</param>
    /// <returns>The activation.</returns>
    /// <exception cref="TimeoutException">It took longer than the limit.</exception>
    internal Activation WaitForFrame(OffloadTicket ticket)
    {
        Activation activation = ticket.Activation;
        lock (_gate)
        {
            long deadline = Deadline();
            while (activation.State is FrameState.Queued or FrameState.Compressing)
            {
                WaitForChange(deadline, "a frame");
            }

            return activation.State == FrameState.Stored ? activation : throw Failure(activation);
        }
    }

    private static Exception Failure(Activation activation) => activation.Error is FrameLostException or null
        ? new FrameLostException($"The activation {activation.Spec} has no frame: {activation.Error?.Message}", activation.Error)
        : activation.Error;

    // With workers it is not known who will do it, and when.
    private void ExpectNow(long tensorBytes)
    {
        if (_workers.Length == 0)
        {
            _work.Expect(tensorBytes);
        }
    }

    private bool TryEnqueue(Activation activation)
    {
        if (_workers.Length == 0)
        {
            return false;
        }

        long source = activation.Source.Bytes.Length;
        activation.Origin = StageOrigin.Current;
        activation.QueuedAt = Stopwatch.GetTimestamp();
        lock (_gate)
        {
            // The frame's room is reserved with the source, so that a worker never waits for room: it would wait for what
            // only its own end may bring.
            bool room = !_stopping
                && _pending < _options.MaxPendingCount
                && _pendingBytes + source <= _options.MaxPendingBytesFor(source)
                && _budget.TryReserve(source + activation.MostFrameBytes);
            if (!room)
            {
                // The caller does the work. It cannot do anything better: what is ahead of it would only be done later.
                _counts.CallerCompressed++;
                return false;
            }

            activation.Reserved = source + activation.MostFrameBytes;
            activation.State = FrameState.Queued;
            activation.SourceHeld = true;
            _pending++;
            _pendingBytes += source;
            _counts.Queued++;
            _live.Add(activation);
            _toCompress.Add(activation);
            OffloadTelemetry.Queued(Backlog.Compress, 1);
            Monitor.PulseAll(_gate);
            return true;
        }
    }

    // The source is the caller's for the call: only the frame needs room.
    private void CompressNow(Activation activation)
    {
        activation.State = FrameState.Compressing;
        try
        {
            using FrameRoom room = _workers.Length == 0 ? _work.Rent(activation, _store) : _work.Rent(activation);
            CompressResult result = _work.Compress(activation, room);
            NativeSpan<byte> frame = room.Bytes.Slice(0, result.FrameBytes);
            if (WaitForRoom(frame.Length))
            {
                activation.Reserved = result.FrameBytes;
                _work.Store(activation, _store, frame, result.Method, Stage.Store);
            }
            else
            {
                Spill(activation, frame, result.Method);
            }

            activation.State = FrameState.Stored;
        }
        catch
        {
            // The source is still the engine's caller's: SourceHeld was never set.
            activation.EndGeneration();
            GiveUp(activation);
            throw;
        }
    }

    private void Spill(Activation activation, NativeSpan<byte> frame, CodecMethod method)
    {
        OffloadTelemetry.Queued(Backlog.Spill, 1);
        try
        {
            _work.Store(activation, _spill!, frame, method, Stage.Spill);
        }
        finally
        {
            OffloadTelemetry.Queued(Backlog.Spill, -1);
        }

        lock (_gate)
        {
            _counts.SpilledFrames++;
            _counts.SpilledBytes += frame.Length;
        }
    }

    // Back-pressure first: what is under way gives room back when it ends. Then the spill file: false.
    private bool WaitForRoom(long bytes)
    {
        long deadline = Deadline();
        while (true)
        {
            RetireOwn();
            lock (_gate)
            {
                if (_budget.TryReserve(bytes))
                {
                    return true;
                }

                // What ended since the look at it above gives room back too: another look, before the spill file.
                if (!_orphans.IsEmpty || _finished.HasOf(Environment.CurrentManagedThreadId))
                {
                    continue;
                }

                if (_underWay == 0 && _toCompress.IsEmpty)
                {
                    return false;
                }

                WaitForChange(deadline, "room in host memory");
            }
        }
    }

    // On a worker, or in Take for one that was still queued. Its state is Compressing.
    private void CompressQueued(Activation activation)
    {
        Exception? error = null;
        try
        {
            using StageScope stage = StageTelemetry.Start(Stage.Compress, lane: Thread.CurrentThread.Name, origin: activation.Origin);
            using FrameRoom room = _work.Rent(activation);
            CompressResult result = _work.Compress(activation, room);
            _work.Store(activation, _store, room.Bytes.Slice(0, result.FrameBytes), result.Method, Stage.Store);
            stage.Moved(activation.Source.Bytes.Length, result.FrameBytes);
        }
        catch (Exception e)
        {
            // Told by Take: the thread that stashed it went on.
            error = e;
        }

        lock (_gate)
        {
            long unused = activation.MostFrameBytes - activation.FrameBytes;
            _budget.Release(unused);
            activation.Reserved -= unused;
            activation.Error = error;
            activation.State = error is null ? FrameState.Stored : FrameState.Failed;
            _underWay--;
            OffloadTelemetry.Queued(Backlog.Compress, -1);
            if (activation.Abandoned)
            {
                _orphans.Add(activation);
            }
            else
            {
                _finished.Add(activation);
            }

            _toRetire++;
            Monitor.PulseAll(_gate);
        }
    }

    /// <summary>Lets go of the sources that this thread stashed and whose frames are stored.</summary>
    private void RetireOwn()
    {
        if (_toRetire == 0)
        {
            return;
        }

        int thread = Environment.CurrentManagedThreadId;
        while (true)
        {
            Activation? mine;
            lock (_gate)
            {
                mine = _finished.TakeOf(thread);
                if (mine is not null)
                {
                    _toRetire--;
                    mine.Retiring = true;
                }
            }

            if (mine is null)
            {
                break;
            }

            Retire(mine);
        }

        GiveUpOrphans();
    }

    private void GiveUpOrphans()
    {
        while (true)
        {
            Activation? orphan;
            lock (_gate)
            {
                orphan = _orphans.Take();
                if (orphan is null)
                {
                    return;
                }

                _toRetire--;
            }

            GiveUp(orphan);
        }
    }

    // Marked as Retiring: nobody else gives its source back.
    private void Retire(Activation activation)
    {
        IActivationOwner owner = activation.Owner!;
        bool unchanged = owner.IsSourceUnchanged;
        if (activation.State == FrameState.Stored)
        {
            owner.Stored(activation.FrameBytes);
        }

        if (!activation.IsHostage)
        {
            owner.ReleaseSource();
        }

        long source = activation.Source.Bytes.Length;
        bool abandoned;
        lock (_gate)
        {
            (activation.SourceHeld, activation.Retiring) = (false, false);
            _pending--;
            _pendingBytes -= source;
            _budget.Release(source);
            activation.Reserved -= source;
            if (!unchanged && activation.State == FrameState.Stored)
            {
                activation.State = FrameState.Failed;
                activation.Error = new ActivationChangedException(
                    $"A tensor {activation.Spec}{(activation.Label is { } label ? $" of layer '{label.Layer}'" : "")} needed for the gradient was modified in place while it waited to be compressed. "
                    + "Clone it before the in-place operation, or turn overlap off.");
            }

            abandoned = activation.Abandoned;
            Monitor.PulseAll(_gate);
        }

        if (abandoned)
        {
            GiveUp(activation);
        }
    }

    private long Deadline() => Environment.TickCount64 + (long)_options.WaitLimit.TotalMilliseconds;

    private void WaitForChange(long deadline, string what)
    {
        long left = deadline - Environment.TickCount64;
        if (left <= 0)
        {
            throw new TimeoutException($"The offload engine waited {_options.WaitLimit.TotalSeconds:0.###} s for {what}.");
        }

        Monitor.Wait(_gate, (int)Math.Min(left, int.MaxValue));
    }
}
