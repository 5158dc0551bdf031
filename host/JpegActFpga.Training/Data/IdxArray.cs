namespace JpegActFpga.Training.Data;

/// <summary>The content of an IDX file of unsigned bytes.</summary>
/// <param name="Shape">One size a dimension, each at least 1.</param>
/// <param name="Data">The elements in C order; as many as the product of <paramref name="Shape"/>.</param>
public sealed record IdxArray(IReadOnlyList<long> Shape, ReadOnlyMemory<byte> Data);
