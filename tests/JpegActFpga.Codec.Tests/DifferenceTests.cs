using JpegActFpga.Codec.Reference;
using JpegActFpga.Core.Backends;
using JpegActFpga.Core.Frames;
using JpegActFpga.Core.Memory;
using JpegActFpga.Core.Profiles;
using JpegActFpga.Core.Tensors;

namespace JpegActFpga.Codec.Tests;

/// <summary>What is said of a card that errs: tensor, block, coefficient, both values.</summary>
public sealed class DifferenceTests
{
    private static readonly TensorSpec Spec = new(ElementType.Float32, new TensorShape(2, 3, 16, 24));

    [Fact]
    public void Equal_frames_have_no_difference()
    {
        using NativeBuffer left = Frame(_ => { }, ShiftTables.OptsLow);
        using NativeBuffer right = Frame(_ => { }, ShiftTables.OptsLow);
        Assert.Null(FrameDifference.Find(left.Bytes, right.Bytes));
    }

    [Fact]
    public void A_wrong_coefficient_is_named_with_its_block()
    {
        using NativeBuffer left = Frame(_ => { }, ShiftTables.OptsLow);
        using NativeBuffer right = Frame(values => values[(16 * 24) + (9 * 24) + 20] += 0.5f, ShiftTables.OptsLow);
        string difference = FrameDifference.Find(left.Bytes, right.Bytes)!;

        // Plane 1, row 9, column 20: row of blocks 3, column 2.
        Assert.Matches(@"^block 11 \(row of blocks 3, column 2\), coefficient \d+ \(u \d, v \d\): reference -?\d+, device -?\d+$", difference);
    }

    [Fact]
    public void A_wrong_value_of_a_method_without_transform_is_named_with_its_block()
    {
        using NativeBuffer left = Frame(_ => { }, CodecProfile.Sfpr(zeroValueCompression: true));
        using NativeBuffer right = Frame(values => values[(16 * 24) + (9 * 24) + 20] += 2, CodecProfile.Sfpr(zeroValueCompression: true));

        // Element 620 in memory order.
        Assert.Matches(@"^block 9, value 44: reference \d+, device \d+$", FrameDifference.Find(left.Bytes, right.Bytes)!);
    }

    [Fact]
    public void A_wrong_scale_is_named()
    {
        using NativeBuffer left = Frame(_ => { }, ShiftTables.OptsLow);
        using NativeBuffer right = Frame(values => values[(16 * 24) + 5] = 100, ShiftTables.OptsLow);
        Assert.StartsWith("scale 1: reference ", FrameDifference.Find(left.Bytes, right.Bytes), StringComparison.Ordinal);
    }

    [Fact]
    public void A_wrong_header_is_named()
    {
        using NativeBuffer left = Frame(_ => { }, ShiftTables.OptsLow);
        using NativeBuffer right = Frame(_ => { }, ShiftTables.OptsHigh);
        Assert.StartsWith("header: ", FrameDifference.Find(left.Bytes, right.Bytes), StringComparison.Ordinal);
    }

    [Fact]
    public void A_damaged_or_short_frame_is_named_by_its_byte()
    {
        using NativeBuffer left = Frame(_ => { }, ShiftTables.OptsLow);
        using NativeBuffer right = Frame(_ => { }, ShiftTables.OptsLow);
        right.Bytes[right.ByteLength - 1] ^= 1;
        string damaged = FrameDifference.Find(left.Bytes, right.Bytes)!;
        Assert.StartsWith($"frame byte {left.ByteLength - 1}: reference 0x", damaged, StringComparison.Ordinal);
        Assert.Contains("checksum", damaged, StringComparison.Ordinal);
        Assert.Contains("device the end", FrameDifference.Find(left.Bytes, left.Bytes.Slice(0, left.ByteLength - 3)), StringComparison.Ordinal);
    }

    [Fact]
    public void A_wrong_element_is_named_with_its_place()
    {
        using var left = new NativeBuffer(Spec.ByteCount);
        using var right = new NativeBuffer(Spec.ByteCount);
        left.Bytes.Clear();
        right.Bytes.Clear();
        var (expected, actual) = (new TensorView(Spec, left.Bytes), new TensorView(Spec, right.Bytes));
        Assert.Null(TensorDifference.Find(expected, actual, CodecMethod.JpegAct));
        right.Bytes.Cast<float>()[(((4 * 16) + 9) * 24) + 20] = -0f;
        Assert.Equal(
            "element [1, 1, 9, 20] (block 29, row 1, column 4): reference 0 (0x00000000), device -0 (0x80000000)",
            TensorDifference.Find(expected, actual, CodecMethod.JpegAct));

        // Element 1772 in memory order.
        Assert.StartsWith("element [1, 1, 9, 20] (block 27, value 44): ", TensorDifference.Find(expected, actual, CodecMethod.Sfpr), StringComparison.Ordinal);
    }

    private static NativeBuffer Frame(Action<float[]> change, ShiftTable table) => Frame(change, CodecProfile.JpegAct(table));

    private static NativeBuffer Frame(Action<float[]> change, CodecProfile profile)
    {
        var random = new Random(14);
        float[] values = [.. Enumerable.Range(0, (int)Spec.Shape.ElementCount).Select(_ => random.NextSingle())];
        for (int plane = 0; plane < 6; plane++)
        {
            values[plane * 16 * 24] = 4;
        }

        change(values);
        using var tensor = new NativeBuffer(Spec.ByteCount);
        values.CopyTo(tensor.Bytes.Cast<float>().AsSpan(0, values.Length));
        using var room = new NativeBuffer(FrameLayout.MaxFrameBytes(Spec, profile));
        CompressResult result = ReferenceCodec.Encode(new TensorView(Spec, tensor.Bytes), profile, room.Bytes);
        var frame = new NativeBuffer(result.FrameBytes);
        room.Bytes.Slice(0, result.FrameBytes).CopyTo(frame.Bytes);
        return frame;
    }
}
