using static JpegActFpga.Xclbin.KernelArgumentKind;

namespace JpegActFpga.Xclbin;

/// <summary>
/// The interface between host and kernels, layout version 2: the tables of <c>docs/kernels.md</c>, kept here once for
/// the packer, the verifier and the FPGA backend.
/// </summary>
public static class KernelInterface
{
    /// <summary>The layout version this host speaks. A manifest with another one is refused.</summary>
    public const int LayoutVersion = 2;

    /// <summary>Low 32 bits of each result word: "JA1" and the layout version.</summary>
    public const uint ResultMagic = 0x4A413100 + LayoutVersion;

    /// <summary>The most blocks of 64 values of one descriptor.</summary>
    public const int MaxBlockCount = 1 << 25;

    /// <summary>The most descriptors of one launch.</summary>
    public const int MaxDescriptorCount = 4096;

    /// <summary>The most scales that the maximum kernel's table holds.</summary>
    public const int MaxTableScales = 65536;

    /// <summary>Bytes of a memory word: everything in a buffer starts at one.</summary>
    public const int WordBytes = 64;

    /// <summary>Bytes of a descriptor: two words.</summary>
    public const int DescriptorBytes = 2 * WordBytes;

    /// <summary>The compressing kernel.</summary>
    public static KernelSignature Encode { get; } = Signature(
        "jpegact_encode",
        ("descriptors", ReadBuffer),
        ("results", WriteBuffer),
        ("data", ReadBuffer),
        ("scales", ReadBuffer),
        ("masks", WriteBuffer),
        ("values", WriteBuffer),
        ("tile_offsets", WriteBuffer),
        ("descriptor_count", Scalar32),
        ("data_words", Scalar64),
        ("scales_words", Scalar64),
        ("masks_words", Scalar64),
        ("values_words", Scalar64),
        ("tile_offsets_words", Scalar64));

    /// <summary>The expanding kernel.</summary>
    public static KernelSignature Decode { get; } = Signature(
        "jpegact_decode",
        ("descriptors", ReadBuffer),
        ("results", WriteBuffer),
        ("data", WriteBuffer),
        ("scales", ReadBuffer),
        ("masks", ReadBuffer),
        ("values", ReadBuffer),
        ("descriptor_count", Scalar32),
        ("data_words", Scalar64),
        ("scales_words", Scalar64),
        ("masks_words", Scalar64),
        ("values_words", Scalar64));

    /// <summary>The kernel that finds the largest magnitude of each scale, and derives the scales.</summary>
    public static KernelSignature Maximum { get; } = Signature(
        "jpegact_maximum",
        ("descriptors", ReadBuffer),
        ("results", WriteBuffer),
        ("data", ReadBuffer),
        ("scales", WriteBuffer),
        ("descriptor_count", Scalar32),
        ("data_words", Scalar64),
        ("scales_words", Scalar64));

    /// <summary>Every kernel that an xclbin of this project must hold.</summary>
    public static IReadOnlyList<KernelSignature> Kernels { get; } = [Encode, Decode, Maximum];

    /// <summary>The signature of a kernel name, or null for a name that is not of this project.</summary>
    public static KernelSignature? Find(string name) => Kernels.FirstOrDefault(kernel => kernel.Name == name);

    private static KernelSignature Signature(string name, params (string Name, KernelArgumentKind Kind)[] arguments) =>
        new(name, [.. arguments.Select((argument, index) => new KernelArgument(index, argument.Name, argument.Kind))]);
}
