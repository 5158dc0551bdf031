namespace JpegActFpga.Codec.Tests.IndependentModel;

/// <summary>A dense tensor as the format names it: element type 1 float32, 2 float16, 3 bfloat16; data little-endian, C order.</summary>
internal sealed record ModelTensor(int ElementType, long[] Shape, byte[] Data)
{
    public int ElementBytes => ElementType == 1 ? 4 : 2;

    public long Elements => ModelGeometry.Product(Shape, 0, Shape.Length);
}

/// <summary>What an encoder was asked for: codes as the fixed header spells them, shifts at index 8u+v.</summary>
internal sealed record ModelProfile(int Method, int Rounding, int ScaleMode, float FullScale, int[] Shifts);

/// <summary>A frame taken apart; every count, offset and checksum follows from these.</summary>
internal sealed record ModelFrame
{
    public const int Raw = 0;
    public const int JpegAct = 1;
    public const int Sfpr = 2;
    public const int SfprZvc = 3;
    public const int Brc = 4;

    public const int NonNegative = 1;
    public const int NonFinite = 2;

    public required int ElementType { get; init; }

    public required int Method { get; init; }

    public required int Rounding { get; init; }

    public required int ScaleMode { get; init; }

    public required int Flags { get; init; }

    public required uint FullScaleBits { get; init; }

    public required long[] Shape { get; init; }

    /// <summary>64 shifts at index 8u+v.</summary>
    public required int[] Shifts { get; init; }

    /// <summary>float32 bits of each inv.</summary>
    public required uint[] InverseScales { get; init; }

    /// <summary>One mask a block, or none where the method has no masks.</summary>
    public required ulong[] Masks { get; init; }

    /// <summary>The value bytes of each tile.</summary>
    public required byte[][] TileValues { get; init; }
}

/// <summary>Section 1 of the format: the shape as N, C, H, W, and the blocks and tiles of a method.</summary>
internal sealed record ModelGeometry(long N, long C, long H, long W, long Blocks)
{
    public long Rows => N * C * H;

    public long Elements => Rows * W;

    public long BlocksPerRow => CeilDiv(W, 8);

    public long Tiles => CeilDiv(Blocks, 64);

    public static ModelGeometry Of(long[] shape, int method)
    {
        var (n, c, h, w) = shape.Length switch
        {
            0 => (1L, 1L, 1L, 1L),
            1 => (1L, 1L, 1L, shape[0]),
            2 => (1L, 1L, shape[0], shape[1]),
            3 => (shape[0], shape[1], 1L, shape[2]),
            _ => (shape[0], shape[1], Product(shape, 2, shape.Length - 1), shape[^1]),
        };
        long elements = n * c * h * w;
        long blocks = elements == 0 ? 0
            : method == ModelFrame.JpegAct ? CeilDiv(n * c * h, 8) * CeilDiv(w, 8)
            : CeilDiv(elements, 64);
        return new ModelGeometry(n, c, h, w, blocks);
    }

    public long ScaleCount(int scaleMode) => scaleMode switch { 1 => C, 2 => N * C, _ => 0 };

    public long ScaleOfRow(long row, int scaleMode)
    {
        long plane = row / H;
        return scaleMode == 1 ? plane % C : plane;
    }

    public static long Product(long[] shape, int from, int to)
    {
        long product = 1;
        for (int i = from; i < to; i++)
        {
            product = checked(product * shape[i]);
        }

        return product;
    }

    public static long CeilDiv(long value, long divisor) => (value + divisor - 1) / divisor;
}
