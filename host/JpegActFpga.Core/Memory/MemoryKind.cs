namespace JpegActFpga.Core.Memory;

/// <summary>Where a tensor's elements lie.</summary>
[Flags]
public enum MemoryKind
{
    /// <summary>Nowhere.</summary>
    None = 0,

    /// <summary>Pageable host memory.</summary>
    Host = 1,

    /// <summary>Page-locked host memory that a device reads by DMA.</summary>
    PinnedHost = 2,

    /// <summary>Memory of a GPU.</summary>
    Gpu = 4,

    /// <summary>Memory of an FPGA card.</summary>
    Card = 8,
}
