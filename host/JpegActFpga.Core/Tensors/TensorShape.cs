using System.Globalization;

namespace JpegActFpga.Core.Tensors;

/// <summary>Shape of a dense tensor in C order. Immutable; safe from any thread.</summary>
public sealed class TensorShape : IEquatable<TensorShape>
{
    /// <summary>Largest rank a frame can name (torch's own limit is 64).</summary>
    public const int MaxRank = 64;

    private readonly long[] _dimensions;

    /// <summary>Initializes a new instance of the <see cref="TensorShape"/> class.</summary>
    /// <param name="dimensions">Sizes, outermost first; none for a scalar.</param>
    /// <exception cref="ArgumentException">A size is negative, the rank is above 64, or the element count exceeds 2^58.</exception>
    public TensorShape(params ReadOnlySpan<long> dimensions)
    {
        if (dimensions.Length > MaxRank)
        {
            throw new ArgumentException($"Rank {dimensions.Length} is above the limit of {MaxRank}.", nameof(dimensions));
        }

        _dimensions = dimensions.ToArray();
        Int128 count = 1;
        bool empty = false;
        foreach (long size in _dimensions)
        {
            if (size < 0)
            {
                throw new ArgumentException($"Dimension {size} of shape {this} is negative.", nameof(dimensions));
            }

            empty |= size == 0;

            // The product of the non-zero sizes is bounded too: N*C*H of an empty tensor still sizes its scale table.
            count *= Math.Max(1, size);
            if (count > MaxElements)
            {
                throw new ArgumentException($"Shape {this} has more than 2^58 elements.", nameof(dimensions));
            }
        }

        ElementCount = empty ? 0 : (long)count;
        (N, C, H, W) = _dimensions.Length switch
        {
            0 => (1L, 1L, 1L, 1L),
            1 => (1, 1, 1, _dimensions[0]),
            2 => (1, 1, _dimensions[0], _dimensions[1]),
            3 => (_dimensions[0], _dimensions[1], 1, _dimensions[2]),
            _ => (_dimensions[0], _dimensions[1], Product(_dimensions.AsSpan()[2..^1]), _dimensions[^1]),
        };
    }

    /// <summary>Largest element count: keeps every byte count derived from a shape inside 63 bits, also where the transform pads a width of 1 to 8.</summary>
    public static long MaxElements => 1L << 58;

    /// <summary>Gets the sizes, outermost first.</summary>
    public ReadOnlySpan<long> Dimensions => _dimensions;

    /// <summary>Gets the number of dimensions.</summary>
    public int Rank => _dimensions.Length;

    /// <summary>Gets the number of elements.</summary>
    public long ElementCount { get; }

    /// <summary>Gets the samples of the four-dimensional view (docs/format.md, section 1).</summary>
    public long N { get; }

    /// <summary>Gets the channels of the four-dimensional view.</summary>
    public long C { get; }

    /// <summary>Gets the rows of a plane of the four-dimensional view.</summary>
    public long H { get; }

    /// <summary>Gets the columns of the four-dimensional view.</summary>
    public long W { get; }

    /// <inheritdoc/>
    public bool Equals(TensorShape? other) => other is not null && _dimensions.AsSpan().SequenceEqual(other._dimensions);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as TensorShape);

    /// <inheritdoc/>
    public override int GetHashCode()
    {
        HashCode hash = default;
        foreach (long size in _dimensions)
        {
            hash.Add(size);
        }

        return hash.ToHashCode();
    }

    /// <summary>Gives the shape as [2, 3, 8, 8].</summary>
    /// <returns>The sizes in brackets.</returns>
    public override string ToString() => $"[{string.Join(", ", _dimensions.Select(size => size.ToString(CultureInfo.InvariantCulture)))}]";

    private static long Product(ReadOnlySpan<long> sizes)
    {
        long product = 1;
        foreach (long size in sizes)
        {
            product *= size;
        }

        return product;
    }
}
