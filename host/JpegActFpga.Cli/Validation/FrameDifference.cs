using System.Numerics;
using JpegActFpga.Core.Frames;
using JpegActFpga.Core.Memory;
using JpegActFpga.Core.Profiles;

namespace JpegActFpga.Cli.Validation;

/// <summary>Finds where two frames of one tensor differ and says it in the codec's terms.</summary>
internal static class FrameDifference
{
    /// <summary>Compares two frames byte by byte.</summary>
    /// <param name="expected">The reference's.</param>
    /// <param name="actual">The device's.</param>
    /// <returns>Null where they are equal, else the first difference with both values.</returns>
    internal static string? Find(NativeSpan<byte> expected, NativeSpan<byte> actual)
    {
        long at = FirstDifference(expected, actual);
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

    /// <summary>Gives the first byte at which two memories differ, -1 where they are equal.</summary>
    /// <param name="left">One.</param>
    /// <param name="right">The other.</param>
    internal static long FirstDifference(NativeSpan<byte> left, NativeSpan<byte> right)
    {
        const int Part = 1 << 24;
        long common = Math.Min(left.Length, right.Length);
        for (long at = 0; at < common; at += Part)
        {
            int count = (int)Math.Min(Part, common - at);
            int same = left.AsSpan(at, count).CommonPrefixLength(right.AsSpan(at, count));
            if (same != count)
            {
                return at + same;
            }
        }

        return left.Length == right.Length ? -1 : common;
    }

    private static string Plain(NativeSpan<byte> expected, NativeSpan<byte> actual, long at)
    {
        string reference = at < expected.Length ? $"0x{expected[at]:x2}" : "the end";
        string device = at < actual.Length ? $"0x{actual[at]:x2}" : "the end";
        return $"frame byte {at}: reference {reference}, device {device} (frames of {expected.Length} and {actual.Length} bytes)";
    }

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
                return $"scale {i}: reference {Bits(expected.Scales[i])}, device {Bits(actual.Scales[i])}";
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
                return $"block {block} (row of blocks {block / expected.Layout.Geometry.BlocksPerRow}, column {block % expected.Layout.Geometry.BlocksPerRow}), "
                    + $"coefficient {same} (u {same / 8}, v {same % 8}): reference {reference[same]}, device {device[same]}";
            }

            if (expected.Masks[block] != actual.Masks[block])
            {
                return $"block {block}: mask: reference 0x{expected.Masks[block]:x16}, device 0x{actual.Masks[block]:x16}, with the same coefficients";
            }
        }

        return null;
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

    private static string Bits(float value) => $"{value:G9} (0x{BitConverter.SingleToUInt32Bits(value):x8})";
}
