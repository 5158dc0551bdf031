using System.Diagnostics;
using JpegActFpga.Cli.Reports;
using JpegActFpga.Core.Memory;
using JpegActFpga.Xrt;

namespace JpegActFpga.Cli.Measures;

/// <summary>
/// Times transfers of buffers between host and card: each direction alone, both at once on two buffers and two threads, and
/// a copy in host memory of the same size beside them. What arrived is compared with what was sent.
/// </summary>
/// <param name="device">An open card with its xclbin loaded.</param>
/// <param name="bank">The memory bank.</param>
/// <param name="transfers">Most timed transfers of a size and direction.</param>
/// <param name="patience">About how long a size and direction may take; some transfers are timed however long they take.</param>
/// <param name="calls">Watches the calling thread's calls into the driver: one that does not return is left behind, with this thread and its buffers.</param>
/// <param name="watch">Has another thread watched.</param>
internal sealed class LinkMeasure(XrtDevice device, int bank, int transfers, TimeSpan patience, WatchedThread calls, Func<WatchedThread> watch)
{
    private const int LeastTransfers = 5;
    private const int WarmUps = 3;

    /// <summary>Measures one size.</summary>
    /// <param name="bytes">Bytes of a transfer, a multiple of 4096.</param>
    /// <param name="cancellationToken">Ends the measurement between two transfers.</param>
    /// <exception cref="XrtException">XRT refused or failed.</exception>
    /// <exception cref="CliException">Other bytes came back than were sent.</exception>
    internal LinkRow Measure(int bytes, CancellationToken cancellationToken)
    {
        using var pattern = new NativeBuffer(bytes);
        new Random(bytes).NextBytes(pattern.Bytes.AsSpan(0, bytes));
        XrtBuffer? first = null;
        XrtBuffer? second = null;
        try
        {
            first = Allocate(bytes);
            second = Allocate(bytes);
            return Measure(first, second, pattern, cancellationToken);
        }
        finally
        {
            Free(first);
            Free(second);
        }
    }

    private LinkRow Measure(XrtBuffer first, XrtBuffer second, NativeBuffer pattern, CancellationToken cancellationToken)
    {
        int bytes = (int)pattern.ByteLength;
        Check(first, pattern);
        Check(second, pattern);
        LinkTimes toCard = Time(() => Sync(first, XrtSyncDirection.ToDevice, calls), bytes, cancellationToken);
        LinkTimes fromCard = Time(() => Sync(first, XrtSyncDirection.FromDevice, calls), bytes, cancellationToken);
        double both = BothAtOnce(first, second, bytes, cancellationToken);
        LinkTimes copy = Time(() => pattern.Bytes.AsSpan(0, bytes).CopyTo(second.AsSpan(0, bytes)), bytes, cancellationToken);
        Check(first, pattern);
        return new LinkRow(bytes, toCard, fromCard, both, copy);
    }

    private static void Sync(XrtBuffer buffer, XrtSyncDirection direction, WatchedThread calls)
    {
        using (calls.Enter("xrtBOSync"))
        {
            buffer.Sync(direction);
        }
    }

    private void Free(XrtBuffer? buffer)
    {
        if (buffer is not null)
        {
            _ = calls.Enter("xrtBOFree");
            buffer.Dispose();
            _ = calls.TryLeave();
        }
    }

    // Over pages of this program where the driver takes them: no copy is made on the way.
    private XrtBuffer Allocate(int bytes)
    {
        using (calls.Enter("xrtBOAlloc"))
        {
            try
            {
                return XrtBuffer.AllocateUserPointer(device, bytes, bank);
            }
            catch (XrtException error) when (error.IsUnsupported)
            {
                return XrtBuffer.Allocate(device, bytes, bank);
            }
        }
    }

    private void Check(XrtBuffer buffer, NativeBuffer pattern)
    {
        int bytes = (int)pattern.ByteLength;
        Span<byte> host = buffer.AsSpan(0, bytes);
        pattern.Bytes.AsSpan(0, bytes).CopyTo(host);
        Sync(buffer, XrtSyncDirection.ToDevice, calls);
        host.Clear();
        Sync(buffer, XrtSyncDirection.FromDevice, calls);
        int same = host.CommonPrefixLength(pattern.Bytes.AsSpan(0, bytes));
        if (same != bytes)
        {
            throw new CliException(ExitCode.Failed, $"of {bytes} bytes sent to the card, byte {same} came back as another: the link or the card's memory is damaged");
        }
    }

    private LinkTimes Time(Action transfer, int bytes, CancellationToken cancellationToken)
    {
        for (int i = 0; i < WarmUps; i++)
        {
            transfer();
        }

        var times = new List<double>(transfers);
        long started = Stopwatch.GetTimestamp();
        while (times.Count < transfers && (times.Count < LeastTransfers || Stopwatch.GetElapsedTime(started) < patience))
        {
            cancellationToken.ThrowIfCancellationRequested();
            long start = Stopwatch.GetTimestamp();
            transfer();

            // A TimeSpan counts 100 ns: longer than a copy of 4 KiB takes.
            times.Add((Stopwatch.GetTimestamp() - start) * 1e6 / Stopwatch.Frequency);
        }

        return LinkTimes.Of(bytes, times);
    }

    // Bytes per second of both directions together. Each side repeats its transfer until the time is over, so that the other
    // one is never alone on the link but for its last transfer.
    private double BothAtOnce(XrtBuffer outward, XrtBuffer inward, int bytes, CancellationToken cancellationToken)
    {
        using var startLine = new Barrier(2);
        long toCard = 0;
        Exception? failure = null;
        var sender = new Thread(() =>
        {
            WatchedThread own = watch();
            try
            {
                startLine.SignalAndWait(CancellationToken.None);
                toCard = Repeat(outward, XrtSyncDirection.ToDevice, bytes, own, cancellationToken);
            }
            catch (XrtException error)
            {
                failure = error;
            }
            finally
            {
                own.TryEnd();
            }
        })
        { IsBackground = true, Name = "link, to card" };
        sender.Start();
        startLine.SignalAndWait(CancellationToken.None);
        long started = Stopwatch.GetTimestamp();
        long fromCard;
        try
        {
            fromCard = Repeat(inward, XrtSyncDirection.FromDevice, bytes, calls, cancellationToken);
        }
        finally
        {
            // However this side ends: the other one uses its buffer until it has. If it never does, nobody waits for this side either.
            sender.Join();
        }

        double seconds = Stopwatch.GetElapsedTime(started).TotalSeconds;
        if (failure is not null)
        {
            throw failure;
        }

        cancellationToken.ThrowIfCancellationRequested();
        return (toCard + fromCard) / seconds;
    }

    private long Repeat(XrtBuffer buffer, XrtSyncDirection direction, int bytes, WatchedThread own, CancellationToken cancellationToken)
    {
        long started = Stopwatch.GetTimestamp();
        long moved = 0;
        for (int i = 0; (i < LeastTransfers || Stopwatch.GetElapsedTime(started) < patience) && !cancellationToken.IsCancellationRequested; i++)
        {
            Sync(buffer, direction, own);
            moved += bytes;
        }

        return moved;
    }
}
