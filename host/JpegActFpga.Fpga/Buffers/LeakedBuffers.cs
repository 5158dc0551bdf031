using JpegActFpga.Core.Observability;

namespace JpegActFpga.Fpga.Buffers;

/// <summary>Counts buffers that are out of anybody's reach, here and in telemetry. Safe from any thread.</summary>
internal sealed class LeakedBuffers
{
    private long _count;
    private long _bytes;

    /// <summary>Gets how many there are.</summary>
    internal long Count => Interlocked.Read(ref _count);

    /// <summary>Gets their bytes.</summary>
    internal long Bytes => Interlocked.Read(ref _bytes);

    /// <summary>Buffers have leaked.</summary>
    /// <param name="count">How many.</param>
    /// <param name="bytes">Their bytes.</param>
    internal void Add(int count, long bytes)
    {
        Interlocked.Add(ref _count, count);
        Interlocked.Add(ref _bytes, bytes);
        OffloadTelemetry.Leaked(FpgaBackend.ShortName, count, bytes);
    }

    /// <summary>Buffers that had leaked are had back.</summary>
    /// <param name="count">How many.</param>
    /// <param name="bytes">Their bytes.</param>
    internal void Reclaim(int count, long bytes)
    {
        Interlocked.Add(ref _count, -count);
        Interlocked.Add(ref _bytes, -bytes);
        OffloadTelemetry.Reclaimed(FpgaBackend.ShortName, count, bytes);
    }
}
