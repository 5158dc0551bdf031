using static JpegActFpga.Xclbin.KernelArgumentKind;

namespace JpegActFpga.Xclbin;

/// <summary>
/// The interface between host and kernels, layout version 1: the tables of <c>docs/kernels.md</c>, kept here once for
/// the packer, the verifier and the FPGA backend.
/// </summary>
public static class KernelInterface
{
    /// <summary>The layout version this host speaks. A manifest with another one is refused.</summary>
    public const int LayoutVersion = 1;

    /// <summary>Low 32 bits of the result word that each launch writes: "JA1" and the layout version.</summary>
    public const uint ResultMagic = 0x4A413100 + LayoutVersion;

    /// <summary>The most blocks of 64 values in one launch.</summary>
    public const int MaxBlockCount = 1 << 25;

    /// <summary>The compressing kernel.</summary>
    public static KernelSignature Encode { get; } = Signature(
        "jpegact_encode",
        ("blocks", ReadBuffer),
        ("scales", ReadBuffer),
        ("masks", WriteBuffer),
        ("values", WriteBuffer),
        ("offsets", WriteBuffer),
        ("result", WriteBuffer),
        ("block_count", Scalar32),
        ("blocks_per_row", Scalar32),
        ("rows_per_scale", Scalar32),
        ("scale_count", Scalar32),
        ("first_column", Scalar32),
        ("first_row", Scalar32),
        ("first_scale", Scalar32),
        ("shifts_0", Scalar64),
        ("shifts_1", Scalar64),
        ("shifts_2", Scalar64),
        ("shifts_3", Scalar64),
        ("truncate", Scalar32));

    /// <summary>The expanding kernel.</summary>
    public static KernelSignature Decode { get; } = Signature(
        "jpegact_decode",
        ("masks", ReadBuffer),
        ("values", ReadBuffer),
        ("scales", ReadBuffer),
        ("blocks", WriteBuffer),
        ("result", WriteBuffer),
        ("block_count", Scalar32),
        ("value_bytes", Scalar32),
        ("blocks_per_row", Scalar32),
        ("rows_per_scale", Scalar32),
        ("scale_count", Scalar32),
        ("first_column", Scalar32),
        ("first_row", Scalar32),
        ("first_scale", Scalar32),
        ("shifts_0", Scalar64),
        ("shifts_1", Scalar64),
        ("shifts_2", Scalar64),
        ("shifts_3", Scalar64),
        ("non_negative", Scalar32));

    /// <summary>Every kernel that an xclbin of this project must hold.</summary>
    public static IReadOnlyList<KernelSignature> Kernels { get; } = [Encode, Decode];

    /// <summary>The signature of a kernel name, or null for a name that is not of this project.</summary>
    public static KernelSignature? Find(string name) => Kernels.FirstOrDefault(kernel => kernel.Name == name);

    private static KernelSignature Signature(string name, params (string Name, KernelArgumentKind Kind)[] arguments) =>
        new(name, [.. arguments.Select((argument, index) => new KernelArgument(index, argument.Name, argument.Kind))]);
}
