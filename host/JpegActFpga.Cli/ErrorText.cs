using System.Text;

namespace JpegActFpga.Cli;

/// <summary>Turns errors into one line of text.</summary>
internal static class ErrorText
{
    /// <summary>Gives an exception's message without the suffix that <see cref="ArgumentException"/> adds.</summary>
    /// <param name="error">The exception.</param>
    internal static string PlainMessage(this Exception error)
    {
        if (error is not ArgumentException { ParamName: { } name })
        {
            return error.Message;
        }

        int suffix = error.Message.IndexOf($" (Parameter '{name}')", StringComparison.Ordinal);
        return suffix < 0 ? error.Message : error.Message[..suffix];
    }

    /// <summary>Replaces control characters, which file names and headers may hold, so that the text is one line and moves no cursor.</summary>
    /// <param name="text">Any text.</param>
    internal static string OneLine(string text)
    {
        var line = new StringBuilder(text.Length);
        foreach (char c in text)
        {
            _ = char.IsControl(c) ? line.Append($"\\x{(int)c:x2}") : line.Append(c);
        }

        return line.ToString();
    }
}
