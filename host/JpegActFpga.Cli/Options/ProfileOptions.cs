using System.CommandLine;
using JpegActFpga.Core.Profiles;

namespace JpegActFpga.Cli.Options;

/// <summary>The options that make a profile, and reading them.</summary>
internal sealed class ProfileOptions
{
    private readonly Option<string> _method = new("--method")
    {
        Description = "How the tensor is stored.",
        HelpName = "jpeg-act|sfpr|sfpr-zvc|brc|raw",
        DefaultValueFactory = _ => "jpeg-act",
    };

    private readonly TransformOptions _transform = new();

    private readonly Option<string> _scaleMode = new("--scale-mode")
    {
        Description = "What shares one scale (jpeg-act, sfpr, sfpr-zvc).",
        HelpName = "channel|plane",
        DefaultValueFactory = _ => "channel",
    };

    /// <summary>Initializes a new instance of the <see cref="ProfileOptions"/> class and adds the options to a command.</summary>
    /// <param name="command">The command.</param>
    internal ProfileOptions(Command command)
    {
        _method.AcceptOnlyFromAmong("jpeg-act", "sfpr", "sfpr-zvc", "brc", "raw");
        _scaleMode.AcceptOnlyFromAmong("channel", "plane");
        command.Add(_method);
        _transform.AddTo(command);
        command.Add(_scaleMode);
    }

    /// <summary>Reads the profile.</summary>
    /// <param name="parsed">The command line.</param>
    /// <exception cref="CliException">An option does not suit the method, or its value is refused.</exception>
    internal CodecProfile Read(ParseResult parsed)
    {
        string method = parsed.GetRequiredValue(_method);
        bool scales = method is "jpeg-act" or "sfpr" or "sfpr-zvc";
        RefuseUnless(method == "jpeg-act", parsed, method, _transform.Table, _transform.Rounding);
        RefuseUnless(scales, parsed, method, _transform.FullScale, _scaleMode);
        ScaleMode scaleMode = parsed.GetRequiredValue(_scaleMode) == "plane" ? ScaleMode.PerPlane : ScaleMode.PerChannel;
        try
        {
            return method switch
            {
                "jpeg-act" => _transform.Read(parsed, scaleMode),
                "sfpr" or "sfpr-zvc" => CodecProfile.Sfpr(method == "sfpr-zvc", parsed.GetRequiredValue(_transform.FullScale), scaleMode),
                "brc" => CodecProfile.Brc,
                _ => CodecProfile.Raw,
            };
        }
        catch (ArgumentOutOfRangeException error)
        {
            throw TransformOptions.FullScaleRefused(error);
        }
    }

    private static void RefuseUnless(bool applies, ParseResult parsed, string method, params ReadOnlySpan<Option> options)
    {
        foreach (Option option in options)
        {
            if (!applies && parsed.GetResult(option) is { Implicit: false })
            {
                throw new CliException(ExitCode.Usage, $"{option.Name} means nothing with --method {method}; leave it out");
            }
        }
    }
}
