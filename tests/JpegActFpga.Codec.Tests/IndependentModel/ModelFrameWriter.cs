using System.Buffers.Binary;

namespace JpegActFpga.Codec.Tests.IndependentModel;

/// <summary>Section 5 of the format: lays a frame out byte by byte.</summary>
internal static class ModelFrameWriter
{
    public static byte[] Write(ModelFrame frame)
    {
        var geometry = ModelGeometry.Of(frame.Shape, frame.Method);
        long valueBytes = frame.TileValues.Sum(tile => (long)tile.Length);

        var head = new List<byte>(128);
        head.AddRange("JAC1"u8);
        Append(head, 1, 2);
        head.Add((byte)frame.ElementType);
        head.Add((byte)frame.Method);
        head.Add((byte)frame.Rounding);
        head.Add((byte)frame.ScaleMode);
        head.Add((byte)frame.Flags);
        head.Add((byte)frame.Shape.Length);
        Append(head, frame.FullScaleBits, 4);
        Append(head, (ulong)geometry.Elements, 8);
        Append(head, (ulong)geometry.Blocks, 8);
        Append(head, (ulong)geometry.Tiles, 8);
        Append(head, (ulong)frame.InverseScales.Length, 8);
        Append(head, (ulong)valueBytes, 8);
        Append(head, 0, 4);
        Append(head, 0, 4);
        head.AddRange(frame.Shifts.Select(s => (byte)s));

        foreach (long dimension in frame.Shape)
        {
            Append(head, (ulong)dimension, 8);
        }

        Pad(head);
        foreach (uint inverse in frame.InverseScales)
        {
            Append(head, inverse, 4);
        }

        Pad(head);
        ulong offset = 0;
        Append(head, offset, 8);
        foreach (byte[] tile in frame.TileValues)
        {
            offset += (ulong)tile.Length;
            Append(head, offset, 8);
        }

        Pad(head);
        for (int t = 0; t < frame.TileValues.Length; t++)
        {
            Append(head, TileChecksum(frame, t), 4);
        }

        Pad(head);
        byte[] headBytes = head.ToArray();
        BinaryPrimitives.WriteUInt32LittleEndian(headBytes.AsSpan(56), ModelCrc32C.Of(headBytes));

        var whole = new List<byte>(headBytes);
        foreach (ulong mask in frame.Masks)
        {
            Append(whole, mask, 8);
        }

        Pad(whole);
        foreach (byte[] tile in frame.TileValues)
        {
            whole.AddRange(tile);
        }

        return whole.ToArray();
    }

    private static uint TileChecksum(ModelFrame frame, int tile)
    {
        var covered = new List<byte>();
        for (int b = tile * 64; b < Math.Min(frame.Masks.Length, (tile + 1) * 64); b++)
        {
            Append(covered, frame.Masks[b], 8);
        }

        covered.AddRange(frame.TileValues[tile]);
        return ModelCrc32C.Of(covered.ToArray());
    }

    private static void Append(List<byte> to, ulong value, int bytes)
    {
        for (int i = 0; i < bytes; i++)
        {
            to.Add((byte)(value >> (8 * i)));
        }
    }

    private static void Pad(List<byte> to)
    {
        while (to.Count % 64 != 0)
        {
            to.Add(0);
        }
    }
}
