using System.Globalization;

namespace JpegActFpga.Xclbin;

/// <summary>
/// An xclbin or its manifest is missing, malformed, or not made for this host. The message names the file, the place in
/// it where that is known, and what to do.
/// </summary>
public sealed class InvalidXclbinException : Exception
{
    /// <summary>Creates the exception.</summary>
    public InvalidXclbinException()
    {
    }

    /// <summary>Creates the exception with a message of its own.</summary>
    public InvalidXclbinException(string message)
        : base(message)
    {
    }

    /// <summary>Creates the exception with a message of its own and a cause.</summary>
    public InvalidXclbinException(string message, Exception innerException)
        : base(message, innerException)
    {
    }

    /// <summary>Creates the exception from its parts.</summary>
    /// <param name="path">The file.</param>
    /// <param name="offset">Byte offset in the file, or null where none applies.</param>
    /// <param name="problem">What is wrong, without a full stop.</param>
    /// <param name="remedy">What to do, without a full stop.</param>
    /// <param name="innerException">The cause, or null.</param>
    public InvalidXclbinException(
        string path, long? offset, string problem, string remedy, Exception? innerException = null)
        : base(Compose(path, offset, problem, remedy), innerException)
    {
        Path = path;
        Offset = offset;
    }

    /// <summary>The file at fault; null when the exception was made from a message.</summary>
    public string? Path { get; }

    /// <summary>Where in the file, in bytes; null when no single place is at fault.</summary>
    public long? Offset { get; }

    private static string Compose(string path, long? offset, string problem, string remedy)
    {
        string place = offset is long at ? string.Create(CultureInfo.InvariantCulture, $" (at byte {at})") : "";
        return $"{path}: {problem}{place}. {remedy}.";
    }
}
