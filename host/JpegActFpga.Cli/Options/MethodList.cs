using JpegActFpga.Cli.Jobs;

namespace JpegActFpga.Cli.Options;

/// <summary>Names of <see cref="OffloadMethod"/>s on the command line and in reports.</summary>
internal static class MethodList
{
    private static readonly (string Name, OffloadMethod Method)[] Known =
        [
            ("none", OffloadMethod.None), ("raw", OffloadMethod.Raw), ("recompute", OffloadMethod.Recompute),
            ("jpeg-act", OffloadMethod.JpegAct), ("sfpr", OffloadMethod.Sfpr), ("sfpr-zvc", OffloadMethod.SfprZvc),
        ];

    /// <summary>Gets the names, with | between them.</summary>
    internal static string Syntax { get; } = string.Join('|', Known.Select(known => known.Name));

    /// <summary>Gives a method's name.</summary>
    /// <param name="method">The method.</param>
    internal static string Name(this OffloadMethod method) => Known.Single(known => known.Method == method).Name;

    /// <summary>Tells whether a method compresses, so that a card or a GPU's codec has work.</summary>
    /// <param name="method">The method.</param>
    internal static bool Compresses(this OffloadMethod method) => method is OffloadMethod.JpegAct or OffloadMethod.Sfpr or OffloadMethod.SfprZvc;

    /// <summary>Tells whether activations go through the engine and its store.</summary>
    /// <param name="method">The method.</param>
    internal static bool Stores(this OffloadMethod method) => method == OffloadMethod.Raw || method.Compresses();

    /// <summary>Reads a list with commas.</summary>
    /// <param name="text">The text.</param>
    /// <exception cref="CliException">A name is unknown or there twice, or none stands with others.</exception>
    internal static IReadOnlyList<OffloadMethod> Parse(string text)
    {
        var methods = new List<OffloadMethod>();
        foreach (string name in text.Split(','))
        {
            (string Name, OffloadMethod Method) found = Known.FirstOrDefault(known => known.Name == name);
            if (found.Name is null)
            {
                throw new CliException(ExitCode.Usage, $"--method takes {Syntax}, or several with commas between them, not '{name}'");
            }

            if (methods.Contains(found.Method))
            {
                throw new CliException(ExitCode.Usage, $"--method names {name} twice");
            }

            methods.Add(found.Method);
        }

        return methods.Count > 1 && methods.Contains(OffloadMethod.None)
            ? throw new CliException(ExitCode.Usage, "--method none stands alone; the run without compression comes first unless --no-compare is given")
            : methods;
    }
}
