namespace JpegActFpga.Cli.Npy;

/// <summary>A .npy file is refused. The message says what is wrong, the value found, and what to do.</summary>
internal sealed class NpyException(string message) : Exception(message);
