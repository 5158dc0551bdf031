using System.Buffers.Binary;

namespace JpegActFpga.Codec.Tests.IndependentModel;

/// <summary>Sections 1 to 4 of the format, encoder's side.</summary>
internal static class ModelEncoder
{
    /// <summary>Magnitudes below 2^-100 count as no signal.</summary>
    private const uint SmallestMaximum = 0x0d800000;

    public static byte[] Encode(ModelTensor tensor, ModelProfile profile) => ModelFrameWriter.Write(Compress(tensor, profile));

    public static ModelFrame Compress(ModelTensor tensor, ModelProfile profile)
    {
        if (profile.Method is ModelFrame.Raw)
        {
            return Raw(tensor, flags: 0);
        }

        uint[] x = Widen(tensor);
        if (profile.Method is ModelFrame.Brc)
        {
            return Brc(tensor, x);
        }

        var geometry = ModelGeometry.Of(tensor.Shape, profile.Method);
        uint[] maxima = Maxima(x, geometry, profile.ScaleMode);
        if (maxima.Any(m => m >= ModelFloat.Infinity))
        {
            return Raw(tensor, ModelFrame.NonFinite);
        }

        uint full = ModelFloat.Multiply(BitConverter.SingleToUInt32Bits(128f), BitConverter.SingleToUInt32Bits(profile.FullScale));
        uint[] scales = [.. maxima.Select(m => m < SmallestMaximum ? 0 : ModelFloat.Divide(full, m))];
        uint[] inverses = [.. maxima.Select(m => m < SmallestMaximum ? 0 : ModelFloat.Divide(m, full))];

        var q8 = new int[x.Length];
        for (int i = 0; i < x.Length; i++)
        {
            uint scale = scales[geometry.ScaleOfRow(i / geometry.W, profile.ScaleMode)];
            q8[i] = (int)Math.Clamp(ModelFloat.RoundHalfEven(ModelFloat.Multiply(x[i], scale)), -128, 127);
        }

        int[][] blocks = profile.Method == ModelFrame.JpegAct
            ? TransformedBlocks(q8, geometry, profile)
            : MemoryOrderBlocks(q8, geometry);
        bool hasMasks = profile.Method != ModelFrame.Sfpr;
        return new ModelFrame
        {
            ElementType = tensor.ElementType,
            Method = profile.Method,
            Rounding = profile.Method == ModelFrame.JpegAct ? profile.Rounding : 0,
            ScaleMode = profile.ScaleMode,
            Flags = x.Any(IsBelowZero) ? 0 : ModelFrame.NonNegative,
            FullScaleBits = BitConverter.SingleToUInt32Bits(profile.FullScale),
            Shape = tensor.Shape,
            Shifts = profile.Method == ModelFrame.JpegAct ? profile.Shifts : new int[64],
            InverseScales = inverses,
            Masks = hasMasks ? [.. blocks.Select(MaskOf)] : [],
            TileValues = [.. blocks.Chunk(64).Select(tile => tile
                .SelectMany(block => block.Where(value => !hasMasks || value != 0))
                .Select(value => unchecked((byte)value))
                .ToArray())],
        };
    }

    public static uint[] Widen(ModelTensor tensor)
    {
        var x = new uint[tensor.Elements];
        for (int i = 0; i < x.Length; i++)
        {
            ReadOnlySpan<byte> element = tensor.Data.AsSpan(i * tensor.ElementBytes);
            x[i] = tensor.ElementType switch
            {
                1 => BinaryPrimitives.ReadUInt32LittleEndian(element),
                2 => ModelFloat.WidenHalf(BinaryPrimitives.ReadUInt16LittleEndian(element)),
                3 => ModelFloat.WidenBFloat(BinaryPrimitives.ReadUInt16LittleEndian(element)),
                _ => throw new ArgumentException("Element type is 1, 2 or 3."),
            };
        }

        return x;
    }

    private static uint[] Maxima(uint[] x, ModelGeometry geometry, int scaleMode)
    {
        var maxima = new uint[geometry.ScaleCount(scaleMode)];
        for (int i = 0; i < x.Length; i++)
        {
            long scale = geometry.ScaleOfRow(i / geometry.W, scaleMode);
            maxima[scale] = Math.Max(maxima[scale], x[i] & ~ModelFloat.SignBit);
        }

        return maxima;
    }

    private static int[][] TransformedBlocks(int[] q8, ModelGeometry geometry, ModelProfile profile)
    {
        var blocks = new int[geometry.Blocks][];
        for (long b = 0; b < geometry.Blocks; b++)
        {
            long firstRow = 8 * (b / geometry.BlocksPerRow);
            long firstColumn = 8 * (b % geometry.BlocksPerRow);
            var values = new int[64];
            for (int r = 0; r < 8; r++)
            {
                for (int c = 0; c < 8; c++)
                {
                    bool inside = firstRow + r < geometry.Rows && firstColumn + c < geometry.W;
                    values[(8 * r) + c] = inside ? q8[((firstRow + r) * geometry.W) + firstColumn + c] : 0;
                }
            }

            blocks[b] = ModelTransform.Forward(values, profile.Shifts, profile.Rounding);
        }

        return blocks;
    }

    // The last block is as long as the elements that are left; positions past them have no value and no mask bit.
    private static int[][] MemoryOrderBlocks(int[] q8, ModelGeometry geometry)
    {
        var blocks = new int[geometry.Blocks][];
        for (int b = 0; b < geometry.Blocks; b++)
        {
            blocks[b] = q8[(64 * b)..Math.Min(q8.Length, (64 * b) + 64)];
        }

        return blocks;
    }

    private static ulong MaskOf(int[] block)
    {
        ulong mask = 0;
        for (int k = 0; k < block.Length; k++)
        {
            if (block[k] != 0)
            {
                mask |= 1UL << k;
            }
        }

        return mask;
    }

    private static ModelFrame Raw(ModelTensor tensor, int flags) => Plain(tensor, ModelFrame.Raw, flags, [], [.. tensor.Data.Chunk(4096 * tensor.ElementBytes)]);

    private static ModelFrame Brc(ModelTensor tensor, uint[] x)
    {
        ulong[] masks = [.. x.Chunk(64).Select(block => MaskOf([.. block.Select(bits => IsZeroOrBelow(bits) ? 0 : 1)]))];
        return Plain(tensor, ModelFrame.Brc, 0, masks, [.. masks.Chunk(64).Select(_ => Array.Empty<byte>())]);
    }

    private static ModelFrame Plain(ModelTensor tensor, int method, int flags, ulong[] masks, byte[][] tiles) => new()
    {
        ElementType = tensor.ElementType,
        Method = method,
        Rounding = 0,
        ScaleMode = 0,
        Flags = flags,
        FullScaleBits = 0,
        Shape = tensor.Shape,
        Shifts = new int[64],
        InverseScales = [],
        Masks = masks,
        TileValues = tiles,
    };

    private static bool IsNaN(uint bits) => (bits & ~ModelFloat.SignBit) > ModelFloat.Infinity;

    private static bool IsBelowZero(uint bits) => !IsNaN(bits) && bits > ModelFloat.SignBit;

    private static bool IsZeroOrBelow(uint bits) => bits == 0 || bits == ModelFloat.SignBit || IsBelowZero(bits);
}
