using JpegActFpga.Core.Backends;

namespace JpegActFpga.Offload.Resilience;

/// <summary>A backend that can be closed and opened anew while it is in use.</summary>
public interface IReopenable
{
    /// <summary>Waits for the calls under way, closes the device, and opens it anew.</summary>
    /// <param name="patience">How long to wait for calls under way.</param>
    /// <param name="cancellationToken">Ends that wait.</param>
    /// <exception cref="BackendException">The device does not open, or calls on it do not end; calls fail as lost until a later attempt works.</exception>
    Task ReopenAsync(TimeSpan patience, CancellationToken cancellationToken);
}
