using System.Globalization;

namespace JpegActFpga.Core.Profiles;

/// <summary>The named tables, and reading a table from text or a file.</summary>
public static class ShiftTables
{
    /// <summary>What <see cref="Parse"/> takes, for help texts and error messages.</summary>
    public const string Syntax = "optsL, optsH, flat-K (K = 0..7), jpegQ (Q = 1..100), or a file of 64 shifts";

    // The IJG luminance table (ITU-T T.81, table K.1), row = v.
    private static readonly int[] JpegLuminance =
    [
        16, 11, 10, 16, 24, 40, 51, 61,
        12, 12, 14, 19, 26, 58, 60, 55,
        14, 13, 16, 24, 40, 57, 69, 56,
        14, 17, 22, 29, 51, 87, 80, 62,
        18, 22, 37, 56, 68, 109, 103, 77,
        24, 35, 55, 64, 81, 104, 113, 92,
        49, 64, 78, 87, 103, 121, 120, 101,
        72, 92, 95, 98, 112, 100, 103, 99,
    ];

    // optsH of the authors' published code (divisors 8, 32, 16), as shifts.
    private static readonly int[] OptsHighShifts =
    [
        3, 5, 5, 5, 5, 5, 5, 4,
        5, 5, 5, 5, 4, 4, 4, 4,
        5, 5, 5, 5, 4, 4, 4, 4,
        5, 5, 5, 4, 4, 4, 4, 4,
        5, 5, 4, 4, 4, 4, 4, 4,
        5, 4, 4, 4, 4, 4, 4, 4,
        5, 4, 4, 4, 4, 4, 4, 4,
        4, 4, 4, 4, 4, 4, 4, 4,
    ];

    /// <summary>Gets the authors' table for low compression: all divisors 8.</summary>
    public static ShiftTable OptsLow { get; } = ShiftTable.FromRows("optsL", Enumerable.Repeat(3, ShiftTable.Count).ToArray());

    /// <summary>Gets the authors' table for high compression.</summary>
    public static ShiftTable OptsHigh { get; } = ShiftTable.FromRows("optsH", OptsHighShifts);

    /// <summary>Makes a table with the same shift everywhere but for DC, which stays 3 so that it fits a byte.</summary>
    /// <param name="shift">0 .. 7.</param>
    /// <exception cref="ArgumentOutOfRangeException">The shift is outside its range.</exception>
    public static ShiftTable Flat(int shift)
    {
        if (shift is < 0 or > ShiftTable.MaxShift)
        {
            throw new ArgumentOutOfRangeException(nameof(shift), shift, "flat-K takes K = 0 .. 7.");
        }

        int[] rows = Enumerable.Repeat(shift, ShiftTable.Count).ToArray();
        rows[0] = 3;
        return ShiftTable.FromRows(string.Create(CultureInfo.InvariantCulture, $"flat-{shift}"), rows);
    }

    /// <summary>Makes the nearest shifts of JPEG's luminance table at an IJG quality; DC stays 3.</summary>
    /// <param name="quality">1 .. 100.</param>
    /// <exception cref="ArgumentOutOfRangeException">The quality is outside its range.</exception>
    public static ShiftTable Jpeg(int quality)
    {
        if (quality is < 1 or > 100)
        {
            throw new ArgumentOutOfRangeException(nameof(quality), quality, "jpegQ takes Q = 1 .. 100.");
        }

        // jpeg_quality_scaling of the IJG library, then its (entry * scale + 50) / 100 in integers.
        int scale = quality < 50 ? 5000 / quality : 200 - (2 * quality);
        var rows = new int[ShiftTable.Count];
        for (int i = 0; i < rows.Length; i++)
        {
            int divisor = Math.Clamp(((JpegLuminance[i] * scale) + 50) / 100, 1, 255);
            rows[i] = NearestShift(divisor);
        }

        rows[0] = 3;
        return ShiftTable.FromRows(string.Create(CultureInfo.InvariantCulture, $"jpeg{quality}"), rows);
    }

    /// <summary>Reads a table's name, or a file.</summary>
    /// <param name="text">As in <see cref="Syntax"/>.</param>
    /// <exception cref="FormatException">Neither a name nor a readable table; the message says what is wrong.</exception>
    public static ShiftTable Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        try
        {
            if (text.Equals("optsL", StringComparison.OrdinalIgnoreCase))
            {
                return OptsLow;
            }

            if (text.Equals("optsH", StringComparison.OrdinalIgnoreCase))
            {
                return OptsHigh;
            }

            if (TryNumberAfter(text, "flat-", out int shift))
            {
                return Flat(shift);
            }

            if (TryNumberAfter(text, "jpeg", out int quality))
            {
                return Jpeg(quality);
            }

            if (!File.Exists(text))
            {
                throw new FormatException($"Table '{text}' is no name and no file. Use {Syntax}.");
            }

            return FromFile(text);
        }
        catch (ArgumentException error)
        {
            throw new FormatException(error.Message, error);
        }
    }

    private static ShiftTable FromFile(string path)
    {
        const long LimitBytes = 64 * 1024;
        long length = new FileInfo(path).Length;
        if (length > LimitBytes)
        {
            throw new FormatException($"Table file {path} has {length} bytes; 64 shifts need a few hundred.");
        }

        string content;
        try
        {
            content = File.ReadAllText(path);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new FormatException($"Table file {path} can't be read: {error.Message}", error);
        }

        IEnumerable<string> words = content
            .Split('\n')
            .Select(line => line.Split('#')[0])
            .SelectMany(line => line.Split([' ', '\t', '\r', ',', ';', '|', '[', ']'], StringSplitOptions.RemoveEmptyEntries));
        var shifts = new List<int>(ShiftTable.Count);
        foreach (string word in words)
        {
            if (!int.TryParse(word, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out int shift))
            {
                throw new FormatException($"Table file {path} holds '{word}' where a whole number 0 .. {ShiftTable.MaxShift} should be.");
            }

            shifts.Add(shift);
        }

        return ShiftTable.FromRows(Path.GetFileName(path), shifts.ToArray());
    }

    private static bool TryNumberAfter(string text, string prefix, out int number)
    {
        number = 0;
        return text.StartsWith(prefix, StringComparison.OrdinalIgnoreCase)
            && int.TryParse(text.AsSpan(prefix.Length), NumberStyles.None, CultureInfo.InvariantCulture, out number);
    }

    // Nearest power of two on the logarithmic scale: 2^(s - 1/2) <= d < 2^(s + 1/2), compared as d^2 against 2^(2s - 1).
    private static int NearestShift(int divisor)
    {
        int shift = 0;
        while (shift < ShiftTable.MaxShift && (long)divisor * divisor >= 1L << ((2 * shift) + 1))
        {
            shift++;
        }

        return shift;
    }
}
