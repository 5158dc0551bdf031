namespace JpegActFpga.Core.Profiles;

/// <summary>The 64 shifts of the quantiser. Immutable; safe from any thread.</summary>
/// <remarks>
/// People write tables row by row, row = vertical frequency v, column = horizontal frequency u; the codec indexes
/// coefficients as 8u+v (docs/format.md, section 3). This type is the only place that turns one into the other.
/// </remarks>
public sealed class ShiftTable : IEquatable<ShiftTable>
{
    /// <summary>Coefficients of a block.</summary>
    public const int Count = 64;

    /// <summary>Largest shift: three bits of the paper's table.</summary>
    public const int MaxShift = 7;

    private readonly byte[] _shifts;

    private ShiftTable(string name, byte[] coefficientOrder)
    {
        Name = name;
        _shifts = coefficientOrder;
    }

    /// <summary>Gets the table of zeros that methods without a quantiser carry.</summary>
    public static ShiftTable Zero { get; } = new("none", new byte[Count]);

    /// <summary>Gets the name reports show: the built-in's, the file's, or "custom".</summary>
    public string Name { get; }

    /// <summary>Gets the shifts in coefficient order, index 8u+v.</summary>
    public ReadOnlySpan<byte> CoefficientOrder => _shifts;

    /// <summary>Makes a table from shifts as people write them.</summary>
    /// <param name="name">Name for reports.</param>
    /// <param name="rowMajor">64 shifts, index 8v+u, each 0 .. 7.</param>
    /// <exception cref="ArgumentException">There are not 64, or one is above 7; the message names row, column and value.</exception>
    public static ShiftTable FromRows(string name, ReadOnlySpan<int> rowMajor)
    {
        ArgumentNullException.ThrowIfNull(name);
        if (rowMajor.Length != Count)
        {
            throw new ArgumentException($"Table {name} has {rowMajor.Length} numbers; a table is 64 shifts, 8 rows of 8.", nameof(rowMajor));
        }

        var shifts = new byte[Count];
        for (int v = 0; v < 8; v++)
        {
            for (int u = 0; u < 8; u++)
            {
                int shift = rowMajor[(8 * v) + u];
                if (shift is < 0 or > MaxShift)
                {
                    throw new ArgumentException($"Table {name} has {shift} in row {v}, column {u}; a shift is 0 .. {MaxShift} (it divides by 2^shift).", nameof(rowMajor));
                }

                shifts[(8 * u) + v] = (byte)shift;
            }
        }

        return new ShiftTable(name, shifts);
    }

    /// <summary>Makes a table from shifts in coefficient order, as a frame holds them.</summary>
    /// <param name="name">Name for reports.</param>
    /// <param name="coefficientOrder">64 shifts, index 8u+v, each 0 .. 7.</param>
    /// <exception cref="ArgumentException">There are not 64, or one is above 7.</exception>
    public static ShiftTable FromCoefficientOrder(string name, ReadOnlySpan<byte> coefficientOrder)
    {
        Span<int> rows = stackalloc int[Count];
        if (coefficientOrder.Length != Count)
        {
            throw new ArgumentException($"Table {name} has {coefficientOrder.Length} shifts, not 64.", nameof(coefficientOrder));
        }

        for (int k = 0; k < Count; k++)
        {
            rows[(8 * (k % 8)) + (k / 8)] = coefficientOrder[k];
        }

        return FromRows(name, rows);
    }

    /// <summary>Gives the shift of table entry [v][u].</summary>
    /// <param name="v">Vertical frequency, 0 .. 7.</param>
    /// <param name="u">Horizontal frequency, 0 .. 7.</param>
    public int this[int v, int u] => _shifts[(8 * u) + v];

    /// <inheritdoc/>
    public bool Equals(ShiftTable? other) => other is not null && _shifts.AsSpan().SequenceEqual(other._shifts);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as ShiftTable);

    /// <inheritdoc/>
    public override int GetHashCode()
    {
        HashCode hash = default;
        hash.AddBytes(_shifts);
        return hash.ToHashCode();
    }
}
