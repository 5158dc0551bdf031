using JpegActFpga.Core.Memory;

namespace JpegActFpga.Backends.Conformance;

/// <summary>Unmanaged memory with a page of known bytes on either side, so that a write outside it is found.</summary>
/// <remarks>The memory itself starts filled with noise: whoever relies on zeros is found as well.</remarks>
public sealed class GuardedBuffer : IDisposable
{
    private const int GuardBytes = NativeBuffer.PageBytes;
    private const byte Canary = 0xc5;
    private const byte Noise = 0xa7;

    private readonly NativeBuffer _memory;
    private readonly int _shift;

    /// <param name="byteCount">Usable bytes.</param>
    /// <param name="shift">Bytes past a page boundary where they begin, 0 .. 4095: the least alignment that a caller may rely on.</param>
    public GuardedBuffer(long byteCount, int shift = 0)
    {
        _shift = shift;
        Length = byteCount;
        _memory = new NativeBuffer(byteCount + (2 * GuardBytes) + shift);
        Fill(_memory.Bytes, Canary);
        Fill(Bytes, Noise);
    }

    public long Length { get; }

    public NativeSpan<byte> Bytes => _memory.Bytes.Slice(GuardBytes + _shift, Length);

    public static GuardedBuffer Of(ReadOnlySpan<byte> content, int shift = 0)
    {
        var buffer = new GuardedBuffer(content.Length, shift);
        content.CopyTo(buffer.Bytes.AsSpan(0, content.Length));
        return buffer;
    }

    public byte[] ToArray() => ToArray(Length);

    public byte[] ToArray(long count) => Bytes.AsSpan(0, checked((int)count)).ToArray();

    /// <summary>Fails the test if a byte around the memory changed.</summary>
    public void DemandIntactGuards()
    {
        DemandCanaries(0, GuardBytes + _shift, "before");
        DemandCanaries(GuardBytes + _shift + Length, GuardBytes, "behind");
    }

    public void Dispose() => _memory.Dispose();

    private void DemandCanaries(long start, int count, string where)
    {
        int changed = _memory.Bytes.AsSpan(start, count).IndexOfAnyExcept(Canary);
        Assert.True(changed < 0, $"Byte {changed} of the {count} bytes {where} a buffer of {Length} bytes was overwritten.");
    }

    private static void Fill(NativeSpan<byte> bytes, byte value)
    {
        const int Part = 1 << 30;
        for (long at = 0; at < bytes.Length; at += Part)
        {
            bytes.AsSpan(at, (int)Math.Min(Part, bytes.Length - at)).Fill(value);
        }
    }
}
