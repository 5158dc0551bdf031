namespace JpegActFpga.Xclbin;

/// <summary>What a kernel argument is, and who writes it.</summary>
public enum KernelArgumentKind
{
    /// <summary>A buffer in card memory that the kernel reads. 64-bit device address in the register map.</summary>
    ReadBuffer,

    /// <summary>A buffer in card memory that the kernel writes. 64-bit device address in the register map.</summary>
    WriteBuffer,

    /// <summary>A 32-bit unsigned scalar.</summary>
    Scalar32,

    /// <summary>A 64-bit unsigned scalar.</summary>
    Scalar64,
}

/// <summary>One argument of a kernel of this project.</summary>
/// <param name="Index">Position, from 0: the index that <c>xrtRunSetArg</c> takes.</param>
/// <param name="Name">Name in the HLS source and in the xclbin's metadata.</param>
/// <param name="Kind">What it is.</param>
public sealed record KernelArgument(int Index, string Name, KernelArgumentKind Kind)
{
    /// <summary>Whether the argument is a buffer in card memory.</summary>
    public bool IsBuffer => Kind is KernelArgumentKind.ReadBuffer or KernelArgumentKind.WriteBuffer;

    /// <summary>Bytes that the argument takes in the register map: 4 or 8.</summary>
    public int Size => Kind == KernelArgumentKind.Scalar32 ? 4 : 8;
}

/// <summary>The name and the arguments of a kernel of this project.</summary>
/// <param name="Name">Name of the top-level function, as in <c>docs/kernels.md</c>.</param>
/// <param name="Arguments">All arguments in order: entry <c>i</c> has <see cref="KernelArgument.Index"/> <c>i</c>.</param>
public sealed record KernelSignature(string Name, IReadOnlyList<KernelArgument> Arguments);
