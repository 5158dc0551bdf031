using CsCheck;
using JpegActFpga.Fpga.Buffers;

namespace JpegActFpga.Backends.Tests.Fpga.Memory;

public class SizeClassTests
{
    [Fact]
    public void A_class_has_room_and_wastes_at_most_a_third_above_two_pages() =>
        Gen.Long[1, 1L << 40].Sample(
            bytes =>
            {
                int index = SizeClass.Of(bytes);
                long room = SizeClass.Bytes(index);
                Assert.InRange(bytes, 1, room);
                Assert.Equal(0, room % SizeClass.SmallestBytes);
                Assert.True(bytes <= 2 * SizeClass.SmallestBytes || 3 * (room - bytes) < 2 * bytes, $"{room} bytes for {bytes}");
                Assert.Equal(index, SizeClass.Of(room));
            },
            iter: 10_000);

    [Theory]
    [InlineData(1, 4096)]
    [InlineData(4096, 4096)]
    [InlineData(4097, 8192)]
    [InlineData(8193, 12288)]
    [InlineData(12289, 16384)]
    [InlineData(16385, 24576)]
    public void Sizes_are_pages_then_powers_of_two_and_halves_between(long bytes, long expected) =>
        Assert.Equal(expected, SizeClass.Bytes(SizeClass.Of(bytes)));

    [Theory]
    [InlineData(0)]
    [InlineData((1L << 40) + 1)]
    public void Sizes_out_of_range_are_refused(long bytes) => Assert.Throws<ArgumentOutOfRangeException>(() => SizeClass.Of(bytes));
}
