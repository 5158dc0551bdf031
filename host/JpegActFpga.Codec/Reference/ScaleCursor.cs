namespace JpegActFpga.Codec.Reference;

/// <summary>Tells the scale of each row while rows are walked in order, without a division a row.</summary>
internal struct ScaleCursor
{
    private readonly long _planeRows;
    private readonly long _scaleCount;
    private long _rowInPlane;

    /// <summary>Initializes a new instance of the <see cref="ScaleCursor"/> struct.</summary>
    /// <param name="firstRow">Row of the image, 0 or more.</param>
    /// <param name="planeRows">Rows of a plane, 1 or more.</param>
    /// <param name="scaleCount">Number of scales, 1 or more.</param>
    internal ScaleCursor(long firstRow, long planeRows, long scaleCount)
    {
        _planeRows = planeRows;
        _scaleCount = scaleCount;
        _rowInPlane = firstRow % planeRows;
        Scale = firstRow / planeRows % scaleCount;
    }

    /// <summary>Gets the scale of the current row.</summary>
    internal long Scale { get; private set; }

    /// <summary>Goes to the next row.</summary>
    internal void Next()
    {
        if (++_rowInPlane == _planeRows)
        {
            _rowInPlane = 0;
            Scale = Scale + 1 == _scaleCount ? 0 : Scale + 1;
        }
    }
}
