using System.Runtime.Intrinsics;

namespace JpegActFpga.Codec.Simd.Staging;

/// <summary>Where one 8x8 block lies in a tensor.</summary>
/// <typeparam name="TBits">What an element is in memory.</typeparam>
internal unsafe struct TensorPart<TBits>
    where TBits : unmanaged
{
    /// <summary>First element of the first row.</summary>
    internal TBits* Start;

    /// <summary>Elements from one row to the next.</summary>
    internal long Stride;

    /// <summary>The rows' scales.</summary>
    internal Vector256<float> Scales;

    /// <summary>Columns inside the tensor, 1 .. 8.</summary>
    internal int Columns;

    /// <summary>Rows inside the tensor, 1 .. 8.</summary>
    internal int Rows;

    /// <summary>All rows have the first one's scale.</summary>
    internal bool OneScale;
}
