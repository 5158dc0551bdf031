using JpegActFpga.Core.Observability;
using JpegActFpga.Fpga.Buffers;

namespace JpegActFpga.Fpga;

/// <summary>What a card did so far. Immutable.</summary>
/// <param name="Launches">Kernel launches.</param>
/// <param name="Batches">Launches of encode and decode that were planned, and <paramref name="Parts"/> of tensors in them.</param>
/// <param name="Parts">Tensors, or parts of large ones.</param>
/// <param name="BytesToCard">Bytes transferred to the card.</param>
/// <param name="BytesFromCard">Bytes transferred from the card.</param>
/// <param name="PeakToCard">Most transfers to the card that were under way at once.</param>
/// <param name="PeakFromCard">Most transfers from the card that were under way at once.</param>
/// <param name="LostUnits">Compute units out of service, because they hung.</param>
/// <param name="Memory">The card's buffers.</param>
public sealed record FpgaStatistics(
    long Launches, long Batches, long Parts, long BytesToCard, long BytesFromCard, int PeakToCard, int PeakFromCard, int LostUnits, CardMemoryStatistics Memory);

/// <summary>Counts what a card does. Safe from any thread.</summary>
internal sealed class CardCounters
{
    private long _launches;
    private long _batches;
    private long _parts;
    private long _sent;
    private long _received;
    private int _sending;
    private int _receiving;
    private int _peakSending;
    private int _peakReceiving;

    internal void Launched() => Interlocked.Increment(ref _launches);

    internal void Batched(int parts)
    {
        Interlocked.Increment(ref _batches);
        Interlocked.Add(ref _parts, parts);
    }

    internal void ToCard(CardBuffer buffer, long offset, long bytes)
    {
        Enter(ref _sending, ref _peakSending);
        try
        {
            buffer.ToCard(offset, bytes);
            Interlocked.Add(ref _sent, bytes);
        }
        finally
        {
            Leave(ref _sending);
        }
    }

    internal void FromCard(CardBuffer buffer, long offset, long bytes)
    {
        Enter(ref _receiving, ref _peakReceiving);
        try
        {
            buffer.FromCard(offset, bytes);
            Interlocked.Add(ref _received, bytes);
        }
        finally
        {
            Leave(ref _receiving);
        }
    }

    internal FpgaStatistics Snapshot(int lostUnits, CardMemoryStatistics memory) => new(
        Interlocked.Read(ref _launches),
        Interlocked.Read(ref _batches),
        Interlocked.Read(ref _parts),
        Interlocked.Read(ref _sent),
        Interlocked.Read(ref _received),
        Volatile.Read(ref _peakSending),
        Volatile.Read(ref _peakReceiving),
        lostUnits,
        memory);

    private static void Leave(ref int current)
    {
        Interlocked.Decrement(ref current);
        OffloadTelemetry.Queued(Backlog.Transfer, -1);
    }

    private static void Enter(ref int current, ref int peak)
    {
        OffloadTelemetry.Queued(Backlog.Transfer, 1);
        int now = Interlocked.Increment(ref current);
        for (int seen = Volatile.Read(ref peak); seen < now;)
        {
            int was = Interlocked.CompareExchange(ref peak, now, seen);
            if (was == seen)
            {
                return;
            }

            seen = was;
        }
    }
}
