namespace JpegActFpga.Xclbin;

/// <summary>Everything that <see cref="XclbinWriter"/> puts into an xclbin.</summary>
public sealed record XclbinDescription
{
    /// <summary>Name of the platform (VBNV); 1 to 63 ASCII characters.</summary>
    public required string Platform { get; init; }

    /// <summary>What the file runs on.</summary>
    public XclbinTarget Target { get; init; } = XclbinTarget.CSim;

    /// <summary>Kernel clock in MHz, for information.</summary>
    public int ClockMegahertz { get; init; } = 300;

    /// <summary>The BITSTREAM section; for <see cref="XclbinTarget.CSim"/> a shared library with the kernels.</summary>
    public required ReadOnlyMemory<byte> Payload { get; init; }

    /// <summary>The memory banks by index.</summary>
    public required IReadOnlyList<XclbinMemoryBank> MemoryBanks { get; init; }

    /// <summary>The kernels.</summary>
    public required IReadOnlyList<XclbinKernel> Kernels { get; init; }

    /// <summary>The compute units, in rising order of their base addresses.</summary>
    public required IReadOnlyList<XclbinComputeUnit> ComputeUnits { get; init; }

    /// <summary>The kernel of a signature with the register offsets that Vitis HLS gives its arguments.</summary>
    public static XclbinKernel HlsKernel(KernelSignature signature)
    {
        ArgumentNullException.ThrowIfNull(signature);
        // The control registers fill the first 16 bytes; each argument is followed by a reserved word.
        int offset = 0x10;
        var arguments = new List<XclbinArgument>();
        foreach (KernelArgument argument in signature.Arguments)
        {
            arguments.Add(new XclbinArgument(
                argument.Index, argument.Name, argument.IsBuffer, argument.Size, offset, TypeOf(argument.Kind)));
            offset += argument.Size + 4;
        }

        return new XclbinKernel(signature.Name, arguments);
    }

    private static string TypeOf(KernelArgumentKind kind) => kind switch
    {
        // const is how the emulated card tells the inputs from the outputs.
        KernelArgumentKind.ReadBuffer => "const void*",
        KernelArgumentKind.WriteBuffer => "void*",
        KernelArgumentKind.Scalar32 => "uint",
        KernelArgumentKind.Scalar64 => "ulong",
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, "not an argument kind"),
    };
}
