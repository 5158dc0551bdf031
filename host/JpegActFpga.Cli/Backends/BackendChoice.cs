namespace JpegActFpga.Cli.Backends;

/// <summary>What the user wants to compress with.</summary>
internal enum BackendChoice
{
    /// <summary>The card where there is one, else this processor.</summary>
    Auto,

    /// <summary>The card, and no start without one.</summary>
    Fpga,

    /// <summary>This processor.</summary>
    Cpu,
}
