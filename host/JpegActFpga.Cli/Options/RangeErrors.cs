using System.CommandLine;

namespace JpegActFpga.Cli.Options;

/// <summary>Turns a record's complaint about a value into one about the option that gave it.</summary>
/// <param name="options">The option of each of the record's properties, by property name.</param>
internal sealed class RangeErrors(IReadOnlyDictionary<string, Option> options)
{
    /// <summary>Checks a record that was read from the command line.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="validate">Throws where a value is out of range.</param>
    /// <exception cref="CliException">A value is out of range.</exception>
    internal void Check(ParseResult parsed, Action validate)
    {
        try
        {
            validate();
        }
        catch (ArgumentOutOfRangeException error) when (error.ParamName is { } name && options.TryGetValue(name, out Option? option))
        {
            string given = parsed.GetResult(option)?.Tokens is [{ Value: var text }, ..] ? text : $"{error.ActualValue}";
            string rule = error.PlainMessage().Replace($"{name} must be ", string.Empty, StringComparison.Ordinal).TrimEnd('.');
            throw new CliException(ExitCode.Usage, $"{option.Name} {given} is out of range; it is {rule}");
        }
    }
}
