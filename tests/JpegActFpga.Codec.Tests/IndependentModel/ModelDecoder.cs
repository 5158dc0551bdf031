using System.Buffers.Binary;

namespace JpegActFpga.Codec.Tests.IndependentModel;

/// <summary>Reads a frame from its raw bytes at the documented offsets. Checks what it relies on; it is not a validator.</summary>
internal static class ModelDecoder
{
    public static ModelTensor Decode(byte[] frame) => Expand(Read(frame));

    /// <summary>Where the masks section starts: the end of what the header checksum covers.</summary>
    public static int MasksStart(byte[] frame) => Sections(frame).Masks;

    /// <summary>Takes a frame apart.</summary>
    public static ModelFrame Read(byte[] frame)
    {
        Demand(frame.AsSpan(0, 4).SequenceEqual("JAC1"u8), "magic");
        Demand(U16(frame, 4) == 1, "version");
        int method = frame[7];
        int rank = frame[11];
        long[] shape = [.. Enumerable.Range(0, rank).Select(i => (long)U64(frame, 128 + (8 * i)))];
        var geometry = ModelGeometry.Of(shape, method);
        int scaleMode = frame[9];
        long scaleCount = geometry.ScaleCount(scaleMode);
        Demand((long)U64(frame, 16) == geometry.Elements, "elements");
        Demand((long)U64(frame, 24) == geometry.Blocks, "blocks");
        Demand((long)U64(frame, 32) == geometry.Tiles, "tiles");
        Demand((long)U64(frame, 40) == scaleCount, "scale count");

        SectionStarts at = Sections(frame);
        Demand(frame.LongLength == at.Values + (long)U64(frame, 48), "size");
        byte[] head = frame[..at.Masks];
        head.AsSpan(56, 4).Clear();
        Demand(ModelCrc32C.Of(head) == U32(frame, 56), "header checksum");

        bool hasMasks = HasMasks(method);
        ulong[] masks = hasMasks ? [.. Enumerable.Range(0, (int)geometry.Blocks).Select(b => U64(frame, at.Masks + (8 * b)))] : [];
        var tiles = new byte[geometry.Tiles][];
        for (int t = 0; t < tiles.Length; t++)
        {
            int from = (int)U64(frame, at.Offsets + (8 * t));
            int to = (int)U64(frame, at.Offsets + (8 * (t + 1)));
            tiles[t] = frame[(at.Values + from)..(at.Values + to)];
            int firstMask = at.Masks + (512 * t);
            byte[] maskBytes = hasMasks ? frame[firstMask..(int)Math.Min(firstMask + 512, at.Masks + (8 * geometry.Blocks))] : [];
            Demand(ModelCrc32C.Of([.. maskBytes, .. tiles[t]]) == U32(frame, at.Checksums + (4 * t)), $"checksum of tile {t}");
        }

        return new ModelFrame
        {
            ElementType = frame[6],
            Method = method,
            Rounding = frame[8],
            ScaleMode = scaleMode,
            Flags = frame[10],
            FullScaleBits = U32(frame, 12),
            Shape = shape,
            Shifts = [.. frame[64..128].Select(s => (int)s)],
            InverseScales = [.. Enumerable.Range(0, (int)scaleCount).Select(i => U32(frame, at.Scales + (4 * i)))],
            Masks = masks,
            TileValues = tiles,
        };
    }

    /// <summary>Expands a frame that was taken apart.</summary>
    public static ModelTensor Expand(ModelFrame frame)
    {
        byte[] values = [.. frame.TileValues.SelectMany(tile => tile)];
        if (frame.Method == ModelFrame.Raw)
        {
            return new ModelTensor(frame.ElementType, frame.Shape, values);
        }

        var geometry = ModelGeometry.Of(frame.Shape, frame.Method);
        int[][] blocks = Blocks(frame, geometry, values);
        var tensor = new ModelTensor(frame.ElementType, frame.Shape, new byte[geometry.Elements * (frame.ElementType == 1 ? 4 : 2)]);
        for (long i = 0; i < geometry.Elements; i++)
        {
            uint bits;
            if (frame.Method == ModelFrame.Brc)
            {
                bits = ModelFloat.FromInteger(blocks[i / 64][i % 64]);
            }
            else
            {
                long row = i / geometry.W;
                long column = i % geometry.W;
                int y = frame.Method == ModelFrame.JpegAct
                    ? blocks[(row / 8 * geometry.BlocksPerRow) + (column / 8)][(8 * (row % 8)) + (column % 8)]
                    : blocks[i / 64][i % 64];
                bits = ModelFloat.Multiply(ModelFloat.FromInteger(y), frame.InverseScales[geometry.ScaleOfRow(row, frame.ScaleMode)]);
            }

            Store(tensor, i, bits);
        }

        return tensor;
    }

    public static bool HasMasks(int method) => method is ModelFrame.JpegAct or ModelFrame.SfprZvc or ModelFrame.Brc;

    private static int[][] Blocks(ModelFrame frame, ModelGeometry geometry, byte[] values)
    {
        var blocks = new int[geometry.Blocks][];
        int next = 0;
        for (int b = 0; b < blocks.Length; b++)
        {
            var block = new int[64];
            int positions = (int)Math.Min(64, frame.Method == ModelFrame.JpegAct ? 64 : geometry.Elements - (64L * b));
            for (int k = 0; k < positions; k++)
            {
                bool present = !HasMasks(frame.Method) || ((frame.Masks[b] >> k) & 1) != 0;
                if (present)
                {
                    block[k] = frame.Method == ModelFrame.Brc ? 1 : unchecked((sbyte)values[next++]);
                }
            }

            blocks[b] = frame.Method == ModelFrame.JpegAct
                ? ModelTransform.Inverse(block, frame.Shifts, (frame.Flags & ModelFrame.NonNegative) != 0 ? 0 : -128)
                : block;
        }

        Demand(next == values.Length, "the values must be as many as the masks say");
        return blocks;
    }

    private static void Store(ModelTensor tensor, long index, uint bits)
    {
        Span<byte> element = tensor.Data.AsSpan((int)index * tensor.ElementBytes);
        switch (tensor.ElementType)
        {
            case 1:
                BinaryPrimitives.WriteUInt32LittleEndian(element, bits);
                break;
            case 2:
                BinaryPrimitives.WriteUInt16LittleEndian(element, ModelFloat.NarrowHalf(bits));
                break;
            default:
                BinaryPrimitives.WriteUInt16LittleEndian(element, ModelFloat.NarrowBFloat(bits));
                break;
        }
    }

    /// <summary>Finds the start of every section from the fixed header alone.</summary>
    public static SectionStarts Sections(byte[] frame)
    {
        int rank = frame[11];
        int scales = Align(128 + (8 * rank));
        int offsets = Align(scales + (4 * (int)U64(frame, 40)));
        int tiles = (int)U64(frame, 32);
        int checksums = Align(offsets + (8 * (tiles + 1)));
        int masks = Align(checksums + (4 * tiles));
        int values = Align(masks + (HasMasks(frame[7]) ? 8 * (int)U64(frame, 24) : 0));
        return new SectionStarts(128, scales, offsets, checksums, masks, values);
    }

    private static int Align(int offset) => (offset + 63) / 64 * 64;

    private static ushort U16(byte[] frame, int at) => BinaryPrimitives.ReadUInt16LittleEndian(frame.AsSpan(at));

    private static uint U32(byte[] frame, int at) => BinaryPrimitives.ReadUInt32LittleEndian(frame.AsSpan(at));

    private static ulong U64(byte[] frame, int at) => BinaryPrimitives.ReadUInt64LittleEndian(frame.AsSpan(at));

    private static void Demand(bool holds, string what)
    {
        if (!holds)
        {
            throw new InvalidDataException($"The model refuses the frame: {what}.");
        }
    }
}

/// <summary>Byte offset of each section.</summary>
internal sealed record SectionStarts(int Shape, int Scales, int Offsets, int Checksums, int Masks, int Values);
