namespace JpegActFpga.Xclbin;

/// <summary>What an xclbin runs on.</summary>
public enum XclbinTarget
{
    /// <summary>C simulation on the emulated card: the bitstream is a library made from the HLS sources.</summary>
    CSim,

    /// <summary>AMD's hardware emulation.</summary>
    HwEmu,

    /// <summary>A card.</summary>
    Hw,
}

/// <summary>Kinds of memory banks, with the codes of XRT's <c>MEM_TYPE</c>.</summary>
public enum XclbinMemoryKind
{
    /// <summary>DDR3 on the card.</summary>
    Ddr3 = 0,

    /// <summary>DDR4 on the card.</summary>
    Ddr4 = 1,

    /// <summary>Memory of no stated kind; v++ gives it to host memory.</summary>
    Dram = 2,

    /// <summary>A stream connection, not a memory.</summary>
    Streaming = 3,

    /// <summary>Memory that is allocated before use.</summary>
    PreallocatedGlobal = 4,

    /// <summary>Memory of another card behind an Aurora link.</summary>
    Aurora = 5,

    /// <summary>A channel of high-bandwidth memory.</summary>
    Hbm = 6,

    /// <summary>Block RAM.</summary>
    Bram = 7,

    /// <summary>Ultra RAM.</summary>
    Uram = 8,

    /// <summary>A stream between kernels, not a memory.</summary>
    StreamingConnection = 9,

    /// <summary>Host memory.</summary>
    Host = 10,

    /// <summary>Memory of a processing-system kernel.</summary>
    PsKernel = 11,
}

/// <summary>A memory bank.</summary>
/// <param name="Tag">Name, such as <c>DDR[0]</c>; at most 15 ASCII characters.</param>
/// <param name="Kind">What memory it is.</param>
/// <param name="BaseAddress">Device address of its first byte.</param>
/// <param name="Size">Size in bytes, a multiple of 1024.</param>
/// <param name="Used">Whether the design connects to it; a bank that is not used cannot be allocated from.</param>
public sealed record XclbinMemoryBank(string Tag, XclbinMemoryKind Kind, ulong BaseAddress, ulong Size, bool Used = true);

/// <summary>A kernel argument as the metadata states it.</summary>
/// <param name="Index">Position, from 0.</param>
/// <param name="Name">Name in the source.</param>
/// <param name="IsGlobal">Whether it is a pointer to global memory.</param>
/// <param name="Size">Bytes in the register map.</param>
/// <param name="Offset">Byte offset in the register map.</param>
/// <param name="Type">C type, such as <c>void*</c> or <c>uint</c>.</param>
public sealed record XclbinArgument(int Index, string Name, bool IsGlobal, int Size, int Offset, string Type);

/// <summary>A kernel.</summary>
/// <param name="Name">Name of its top-level function.</param>
/// <param name="Arguments">Its arguments by index.</param>
public sealed record XclbinKernel(string Name, IReadOnlyList<XclbinArgument> Arguments);

/// <summary>The wiring of one argument of a compute unit.</summary>
/// <param name="Argument">Argument index.</param>
/// <param name="Bank">Index of the memory bank.</param>
public sealed record XclbinConnection(int Argument, int Bank);

/// <summary>An instance of a kernel.</summary>
/// <param name="Kernel">The kernel's name.</param>
/// <param name="Name">The instance's name, without the kernel's.</param>
/// <param name="BaseAddress">Address of its register map.</param>
/// <param name="Connections">The banks that its pointer arguments are wired to.</param>
public sealed record XclbinComputeUnit(
    string Kernel, string Name, ulong BaseAddress, IReadOnlyList<XclbinConnection> Connections)
{
    /// <summary>The name by which XRT opens it alone: <c>kernel:{instance}</c>.</summary>
    public string XrtName => $"{Kernel}:{{{Name}}}";
}
