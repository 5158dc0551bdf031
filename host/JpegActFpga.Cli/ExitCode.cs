namespace JpegActFpga.Cli;

/// <summary>What the program's exit status says.</summary>
internal enum ExitCode
{
    /// <summary>Good.</summary>
    Good = 0,

    /// <summary>A verdict failed, or an input or output was refused.</summary>
    Failed = 1,

    /// <summary>The command line is wrong.</summary>
    Usage = 2,

    /// <summary>There is no such device.</summary>
    NoDevice = 3,

    /// <summary>Interrupted, as shells report SIGINT.</summary>
    Interrupted = 130,
}
