namespace JpegActFpga.Codec.Reference;

/// <summary>Tells the scale of each row, or of each element, while they are walked in memory order, without a division a step.</summary>
internal struct ScaleCursor
{
    private readonly long _planeSize;
    private readonly long _scaleCount;
    private long _inPlane;

    /// <summary>Initializes a new instance of the <see cref="ScaleCursor"/> struct.</summary>
    /// <param name="first">First row or element of the walk, 0 or more.</param>
    /// <param name="planeSize">Rows or elements of a plane, 1 or more.</param>
    /// <param name="scaleCount">Number of scales, 1 or more.</param>
    internal ScaleCursor(long first, long planeSize, long scaleCount)
    {
        _planeSize = planeSize;
        _scaleCount = scaleCount;
        _inPlane = first % planeSize;
        Scale = first / planeSize % scaleCount;
    }

    /// <summary>Gets the scale of the current row or element.</summary>
    internal long Scale { get; private set; }

    /// <summary>Goes to the next one.</summary>
    internal void Next()
    {
        if (++_inPlane == _planeSize)
        {
            _inPlane = 0;
            Scale = Scale + 1 == _scaleCount ? 0 : Scale + 1;
        }
    }
}
