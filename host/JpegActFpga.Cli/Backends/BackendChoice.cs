namespace JpegActFpga.Cli.Backends;

/// <summary>What the user wants to compress with.</summary>
internal enum BackendChoice
{
    /// <summary>Where torch computes on a GPU, that GPU; else the card where there is one, else this processor.</summary>
    Auto,

    /// <summary>The card, and no start without one.</summary>
    Fpga,

    /// <summary>The GPU, and no start without one.</summary>
    Gpu,

    /// <summary>This processor.</summary>
    Cpu,
}
