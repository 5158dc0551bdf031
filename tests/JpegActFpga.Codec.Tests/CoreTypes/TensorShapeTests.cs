using JpegActFpga.Core.Frames;
using JpegActFpga.Core.Memory;
using JpegActFpga.Core.Profiles;
using JpegActFpga.Core.Tensors;

namespace JpegActFpga.Codec.Tests.CoreTypes;

/// <summary>Shapes: the four-dimensional view, the limits, and what sizes follow from them.</summary>
public class TensorShapeTests
{
    [Theory]
    [InlineData(new long[] { }, 1, 1, 1, 1)]
    [InlineData(new long[] { 5 }, 1, 1, 1, 5)]
    [InlineData(new long[] { 4, 5 }, 1, 1, 4, 5)]
    [InlineData(new long[] { 3, 4, 5 }, 3, 4, 1, 5)]
    [InlineData(new long[] { 2, 3, 4, 5 }, 2, 3, 4, 5)]
    [InlineData(new long[] { 2, 3, 4, 5, 6 }, 2, 3, 20, 6)]
    [InlineData(new long[] { 2, 3, 4, 5, 6, 7 }, 2, 3, 120, 7)]
    public void Every_rank_is_seen_as_four_dimensions(long[] sizes, long n, long c, long h, long w)
    {
        var shape = new TensorShape(sizes);
        Assert.Equal((n, c, h, w), (shape.N, shape.C, shape.H, shape.W));
        Assert.Equal(n * c * h * w, shape.ElementCount);
        Assert.Equal(sizes.Length, shape.Rank);
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(long.MinValue)]
    public void A_negative_size_is_refused(long size) =>
        Assert.Contains(size.ToString(), Assert.Throws<ArgumentException>(() => new TensorShape(2, size)).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData(new[] { (1L << 58) + 1 })]
    [InlineData(new[] { long.MaxValue })]
    [InlineData(new[] { 1L << 32, 1L << 32 })]
    [InlineData(new[] { long.MaxValue, long.MaxValue, long.MaxValue, long.MaxValue })]
    [InlineData(new[] { 0, long.MaxValue, 2 })]
    [InlineData(new[] { 1L << 40, 1L << 40, 0 })]
    public void More_elements_than_byte_counts_can_name_are_refused_also_beside_a_zero(long[] sizes) =>
        Assert.Throws<ArgumentException>(() => new TensorShape(sizes));

    [Fact]
    public void Ranks_above_64_are_refused()
    {
        long[] ones = [.. Enumerable.Repeat(1L, 65)];
        Assert.Throws<ArgumentException>(() => new TensorShape(ones));
        Assert.Equal(64, new TensorShape(ones.AsSpan(1)).Rank);
    }

    [Fact]
    public void Sizes_of_the_largest_shapes_do_not_overflow()
    {
        long most = TensorShape.MaxElements;
        TensorShape[] largest = [new(most), new(most, 1), new(1, 1, most, 1), new(most, 1, 1, 1), new(1, most, 1, 1), new(1 << 29, 1 << 29), new(0, most, 1, 1)];
        CodecProfile[] profiles = [CodecProfile.Raw, CodecProfile.Brc, CodecProfile.Sfpr(true, scaleMode: ScaleMode.PerPlane), CodecProfile.JpegAct(ShiftTables.OptsHigh, scaleMode: ScaleMode.PerPlane)];
        foreach (TensorShape shape in largest)
        {
            foreach (CodecProfile profile in profiles)
            {
                long bytes = FrameLayout.MaxFrameBytes(new TensorSpec(ElementType.Float32, shape), profile);
                Assert.InRange(bytes, 4 * shape.ElementCount, long.MaxValue);
            }
        }
    }

    [Fact]
    public void Shapes_are_equal_by_their_sizes()
    {
        Assert.Equal(new TensorShape(2, 3), new TensorShape(2, 3));
        Assert.NotEqual(new TensorShape(2, 3), new TensorShape(3, 2));
        Assert.NotEqual(new TensorShape(2, 3), new TensorShape(2, 3, 1));
        Assert.Equal(new TensorShape(2, 3).GetHashCode(), new TensorShape(2, 3).GetHashCode());
        Assert.Equal("float16 [2, 3]", new TensorSpec(ElementType.Float16, new TensorShape(2, 3)).ToString());
    }

    [Fact]
    public void A_view_has_exactly_its_tensors_bytes()
    {
        using var buffer = new NativeBuffer(100);
        var spec = new TensorSpec(ElementType.Float16, new TensorShape(5, 5));
        Assert.Equal(50, new TensorView(spec, buffer.Bytes.Slice(0, 50)).Bytes.Length);
        Assert.Throws<ArgumentException>(() => new TensorView(spec, buffer.Bytes));
        Assert.Throws<ArgumentException>(() => new TensorView(spec, buffer.Bytes.Slice(0, 49)));
        Assert.Throws<ArgumentOutOfRangeException>(() => ((ElementType)0).ByteSize());
    }
}
