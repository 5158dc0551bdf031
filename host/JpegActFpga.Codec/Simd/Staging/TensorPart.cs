namespace JpegActFpga.Codec.Simd.Staging;

/// <summary>Where one 8x8 block lies in a tensor.</summary>
/// <typeparam name="TBits">What an element is in memory.</typeparam>
internal unsafe struct TensorPart<TBits>
    where TBits : unmanaged
{
    /// <summary>First element of the first row.</summary>
    internal TBits* Start;

    /// <summary>Scales of the eight rows; those of the next row of blocks follow.</summary>
    internal float* RowScales;

    /// <summary>Elements from one row to the next.</summary>
    internal long Stride;

    /// <summary>Columns inside the tensor; 8 or more where all are.</summary>
    internal long Columns;

    /// <summary>Rows inside the tensor; 8 or more where all are.</summary>
    internal long Rows;
}
