namespace JpegActFpga.XclbinPacker;

/// <summary>The command line is not one that <see cref="Commands.Usage"/> describes.</summary>
internal sealed class UsageException : Exception
{
    public UsageException()
    {
    }

    public UsageException(string message)
        : base(message)
    {
    }

    public UsageException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}

/// <summary>Options of the form <c>--name value</c>, and what is left.</summary>
internal sealed class CommandLine
{
    private readonly Dictionary<string, string> _options = new(StringComparer.Ordinal);
    private readonly List<string> _operands = [];

    /// <exception cref="UsageException">An option is unknown, repeated, or without a value.</exception>
    public CommandLine(ReadOnlySpan<string> arguments, params string[] optionNames)
    {
        for (int i = 0; i < arguments.Length; i++)
        {
            string argument = arguments[i];
            if (!argument.StartsWith("--", StringComparison.Ordinal))
            {
                _operands.Add(argument);
                continue;
            }

            if (!optionNames.Contains(argument))
            {
                throw new UsageException($"there is no option {argument} here");
            }

            if (i + 1 == arguments.Length)
            {
                throw new UsageException($"option {argument} has no value");
            }

            if (!_options.TryAdd(argument, arguments[++i]))
            {
                throw new UsageException($"option {argument} is given twice");
            }
        }
    }

    public string Required(string option) =>
        _options.GetValueOrDefault(option) ?? throw new UsageException($"option {option} is missing");

    public string? Optional(string option) => _options.GetValueOrDefault(option);

    /// <exception cref="UsageException">There are more or fewer than <paramref name="count"/>.</exception>
    public IReadOnlyList<string> Operands(int count) => _operands.Count == count
        ? _operands
        : throw new UsageException(_operands.Count > count ? $"'{_operands[count]}' is one argument too many" : "an argument is missing");
}
