using JpegActFpga.Core.Profiles;

namespace JpegActFpga.Codec.Tests.CoreTypes;

/// <summary>Tables: the built-in ones to the last entry, both orders, and every way in which a file can be wrong.</summary>
public class ShiftTableTests
{
    /// <summary>optsH of the authors' code, as divisors.</summary>
    private static readonly int[] OptsHighDivisors =
    [
        8, 32, 32, 32, 32, 32, 32, 16,
        32, 32, 32, 32, 16, 16, 16, 16,
        32, 32, 32, 32, 16, 16, 16, 16,
        32, 32, 32, 16, 16, 16, 16, 16,
        32, 32, 16, 16, 16, 16, 16, 16,
        32, 16, 16, 16, 16, 16, 16, 16,
        32, 16, 16, 16, 16, 16, 16, 16,
        16, 16, 16, 16, 16, 16, 16, 16,
    ];

    /// <summary>The IJG library's luminance table at quality 75, by its own formula: (base * 50 + 50) / 100.</summary>
    private static readonly int[] Jpeg75Divisors =
    [
        8, 6, 5, 8, 12, 20, 26, 31,
        6, 6, 7, 10, 13, 29, 30, 28,
        7, 7, 8, 12, 20, 29, 35, 28,
        7, 9, 11, 15, 26, 44, 40, 31,
        9, 11, 19, 28, 34, 55, 52, 39,
        12, 18, 28, 32, 41, 52, 57, 46,
        25, 32, 39, 44, 52, 61, 60, 51,
        36, 46, 48, 49, 56, 50, 52, 50,
    ];

    [Fact]
    public void OptsL_shifts_everything_by_3() =>
        Assert.All(ShiftTables.OptsLow.CoefficientOrder.ToArray(), shift => Assert.Equal(3, shift));

    [Fact]
    public void OptsH_divides_as_the_authors_table_does() =>
        Assert.Equal(OptsHighDivisors, RowMajor(ShiftTables.OptsHigh).Select(shift => 1 << shift));

    [Theory]
    [InlineData(0)]
    [InlineData(3)]
    [InlineData(7)]
    public void Flat_tables_are_flat_but_for_DC(int shift)
    {
        int[] rows = RowMajor(ShiftTables.Flat(shift));
        Assert.Equal(3, rows[0]);
        Assert.All(rows[1..], entry => Assert.Equal(shift, entry));
    }

    [Fact]
    public void Jpeg75_has_the_nearest_powers_of_two()
    {
        // Nearest in the logarithm: the quotient of divisor and power is at most the square root of 2.
        int[] expected = [.. Jpeg75Divisors.Select(divisor => Math.Min(7, (int)Math.Round(Math.Log2(divisor))))];
        expected[0] = 3;
        Assert.Equal(expected, RowMajor(ShiftTables.Jpeg(75)));
    }

    [Fact]
    public void Jpeg_qualities_go_from_all_7_to_all_0_and_never_the_wrong_way()
    {
        Assert.All(RowMajor(ShiftTables.Jpeg(1))[1..], shift => Assert.Equal(7, shift));
        Assert.All(RowMajor(ShiftTables.Jpeg(100))[1..], shift => Assert.Equal(0, shift));
        for (int quality = 2; quality <= 100; quality++)
        {
            int[] coarse = RowMajor(ShiftTables.Jpeg(quality - 1));
            int[] fine = RowMajor(ShiftTables.Jpeg(quality));
            Assert.All(Enumerable.Range(0, 64), i => Assert.True(fine[i] <= coarse[i], $"quality {quality}, entry {i}"));
            Assert.Equal(3, fine[0]);
        }
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(8)]
    public void Flat_takes_0_to_7(int shift) => Assert.Throws<ArgumentOutOfRangeException>(() => ShiftTables.Flat(shift));

    [Theory]
    [InlineData(0)]
    [InlineData(101)]
    [InlineData(-5)]
    public void Jpeg_takes_1_to_100(int quality) => Assert.Throws<ArgumentOutOfRangeException>(() => ShiftTables.Jpeg(quality));

    [Fact]
    public void Rows_and_coefficients_are_each_others_transpose()
    {
        int[] rows = [.. Enumerable.Range(0, 64).Select(i => (i * 5 / 8) % 8)];
        ShiftTable table = ShiftTable.FromRows("t", rows);
        for (int v = 0; v < 8; v++)
        {
            for (int u = 0; u < 8; u++)
            {
                Assert.Equal(rows[(8 * v) + u], table.CoefficientOrder[(8 * u) + v]);
                Assert.Equal(rows[(8 * v) + u], table[v, u]);
            }
        }

        Assert.Equal(table, ShiftTable.FromCoefficientOrder("again", table.CoefficientOrder));
        Assert.NotEqual(table, ShiftTable.FromCoefficientOrder("transposed", [.. rows.Select(shift => (byte)shift)]));
    }

    [Fact]
    public void Wrong_counts_and_shifts_are_refused_with_their_place()
    {
        Assert.Contains("63", Assert.Throws<ArgumentException>(() => ShiftTable.FromRows("t", new int[63])).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => ShiftTable.FromRows("t", new int[65]));
        Assert.Throws<ArgumentException>(() => ShiftTable.FromCoefficientOrder("t", new byte[63]));
        var rows = new int[64];
        rows[(8 * 2) + 5] = 8;
        Assert.Contains("8 in row 2, column 5", Assert.Throws<ArgumentException>(() => ShiftTable.FromRows("t", rows)).Message, StringComparison.Ordinal);
        rows[(8 * 2) + 5] = -1;
        Assert.Throws<ArgumentException>(() => ShiftTable.FromRows("t", rows));
        var coefficients = new byte[64];
        coefficients[63] = 9;
        Assert.Throws<ArgumentException>(() => ShiftTable.FromCoefficientOrder("t", coefficients));
    }

    [Theory]
    [InlineData("optsL", "optsL")]
    [InlineData("OPTSH", "optsH")]
    [InlineData("flat-0", "flat-0")]
    [InlineData("flat-7", "flat-7")]
    [InlineData("jpeg1", "jpeg1")]
    [InlineData("JPEG80", "jpeg80")]
    public void Names_are_understood(string text, string name) => Assert.Equal(name, ShiftTables.Parse(text).Name);

    [Theory]
    [InlineData("")]
    [InlineData("optsM")]
    [InlineData("flat-8")]
    [InlineData("flat--1")]
    [InlineData("flat-")]
    [InlineData("jpeg0")]
    [InlineData("jpeg101")]
    [InlineData("jpeg99999999999")]
    [InlineData("/nowhere/table.txt")]
    [InlineData("\0")]
    public void Names_that_mean_nothing_are_refused(string text) => Assert.Throws<FormatException>(() => ShiftTables.Parse(text));

    [Fact]
    public void A_file_of_64_shifts_is_read_row_by_row()
    {
        using var file = new TemporaryFile("""
            # a table, with comments and any of the usual separators
            3 5 5 5 5 5 5 4
            5, 5, 5, 5, 4, 4, 4, 4   # row 1
            5;5;5;5;4;4;4;4
            5|5|5|4|4|4|4|4
            [5 5 4 4 4 4 4 4]
            5	4	4	4	4	4	4	4
            5 4 4 4 4 4 4 4
            4 4 4 4 4 4 4 4
            """);
        ShiftTable table = ShiftTables.Parse(file.Path);
        Assert.Equal(ShiftTables.OptsHigh, table);
        Assert.Equal(Path.GetFileName(file.Path), table.Name);
    }

    [Theory]
    [InlineData(63, "3", "63 numbers")]
    [InlineData(65, "3", "65 numbers")]
    [InlineData(0, "3", "0 numbers")]
    [InlineData(64, "9", "9 in row 0, column 0")]
    [InlineData(64, "-1", "-1 in row 0, column 0")]
    [InlineData(64, "x", "'x'")]
    [InlineData(64, "3.5", "'3.5'")]
    [InlineData(64, "99999999999", "'99999999999'")]
    public void A_file_that_is_no_table_is_refused_with_the_reason(int count, string word, string reason)
    {
        using var file = new TemporaryFile(string.Join(' ', Enumerable.Repeat(word, count)));
        Assert.Contains(reason, Assert.Throws<FormatException>(() => ShiftTables.Parse(file.Path)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_large_file_is_refused_unread()
    {
        using var file = new TemporaryFile(new string('3', 2 * 1024 * 1024));
        Assert.Contains("2097152 bytes", Assert.Throws<FormatException>(() => ShiftTables.Parse(file.Path)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_folder_is_no_table() => Assert.Throws<FormatException>(() => ShiftTables.Parse(Path.GetTempPath()));

    private static int[] RowMajor(ShiftTable table) => [.. Enumerable.Range(0, 64).Select(i => table[i / 8, i % 8])];

    private sealed class TemporaryFile : IDisposable
    {
        public TemporaryFile(string content)
        {
            Path = System.IO.Path.GetTempFileName();
            File.WriteAllText(Path, content);
        }

        public string Path { get; }

        public void Dispose() => File.Delete(Path);
    }
}
