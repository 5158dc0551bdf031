using JpegActFpga.Core.Memory;

namespace JpegActFpga.Codec.Tests.CoreTypes;

/// <summary>Views and buffers: no index and no slice leaves them.</summary>
public class NativeMemoryTests
{
    [Theory]
    [InlineData(-1)]
    [InlineData(10)]
    [InlineData(long.MinValue)]
    [InlineData(long.MaxValue)]
    public void An_index_outside_a_view_is_refused(long index)
    {
        using var buffer = new NativeBuffer(10);
        Assert.Throws<ArgumentOutOfRangeException>(() => buffer.Bytes[index]);
        Assert.Throws<ArgumentOutOfRangeException>(() => buffer.Bytes[index] = 1);
    }

    [Theory]
    [InlineData(0, 11)]
    [InlineData(10, 1)]
    [InlineData(11, 0)]
    [InlineData(-1, 1)]
    [InlineData(0, -1)]
    [InlineData(5, 6)]
    [InlineData(5, int.MaxValue)]
    [InlineData(long.MaxValue, 1)]
    [InlineData(long.MinValue, 0)]
    public void A_part_that_leaves_a_view_is_refused(long start, int length)
    {
        using var buffer = new NativeBuffer(10);
        Assert.Throws<ArgumentOutOfRangeException>(() => buffer.Bytes.Slice(start, length));
        Assert.Throws<ArgumentOutOfRangeException>(() => buffer.Bytes.AsSpan(start, length).Length);
    }

    [Fact]
    public void A_part_that_wraps_around_is_refused()
    {
        using var buffer = new NativeBuffer(10);
        Assert.Throws<ArgumentOutOfRangeException>(() => buffer.Bytes.Slice(2, long.MaxValue));
        Assert.Throws<ArgumentOutOfRangeException>(() => buffer.Bytes.Slice(1, -1));
    }

    [Fact]
    public void Parts_up_to_the_edges_are_given()
    {
        using var buffer = new NativeBuffer(10);
        Assert.Equal(0, buffer.Bytes.Slice(10, 0).Length);
        Assert.Equal(10, buffer.Bytes.Slice(0, 10).Length);
        Assert.Equal(buffer.Bytes.Address + 3, buffer.Bytes.Slice(3, 7).Address);
        buffer.Bytes[9] = 77;
        Assert.Equal(77, buffer.Bytes.AsSpan(9, 1)[0]);
    }

    [Fact]
    public unsafe void A_view_of_nothing_at_null_is_the_only_one_at_null()
    {
        Assert.Equal(0, new NativeSpan<int>(null, 0).Length);
        Assert.Throws<ArgumentException>(() => new NativeSpan<int>(null, 1));
        using var buffer = new NativeBuffer(8);
        byte* start = buffer.Bytes.Pointer;
        Assert.Throws<ArgumentException>(() => new NativeSpan<byte>(start, -1));
    }

    [Fact]
    public void Bytes_are_seen_as_other_elements_only_in_whole_numbers()
    {
        using var buffer = new NativeBuffer(12);
        Assert.Equal(3, buffer.Bytes.Cast<float>().Length);
        Assert.Throws<InvalidOperationException>(() => buffer.Bytes.Cast<double>());
    }

    [Fact]
    public void Copies_go_to_views_that_are_long_enough_and_may_overlap()
    {
        using var buffer = new NativeBuffer(10);
        for (int i = 0; i < 10; i++)
        {
            buffer.Bytes[i] = (byte)i;
        }

        Assert.Throws<ArgumentException>(() => buffer.Bytes.CopyTo(buffer.Bytes.Slice(1, 9)));
        buffer.Bytes.Slice(0, 8).CopyTo(buffer.Bytes.Slice(2, 8));
        Assert.Equal([0, 1, 0, 1, 2, 3, 4, 5, 6, 7], buffer.Bytes.AsSpan(0, 10).ToArray());
        buffer.Bytes.Slice(3, 2).Clear();
        Assert.Equal([0, 1, 0, 0, 0, 3, 4, 5, 6, 7], buffer.Bytes.AsSpan(0, 10).ToArray());
    }

    [Theory]
    [InlineData(0, NativeBuffer.PageBytes, 4096)]
    [InlineData(1, NativeBuffer.LineBytes, 64)]
    [InlineData(64, NativeBuffer.LineBytes, 64)]
    [InlineData(4097, NativeBuffer.PageBytes, 8192)]
    public void Buffers_are_aligned_and_take_whole_units(long bytes, int alignment, long allocated)
    {
        using var buffer = new NativeBuffer(bytes, alignment);
        Assert.Equal(bytes, buffer.ByteLength);
        Assert.Equal(allocated, buffer.AllocatedBytes);
        Assert.Equal(0, buffer.Bytes.Address % alignment);
    }

    [Fact]
    public void A_disposed_buffer_gives_no_view()
    {
        var buffer = new NativeBuffer(8);
        buffer.Dispose();
        buffer.Dispose();
        Assert.Throws<ObjectDisposedException>(() => buffer.Bytes);
        Assert.Throws<ArgumentOutOfRangeException>(() => new NativeBuffer(-1));
    }
}
