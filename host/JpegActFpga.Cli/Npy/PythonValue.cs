using System.Numerics;

namespace JpegActFpga.Cli.Npy;

/// <summary>A value of the Python literal that a .npy header is.</summary>
internal abstract record PythonValue
{
    /// <summary>Gives the value as Python would write it, cut short, for messages.</summary>
    internal string Quoted
    {
        get
        {
            const int Longest = 60;
            string text = Text;
            return text.Length <= Longest ? text : string.Concat(text.AsSpan(0, Longest), "...");
        }
    }

    private protected abstract string Text { get; }
}

/// <summary>A str.</summary>
internal sealed record PythonString(string Value) : PythonValue
{
    private protected override string Text => $"'{Value}'";
}

/// <summary>An int of any size.</summary>
internal sealed record PythonInteger(BigInteger Value) : PythonValue
{
    private protected override string Text => Value.ToString();
}

/// <summary>True or False.</summary>
internal sealed record PythonBoolean(bool Value) : PythonValue
{
    private protected override string Text => Value ? "True" : "False";
}

/// <summary>None.</summary>
internal sealed record PythonNone : PythonValue
{
    private protected override string Text => "None";
}

/// <summary>A tuple or a list.</summary>
internal sealed record PythonSequence(IReadOnlyList<PythonValue> Items, bool IsTuple) : PythonValue
{
    private protected override string Text
    {
        get
        {
            string items = string.Join(", ", Items.Select(item => item.Quoted));
            return !IsTuple ? $"[{items}]" : Items.Count == 1 ? $"({items},)" : $"({items})";
        }
    }
}

/// <summary>A dict with str keys, in the order of the text.</summary>
internal sealed record PythonDictionary(IReadOnlyList<KeyValuePair<string, PythonValue>> Items) : PythonValue
{
    private protected override string Text => $"{{{string.Join(", ", Items.Select(item => $"'{item.Key}': {item.Value.Quoted}"))}}}";
}
