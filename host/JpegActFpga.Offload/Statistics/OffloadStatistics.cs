using JpegActFpga.Core.Profiles;
using JpegActFpga.Offload.Pipeline;
using JpegActFpga.Offload.Resilience;

namespace JpegActFpga.Offload.Statistics;

/// <summary>What one backend did with one method.</summary>
/// <param name="Backend">The backend's short name.</param>
/// <param name="Device">What it runs on.</param>
/// <param name="Method">The method of the frames.</param>
/// <param name="Tensors">Tensors compressed.</param>
/// <param name="TensorBytes">Their bytes as tensors.</param>
/// <param name="FrameBytes">Their bytes as frames.</param>
/// <param name="Expansions">Frames expanded.</param>
/// <param name="CompressTime">Time spent compressing, the wait for the device included.</param>
/// <param name="ExpandTime">Time spent expanding, likewise.</param>
public sealed record MethodStatistics(
    string Backend,
    string Device,
    CodecMethod Method,
    long Tensors,
    long TensorBytes,
    long FrameBytes,
    long Expansions,
    TimeSpan CompressTime,
    TimeSpan ExpandTime);

/// <summary>A backend's work that another did in its stead.</summary>
/// <param name="From">Backend that failed.</param>
/// <param name="To">Backend that did the work.</param>
/// <param name="Cause">Why, in short: an error's message without its numbers of the moment.</param>
/// <param name="Count">How often.</param>
public sealed record FallbackStatistics(string From, string To, string Cause, long Count);

/// <summary>What an engine did since it was made or last reset; failures are counted since it was made.</summary>
/// <param name="Methods">By backend and method.</param>
/// <param name="Labels">By label, in the order of their first tensor; without tensors that had none.</param>
/// <param name="Fallbacks">By backends and cause; empty where none happened.</param>
/// <param name="Retries">Calls repeated after a transient failure.</param>
/// <param name="NonFiniteTensors">Tensors kept raw because of a NaN or an infinity.</param>
/// <param name="LeftAlone">Tensors that the policy left where they were.</param>
/// <param name="HeldBytes">Frame bytes held now.</param>
/// <param name="HeldTensorBytes">Bytes of the tensors those frames stand for.</param>
/// <param name="PeakHeldBytes">Most frame bytes held at once.</param>
/// <param name="PeakHeldTensorBytes">Most tensor bytes that held frames stood for at once.</param>
public sealed record OffloadStatistics(
    IReadOnlyList<MethodStatistics> Methods,
    IReadOnlyList<LabelStatistics> Labels,
    IReadOnlyList<FallbackStatistics> Fallbacks,
    long Retries,
    long NonFiniteTensors,
    long LeftAlone,
    long HeldBytes,
    long HeldTensorBytes,
    long PeakHeldBytes,
    long PeakHeldTensorBytes)
{
    /// <summary>Gets how work overlapped; null in statistics that no engine gave.</summary>
    public PipelineStatistics? Pipeline { get; init; }

    /// <summary>Gets each decision about a failure, by backend; empty where nothing failed.</summary>
    public IReadOnlyList<ResilienceEventCount> Events { get; init; } = [];

    /// <summary>Gets tensor bytes over frame bytes of all that was compressed; 1 where nothing was.</summary>
    public double Ratio
    {
        get
        {
            long frames = Methods.Sum(m => m.FrameBytes);
            return frames == 0 ? 1 : (double)Methods.Sum(m => m.TensorBytes) / frames;
        }
    }

    /// <summary>Gets how often an event happened, on all backends together.</summary>
    /// <param name="kind">The event.</param>
    public long CountOf(ResilienceEvent kind) => Events.Where(e => e.Event == kind).Sum(e => e.Count);

    /// <summary>Gets how often a backend's work was done by another.</summary>
    public long FallbackCount => Fallbacks.Sum(f => f.Count);
}
