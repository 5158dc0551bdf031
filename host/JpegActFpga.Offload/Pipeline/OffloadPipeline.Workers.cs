using System.Diagnostics;
using JpegActFpga.Core.Observability;
using JpegActFpga.Offload.Resilience;

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
                }
                else
                {
                    toCompress = _toCompress.Take()!;
                    toCompress.State = FrameState.Compressing;
                    _underWay++;
                }
            }

            StageTelemetry.Waited(Stage.Queue, (toExpand ?? toCompress!).QueuedAt);
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
        bool filled;
        using (StageScope stage = StageTelemetry.Start(Stage.Prefetch, lane: Thread.CurrentThread.Name, origin: activation.Origin))
        {
            filled = _work.TryExpandAhead(activation);
            if (filled)
            {
                stage.Moved(activation.FrameBytes, activation.Destination.Bytes.Length);
            }
            else
            {
                stage.Failed(nameof(ResilienceEvent.PrefetchFailed));
            }
        }

        lock (_gate)
        {
            activation.ReadyAt = Stopwatch.GetTimestamp();
            activation.Ahead = filled ? AheadState.Ready : AheadState.Failed;
            _window.Expanded(activation.ReadyAt - started);
            OffloadTelemetry.Queued(Backlog.Prefetch, -1);
            if (activation.Abandoned)
            {
                _orphans.Add(activation);
                _toRetire++;
            }

            Monitor.PulseAll(_gate);
        }
    }
}
