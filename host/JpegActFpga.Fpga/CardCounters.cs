using JpegActFpga.Fpga.Buffers;

namespace JpegActFpga.Fpga;

/// <summary>What a card did so far. Immutable.</summary>
/// <param name="Launches">Kernel launches.</param>
/// <param name="Batches">Launches of encode and decode that were planned, and <paramref name="Parts"/> of tensors in them.</param>
/// <param name="Parts">Tensors, or parts of large ones.</param>
/// <param name="BytesToCard">Bytes transferred to the card.</param>
/// <param name="BytesFromCard">Bytes transferred from the card.</param>
/// <param name="LostUnits">Compute units out of service, because they hung.</param>
/// <param name="Memory">The card's buffers.</param>
public sealed record FpgaStatistics(
    long Launches, long Batches, long Parts, long BytesToCard, long BytesFromCard, int LostUnits, CardMemoryStatistics Memory);

/// <summary>Counts what a card does. Safe from any thread.</summary>
internal sealed class CardCounters
{
    private long _launches;
    private long _batches;
    private long _parts;
    private long _sent;
    private long _received;

    internal void Launched() => Interlocked.Increment(ref _launches);

    internal void Batched(int parts)
    {
        Interlocked.Increment(ref _batches);
        Interlocked.Add(ref _parts, parts);
    }

    internal void Sent(long bytes) => Interlocked.Add(ref _sent, bytes);

    internal void Received(long bytes) => Interlocked.Add(ref _received, bytes);

    internal FpgaStatistics Snapshot(int lostUnits, CardMemoryStatistics memory) => new(
        Interlocked.Read(ref _launches),
        Interlocked.Read(ref _batches),
        Interlocked.Read(ref _parts),
        Interlocked.Read(ref _sent),
        Interlocked.Read(ref _received),
        lostUnits,
        memory);
}
