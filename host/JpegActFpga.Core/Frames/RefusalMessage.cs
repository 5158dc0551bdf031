using System.Globalization;
using System.Runtime.CompilerServices;

namespace JpegActFpga.Core.Frames;

/// <summary>A message that is made only where a condition does not hold: checks that hold allocate nothing.</summary>
[InterpolatedStringHandler]
internal ref struct RefusalMessage
{
    private DefaultInterpolatedStringHandler _text;

    /// <summary>Initializes a new instance of the <see cref="RefusalMessage"/> struct.</summary>
    /// <param name="literalLength">Characters of the constant parts.</param>
    /// <param name="formattedCount">Number of the other parts.</param>
    /// <param name="condition">Whether the check holds.</param>
    /// <param name="isNeeded">Whether the message is made.</param>
    public RefusalMessage(int literalLength, int formattedCount, bool condition, out bool isNeeded)
    {
        isNeeded = !condition;
        _text = isNeeded ? new DefaultInterpolatedStringHandler(literalLength, formattedCount, CultureInfo.InvariantCulture) : default;
    }

    /// <summary>Appends a constant part.</summary>
    /// <param name="value">The part.</param>
    public void AppendLiteral(string value) => _text.AppendLiteral(value);

    /// <summary>Appends a value.</summary>
    /// <typeparam name="T">Its type.</typeparam>
    /// <param name="value">The value.</param>
    public void AppendFormatted<T>(T value) => _text.AppendFormatted(value);

    /// <summary>Appends a value in a format.</summary>
    /// <typeparam name="T">Its type.</typeparam>
    /// <param name="value">The value.</param>
    /// <param name="format">The format.</param>
    public void AppendFormatted<T>(T value, string format) => _text.AppendFormatted(value, format);

    /// <summary>Gives the message.</summary>
    internal string ToText() => _text.ToStringAndClear();
}
