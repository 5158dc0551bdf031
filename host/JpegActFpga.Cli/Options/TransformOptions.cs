using System.CommandLine;
using System.Globalization;
using JpegActFpga.Core.Profiles;

namespace JpegActFpga.Cli.Options;

/// <summary>The options of the transform's profile: table, rounding, full scale.</summary>
internal sealed class TransformOptions
{
    /// <summary>Initializes a new instance of the <see cref="TransformOptions"/> class.</summary>
    internal TransformOptions() => Rounding.AcceptOnlyFromAmong("nearest", "truncate");

    /// <summary>Gets the table.</summary>
    internal Option<string> Table { get; } = new("--table")
    {
        Description = $"Shift table of the quantiser: {ShiftTables.Syntax}, 8 rows of 8, # starts a comment.",
        HelpName = "optsL|optsH|flat-K|jpegQ|FILE",
        DefaultValueFactory = _ => "optsH",
    };

    /// <summary>Gets the rounding.</summary>
    internal Option<string> Rounding { get; } = new("--rounding")
    {
        Description = "Rounding of the quantiser; truncate compresses more.",
        HelpName = "nearest|truncate",
        DefaultValueFactory = _ => "nearest",
    };

    /// <summary>Gets the full scale.</summary>
    internal Option<float> FullScale { get; } = new("--full-scale")
    {
        Description = "Full scale S, 1 .. 4: the largest magnitude maps to 128 S and is clipped to 127.",
        HelpName = "S",
        DefaultValueFactory = _ => CodecProfile.DefaultFullScale,
        CustomParser = result =>
        {
            if (float.TryParse(result.Tokens[0].Value, NumberStyles.Float, CultureInfo.InvariantCulture, out float value))
            {
                return value;
            }

            result.AddError($"--full-scale takes a number 1 .. 4, not '{result.Tokens[0].Value}'");
            return 0;
        },
    };

    /// <summary>Adds the options to a command.</summary>
    /// <param name="command">The command.</param>
    internal void AddTo(Command command)
    {
        command.Add(Table);
        command.Add(Rounding);
        command.Add(FullScale);
    }

    /// <summary>Reads the profile.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="scaleMode">What shares a scale.</param>
    /// <exception cref="CliException">A value is refused.</exception>
    internal CodecProfile Read(ParseResult parsed, ScaleMode scaleMode)
    {
        string table = parsed.GetRequiredValue(Table);
        QuantiserRounding rounding = parsed.GetRequiredValue(Rounding) == "truncate" ? QuantiserRounding.Truncate : QuantiserRounding.Nearest;
        try
        {
            return CodecProfile.JpegAct(ShiftTables.Parse(table), rounding, parsed.GetRequiredValue(FullScale), scaleMode);
        }
        catch (FormatException error)
        {
            // A wrong name is a wrong command line; a file with a wrong content is a refused input.
            throw new CliException(File.Exists(table) ? ExitCode.Failed : ExitCode.Usage, (error.InnerException as ArgumentException ?? (Exception)error).PlainMessage());
        }
        catch (ArgumentOutOfRangeException error)
        {
            throw FullScaleRefused(error);
        }
    }

    /// <summary>Makes the error of a full scale out of range.</summary>
    /// <param name="error">The codec's error.</param>
    internal static CliException FullScaleRefused(ArgumentOutOfRangeException error) =>
        new(ExitCode.Usage, $"--full-scale {error.ActualValue} is out of range; it is {CodecProfile.MinFullScale} .. {CodecProfile.MaxFullScale}");
}
