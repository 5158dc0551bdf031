using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;

namespace JpegActFpga.Cli.Options;

/// <summary>Options that take a quantity with its unit; null where the user gave none. Ranges are checked by what takes them.</summary>
internal static class Quantities
{
    private static readonly (string Suffix, long Bytes)[] Sizes =
    [
        ("KiB", 1L << 10), ("MiB", 1L << 20), ("GiB", 1L << 30), ("TiB", 1L << 40),
        ("kB", 1000), ("MB", 1_000_000), ("GB", 1_000_000_000), ("TB", 1_000_000_000_000), ("B", 1), (string.Empty, 1),
    ];

    private static readonly (string Suffix, double Seconds)[] Times = [("ms", 1e-3), ("us", 1e-6), ("min", 60), ("s", 1), ("h", 3600)];

    /// <summary>Makes an option that takes a size: 64MiB, 1.5GiB, 500MB, or plain bytes.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="description">What it is, with range and default.</param>
    internal static Option<long?> Size(string name, string description) => Make<long?>(name, description, "SIZE", "a size such as 64MiB, 1.5GiB or 1000000", text =>
        TrySplit(text, Sizes, out double value, out long unit) && value * unit is >= 0 and <= long.MaxValue / 2 and var bytes ? (long)bytes : null);

    /// <summary>Makes an option that takes a time: 500ms, 20s, 2min, 1h.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="description">What it is, with range and default.</param>
    internal static Option<TimeSpan?> Time(string name, string description) => Make<TimeSpan?>(name, description, "TIME", "a time such as 500ms, 20s, 2min or 1h", text =>
        TrySplit(text, Times, out double value, out double unit) && value * unit is >= 0 and <= 1e9 and var seconds ? TimeSpan.FromSeconds(seconds) : null);

    /// <summary>Makes an option that takes a share: 0.01 or 1%.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="description">What it is, with range and default.</param>
    internal static Option<double?> Share(string name, string description) => Make<double?>(name, description, "P", "a share such as 0.5 or 50%", text => TryShare(text, out double share) ? share : null);

    /// <summary>Makes an option that takes a whole number.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="description">What it is, with range and default.</param>
    internal static Option<int?> Count(string name, string description) => Make<int?>(name, description, "N", "a whole number", text =>
        int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out int value) ? value : null);

    /// <summary>Reads a share: 0.01 or 1%. Its range is checked by what takes it.</summary>
    /// <param name="text">The text.</param>
    /// <param name="share">The share.</param>
    internal static bool TryShare(string text, out double share)
    {
        bool percent = text.EndsWith('%');
        bool good = double.TryParse(percent ? text[..^1] : text, NumberStyles.Float, CultureInfo.InvariantCulture, out share) && double.IsFinite(share);
        share = percent ? share / 100 : share;
        return good;
    }

    /// <summary>Tells whether the user gave an option.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="option">The option.</param>
    internal static bool Given(this ParseResult parsed, Option option) => parsed.GetResult(option) is { Implicit: false };

    private static Option<T> Make<T>(string name, string description, string helpName, string what, Func<string, T> read) => new(name)
    {
        Description = description,
        HelpName = helpName,
        CustomParser = (ArgumentResult result) =>
        {
            string text = result.Tokens[0].Value;
            T value = read(text);
            if (value is null)
            {
                result.AddError($"{name} takes {what}, not '{text}'");
            }

            return value;
        },
    };

    private static bool TrySplit<TUnit>(string text, (string Suffix, TUnit Unit)[] units, out double value, out TUnit unit)
    {
        foreach ((string suffix, TUnit candidate) in units)
        {
            if (text.EndsWith(suffix, StringComparison.OrdinalIgnoreCase)
                && double.TryParse(text.AsSpan(0, text.Length - suffix.Length), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out value))
            {
                unit = candidate;
                return true;
            }
        }

        (value, unit) = (0, units[0].Unit);
        return false;
    }
}
