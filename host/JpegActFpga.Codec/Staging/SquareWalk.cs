using JpegActFpga.Core.Profiles;

namespace JpegActFpga.Codec.Staging;

/// <summary>Walks the 8 x 8 squares of a tensor's image in the order of its blocks.</summary>
internal struct SquareWalk
{
    private const int Side = BlockGeometry.BlockSide;

    private readonly BlockGeometry _geometry;
    private long _rowBlock;
    private long _columnBlock;

    /// <summary>Initializes a new instance of the <see cref="SquareWalk"/> struct.</summary>
    /// <param name="geometry">The tensor's geometry for jpeg-act.</param>
    /// <param name="firstBlock">The block to start at.</param>
    internal SquareWalk(BlockGeometry geometry, long firstBlock)
    {
        _geometry = geometry;
        _rowBlock = firstBlock / geometry.BlocksPerRow;
        _columnBlock = firstBlock % geometry.BlocksPerRow;
    }

    /// <summary>Gets the first row of the square within the image.</summary>
    internal readonly long FirstRow => _rowBlock * Side;

    /// <summary>Gets the rows of the square that lie in the tensor; 0 or less past its end.</summary>
    internal readonly int Rows => (int)Math.Min(Side, _geometry.Rows - FirstRow);

    /// <summary>Gets the columns of the square that lie in the tensor.</summary>
    internal readonly int Columns => (int)Math.Min(Side, _geometry.Width - (_columnBlock * Side));

    /// <summary>Gets a value indicating whether the whole square lies in the tensor.</summary>
    internal readonly bool IsWhole => Rows == Side && Columns == Side;

    /// <summary>Gets the place of the square's first element in the tensor.</summary>
    internal readonly long FirstElement => (FirstRow * _geometry.Width) + (_columnBlock * Side);

    /// <summary>Goes to the next square.</summary>
    internal void Next()
    {
        if (++_columnBlock == _geometry.BlocksPerRow)
        {
            _columnBlock = 0;
            _rowBlock++;
        }
    }
}
