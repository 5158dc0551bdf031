using JpegActFpga.Core.Tensors;

namespace JpegActFpga.Core.Profiles;

/// <summary>How a tensor falls into blocks and tiles for a method (docs/format.md, section 1). Immutable.</summary>
public readonly record struct BlockGeometry
{
    /// <summary>Values of a block.</summary>
    public const int BlockValues = 64;

    /// <summary>Rows and columns of a block of the transform.</summary>
    public const int BlockSide = 8;

    /// <summary>Blocks of a tile, the unit of random access and of checking.</summary>
    public const int TileBlocks = 64;

    /// <summary>Initializes a new instance of the <see cref="BlockGeometry"/> struct.</summary>
    /// <param name="shape">The tensor's shape.</param>
    /// <param name="method">The method.</param>
    public BlockGeometry(TensorShape shape, CodecMethod method)
    {
        ArgumentNullException.ThrowIfNull(shape);
        Elements = shape.ElementCount;
        Width = shape.W;
        PlaneRows = shape.H;
        Rows = Elements == 0 ? 0 : shape.N * shape.C * shape.H;
        BlocksPerRow = CeilDiv(shape.W, BlockSide);
        if (Elements == 0)
        {
            Blocks = 0;
        }
        else if (method == CodecMethod.JpegAct)
        {
            Blocks = checked(CeilDiv(Rows, BlockSide) * BlocksPerRow);
        }
        else
        {
            Blocks = CeilDiv(Elements, BlockValues);
        }

        Tiles = CeilDiv(Blocks, TileBlocks);
    }

    /// <summary>Gets the elements of the tensor.</summary>
    public long Elements { get; }

    /// <summary>Gets the columns of the image that the transform sees.</summary>
    public long Width { get; }

    /// <summary>Gets the rows of that image, N*C*H; 0 for an empty tensor.</summary>
    public long Rows { get; }

    /// <summary>Gets the rows that share a plane, H.</summary>
    public long PlaneRows { get; }

    /// <summary>Gets the blocks of a row of blocks, for the transform.</summary>
    public long BlocksPerRow { get; }

    /// <summary>Gets the number of blocks.</summary>
    public long Blocks { get; }

    /// <summary>Gets the number of tiles.</summary>
    public long Tiles { get; }

    /// <summary>Gives the number of blocks of a tile.</summary>
    /// <param name="tile">0 .. Tiles - 1.</param>
    public int BlocksOfTile(long tile) => (int)Math.Min(TileBlocks, Blocks - (tile * TileBlocks));

    /// <summary>Gives the number of elements that a tile covers, for methods whose blocks follow memory order.</summary>
    /// <param name="tile">0 .. Tiles - 1.</param>
    public int ElementsOfTile(long tile) => (int)Math.Min(TileBlocks * BlockValues, Elements - (tile * TileBlocks * BlockValues));

    /// <summary>Gives the number of scales.</summary>
    /// <param name="shape">The tensor's shape.</param>
    /// <param name="mode">What shares a scale.</param>
    public static long ScaleCount(TensorShape shape, ScaleMode mode)
    {
        ArgumentNullException.ThrowIfNull(shape);
        return mode switch
        {
            ScaleMode.PerChannel => shape.C,
            ScaleMode.PerPlane => checked(shape.N * shape.C),
            _ => 0,
        };
    }

    private static long CeilDiv(long value, long divisor) => (value + divisor - 1) / divisor;
}
