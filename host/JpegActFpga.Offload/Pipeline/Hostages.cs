using System.Collections.Concurrent;

namespace JpegActFpga.Offload.Pipeline;

/// <summary>
/// What a backend that does not end a call may use for ever (<see cref="BackendStuckException"/>): kept reachable as long as
/// the process lives, so that no finaliser frees memory under it. Safe from any thread.
/// </summary>
internal static class Hostages
{
    private static readonly ConcurrentQueue<object> Kept = new();

    /// <summary>Gets how many there are.</summary>
    internal static int Count => Kept.Count;

    /// <summary>Keeps an object, and what it refers to.</summary>
    /// <param name="hostage">The object.</param>
    internal static void Keep(object hostage) => Kept.Enqueue(hostage);
}
