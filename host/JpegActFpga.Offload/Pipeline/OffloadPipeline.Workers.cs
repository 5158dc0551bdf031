using System.Diagnostics;
using JpegActFpga.Core.Observability;

namespace JpegActFpga.Offload.Pipeline;

/// <content>The worker threads.</content>
internal sealed partial class OffloadPipeline
{
    private void Work()
    {
        while (true)
        {
            Activation? toExpand;
            Activation? toCompress = null;
            lock (_gate)
            {
                while (!_stopping && _toExpand.IsEmpty && _toCompress.IsEmpty)
                {
                    Monitor.Wait(_gate);
                }

                if (_stopping)
                {
                    return;
                }

                // Backward waits for an expansion; nobody waits for a compression.
                toExpand = _toExpand.Take();
                if (toExpand is not null)
                {
                    toExpand.Ahead = AheadState.Expanding;
                    OffloadTelemetry.Queued(Backlog.Prefetch, -1);
                }
                else
                {
                    toCompress = _toCompress.Take()!;
                    toCompress.State = FrameState.Compressing;
                    _underWay++;
                    OffloadTelemetry.Queued(Backlog.Compress, -1);
                }
            }

            if (toExpand is not null)
            {
                ExpandAhead(toExpand);
            }
            else
            {
                CompressQueued(toCompress!);
            }
        }
    }

    private void ExpandAhead(Activation activation)
    {
        long started = Stopwatch.GetTimestamp();
        Exception? error = null;
        try
        {
            using StageScope stage = StageTelemetry.Start(Stage.Prefetch, lane: Thread.CurrentThread.Name, origin: activation.Origin);
            _work.Expand(activation, activation.Destination, activation.Cancellation);
            stage.Moved(activation.FrameBytes, activation.Destination.Bytes.Length);
        }
        catch (Exception e)
        {
            // Take tries again, and tells what it meets.
            error = e;
        }

        lock (_gate)
        {
            activation.ReadyAt = Stopwatch.GetTimestamp();
            activation.AheadError = error;
            activation.Ahead = error is null ? AheadState.Ready : AheadState.Failed;
            _window.Expanded(activation.ReadyAt - started);
            if (activation.Abandoned)
            {
                _orphans.Add(activation);
                _toRetire++;
            }

            Monitor.PulseAll(_gate);
        }
    }
}
