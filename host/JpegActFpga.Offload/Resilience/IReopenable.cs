using JpegActFpga.Core.Backends;

namespace JpegActFpga.Offload.Resilience;

/// <summary>A backend that can be closed and opened anew while it is in use.</summary>
public interface IReopenable
{
    /// <summary>Waits for the calls under way, closes the device, and opens it anew.</summary>
    /// <param name="patience">How long to wait for calls under way, and then for the device to open.</param>
    /// <param name="cancellationToken">Ends the wait for calls under way.</param>
    /// <exception cref="BackendException">The device does not open, or calls on it do not end; calls fail as lost until a later attempt works.</exception>
    Task ReopenAsync(TimeSpan patience, CancellationToken cancellationToken);
}
