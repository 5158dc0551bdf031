using System.Globalization;
using System.Numerics;
using System.Text;

namespace JpegActFpga.Cli.Npy;

/// <summary>Reads the subset of Python literals that .npy headers use: dict, tuple, list, str, int, True, False, None.</summary>
/// <remarks>It evaluates nothing. Bounded in depth by <see cref="MaxDepth"/> and in size by the text it is given.</remarks>
internal ref struct PythonLiteralParser
{
    /// <summary>Deepest nesting: structured types nest, but not without end.</summary>
    private const int MaxDepth = 16;

    private readonly ReadOnlySpan<char> _text;
    private int _at;
    private int _depth;

    private PythonLiteralParser(ReadOnlySpan<char> text) => _text = text;

    private readonly char Current => _at < _text.Length ? _text[_at] : '\0';

    /// <summary>Reads one literal; only white space may follow it.</summary>
    /// <param name="text">The text.</param>
    /// <exception cref="NpyException">It is no such literal; the message names the position.</exception>
    internal static PythonValue Parse(ReadOnlySpan<char> text)
    {
        var parser = new PythonLiteralParser(text);
        PythonValue value = parser.ReadValue();
        parser.SkipSpace();
        return parser._at == text.Length ? value : throw parser.Unexpected("the end of the header");
    }

    private PythonValue ReadValue()
    {
        SkipSpace();
        if (++_depth > MaxDepth)
        {
            throw new NpyException($"the header nests deeper than {MaxDepth} levels at character {_at}");
        }

        PythonValue value = Current switch
        {
            '{' => ReadDictionary(),
            '(' => ReadSequence(')', isTuple: true),
            '[' => ReadSequence(']', isTuple: false),
            '\'' or '"' => new PythonString(ReadString()),
            '-' or (>= '0' and <= '9') => ReadInteger(),
            _ => ReadWord(),
        };
        _depth--;
        return value;
    }

    private PythonDictionary ReadDictionary()
    {
        _at++;
        var items = new List<KeyValuePair<string, PythonValue>>();
        while (!TryTake('}'))
        {
            if (Current is not ('\'' or '"'))
            {
                throw Unexpected("a key in quotes");
            }

            string key = ReadString();
            if (!TryTake(':'))
            {
                throw Unexpected("':'");
            }

            items.Add(new(key, ReadValue()));
            if (!TryTake(',') && Current != '}')
            {
                throw Unexpected("',' or '}'");
            }
        }

        return new PythonDictionary(items);
    }

    private PythonValue ReadSequence(char end, bool isTuple)
    {
        _at++;
        var items = new List<PythonValue>();
        bool comma = false;
        while (!TryTake(end))
        {
            items.Add(ReadValue());
            comma = TryTake(',');
            if (!comma && Current != end)
            {
                throw Unexpected($"',' or '{end}'");
            }
        }

        // (3) is the number 3 in Python; (3,) is the tuple.
        return isTuple && items.Count == 1 && !comma ? items[0] : new PythonSequence(items, isTuple);
    }

    private string ReadString()
    {
        char quote = Current;
        _at++;
        var value = new StringBuilder();
        while (Current != quote)
        {
            if (_at >= _text.Length)
            {
                throw Unexpected("a closing quote");
            }

            // Field names may hold an escaped quote or backslash; nothing that is accepted here holds any other escape.
            if (Current == '\\')
            {
                _at++;
            }

            value.Append(Current);
            _at++;
        }

        _at++;
        return value.ToString();
    }

    private PythonInteger ReadInteger()
    {
        // Python's own limit on digits is 4300; 64 are more than any size that is accepted.
        const int MaxDigits = 64;
        int start = _at;
        _at += Current == '-' ? 1 : 0;
        while (char.IsAsciiDigit(Current))
        {
            _at++;
        }

        ReadOnlySpan<char> digits = _text[start.._at];
        if (digits.Length > MaxDigits)
        {
            throw new NpyException($"the header has a number of {digits.Length} digits at character {start}");
        }

        if (!BigInteger.TryParse(digits, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out BigInteger value))
        {
            throw Unexpected("a digit");
        }

        // Python 2 wrote long sizes as 3L.
        _at += Current == 'L' ? 1 : 0;
        return new PythonInteger(value);
    }

    private PythonValue ReadWord()
    {
        int start = _at;
        while (char.IsAsciiLetter(Current))
        {
            _at++;
        }

        switch (_text[start.._at])
        {
            case "True":
                return new PythonBoolean(true);
            case "False":
                return new PythonBoolean(false);
            case "None":
                return new PythonNone();
            default:
                _at = start;
                throw Unexpected("a value");
        }
    }

    private bool TryTake(char expected)
    {
        SkipSpace();
        if (_at >= _text.Length || Current != expected)
        {
            return false;
        }

        _at++;
        SkipSpace();
        return true;
    }

    private void SkipSpace()
    {
        while (Current is ' ' or '\t' or '\r' or '\n')
        {
            _at++;
        }
    }

    private readonly NpyException Unexpected(string expected)
    {
        string found = _at >= _text.Length ? "it ends" : $"it has '{_text[_at]}'";
        return new NpyException($"the header is no Python literal: at character {_at} {found} where {expected} should be");
    }
}
