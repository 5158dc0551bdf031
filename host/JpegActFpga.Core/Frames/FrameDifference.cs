using System.Globalization;
using System.Numerics;
using JpegActFpga.Core.Memory;
using JpegActFpga.Core.Profiles;

namespace JpegActFpga.Core.Frames;

/// <summary>Finds where two frames of one tensor differ and says it in the codec's terms.</summary>
public static class FrameDifference
{
    /// <summary>Compares two frames byte by byte.</summary>
    /// <param name="expected">The reference's; a whole frame.</param>
    /// <param name="actual">The device's.</param>
    /// <returns>Null where they are equal, else the first difference with both values.</returns>
    public static string? Find(NativeSpan<byte> expected, NativeSpan<byte> actual)
    {
        long at = MemoryComparison.FirstDifference(expected, actual);
        if (at < 0)
        {
            return null;
        }

        try
        {
            return Explain(FrameReader.Open(expected), FrameReader.Open(actual)) ?? Plain(expected, actual, at);
        }
        catch (InvalidFrameException error)
        {
            return $"{Plain(expected, actual, at)}; the device's frame is refused: {error.Message}";
        }
    }

    private static string Plain(NativeSpan<byte> expected, NativeSpan<byte> actual, long at) =>
        Invariant($"frame byte {at}: reference {Byte(expected, at)}, device {Byte(actual, at)} (frames of {expected.Length} and {actual.Length} bytes)");

    // Scales before blocks: where one is wrong, so are all coefficients under it.
    private static string? Explain(FrameReader expected, FrameReader actual)
    {
        if (expected.Header.Method != actual.Header.Method)
        {
            return $"method: reference {expected.Header.Method.DisplayName()}, device {actual.Header.Method.DisplayName()}";
        }

        if (expected.Header with { ValueBytes = 0 } != actual.Header with { ValueBytes = 0 })
        {
            return $"header: reference {expected.Header}, device {actual.Header}";
        }

        for (long i = 0; i < expected.Scales.Length; i++)
        {
            if (BitConverter.SingleToUInt32Bits(expected.Scales[i]) != BitConverter.SingleToUInt32Bits(actual.Scales[i]))
            {
                return Invariant($"scale {i}: reference {Bits(expected.Scales[i])}, device {Bits(actual.Scales[i])}");
            }
        }

        return expected.Header.Method.HasMasks() ? ExplainBlocks(expected, actual) : null;
    }

    private static string? ExplainBlocks(FrameReader expected, FrameReader actual)
    {
        Span<int> reference = stackalloc int[BlockGeometry.BlockValues];
        Span<int> device = stackalloc int[BlockGeometry.BlockValues];
        (long referenceAt, long deviceAt) = (0, 0);
        for (long block = 0; block < expected.Layout.Geometry.Blocks; block++)
        {
            referenceAt = Unpack(expected, block, referenceAt, reference);
            deviceAt = Unpack(actual, block, deviceAt, device);
            int same = reference.CommonPrefixLength(device);
            if (same != reference.Length)
            {
                return Invariant($"{Place(expected, block, same)}: reference {reference[same]}, device {device[same]}");
            }

            if (expected.Masks[block] != actual.Masks[block])
            {
                return Invariant($"block {block}: mask: reference 0x{expected.Masks[block]:x16}, device 0x{actual.Masks[block]:x16}, with the same values");
            }
        }

        return null;
    }

    private static string Place(FrameReader frame, long block, int value)
    {
        if (frame.Header.Method != CodecMethod.JpegAct)
        {
            return Invariant($"block {block}, value {value}");
        }

        (long row, long column) = Math.DivRem(block, frame.Layout.Geometry.BlocksPerRow);
        return Invariant($"block {block} (row of blocks {row}, column {column}), coefficient {value} (u {value / 8}, v {value % 8})");
    }

    private static long Unpack(FrameReader frame, long block, long at, Span<int> values)
    {
        values.Clear();
        for (ulong mask = frame.Masks[block]; mask != 0; mask &= mask - 1)
        {
            values[BitOperations.TrailingZeroCount(mask)] = frame.Header.Method == CodecMethod.Brc ? 1 : (sbyte)frame.Values[at++];
        }

        return at;
    }

    private static string Byte(NativeSpan<byte> frame, long at) => at < frame.Length ? Invariant($"0x{frame[at]:x2}") : "the end";

    private static string Bits(float value) => Invariant($"{value:G9} (0x{BitConverter.SingleToUInt32Bits(value):x8})");

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
