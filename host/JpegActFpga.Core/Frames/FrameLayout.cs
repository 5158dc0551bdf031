using JpegActFpga.Core.Memory;
using JpegActFpga.Core.Profiles;
using JpegActFpga.Core.Tensors;

namespace JpegActFpga.Core.Frames;

/// <summary>Where the sections of a frame begin: a function of shape, method and scale mode alone. Immutable.</summary>
public readonly record struct FrameLayout
{
    /// <summary>Alignment of each section, the width of a kernel's memory word.</summary>
    public const int SectionAlignment = 64;

    /// <summary>Initializes a new instance of the <see cref="FrameLayout"/> struct.</summary>
    /// <param name="shape">The tensor's shape.</param>
    /// <param name="method">The method.</param>
    /// <param name="scaleMode">What shares a scale.</param>
    public FrameLayout(TensorShape shape, CodecMethod method, ScaleMode scaleMode)
    {
        ArgumentNullException.ThrowIfNull(shape);
        Geometry = new BlockGeometry(shape, method);
        ScaleCount = BlockGeometry.ScaleCount(shape, scaleMode);
        checked
        {
            ShapeOffset = FrameHeader.FixedBytes;
            ScalesOffset = Align(ShapeOffset + (sizeof(ulong) * (long)shape.Rank));
            TileOffsetsOffset = Align(ScalesOffset + (sizeof(float) * ScaleCount));
            TileChecksumsOffset = Align(TileOffsetsOffset + (sizeof(ulong) * (Geometry.Tiles + 1)));
            MasksOffset = Align(TileChecksumsOffset + (sizeof(uint) * Geometry.Tiles));
            MaskBytes = method.HasMasks() ? sizeof(ulong) * Geometry.Blocks : 0;
            ValuesOffset = Align(MasksOffset + MaskBytes);
        }
    }

    /// <summary>Gets the blocks and tiles.</summary>
    public BlockGeometry Geometry { get; }

    /// <summary>Gets the number of scales.</summary>
    public long ScaleCount { get; }

    /// <summary>Gets the byte offset of the shape.</summary>
    public long ShapeOffset { get; }

    /// <summary>Gets the byte offset of the scales.</summary>
    public long ScalesOffset { get; }

    /// <summary>Gets the byte offset of the tile offsets.</summary>
    public long TileOffsetsOffset { get; }

    /// <summary>Gets the byte offset of the tile checksums.</summary>
    public long TileChecksumsOffset { get; }

    /// <summary>Gets the byte offset of the masks; also the end of what the header checksum covers.</summary>
    public long MasksOffset { get; }

    /// <summary>Gets the bytes of the masks.</summary>
    public long MaskBytes { get; }

    /// <summary>Gets the byte offset of the values.</summary>
    public long ValuesOffset { get; }

    /// <summary>Gives the most bytes that a frame of this tensor and profile can take, a raw frame of a non-finite tensor included.</summary>
    /// <param name="spec">The tensor.</param>
    /// <param name="profile">The profile.</param>
    public static long MaxFrameBytes(TensorSpec spec, CodecProfile profile)
    {
        ArgumentNullException.ThrowIfNull(spec);
        ArgumentNullException.ThrowIfNull(profile);
        var raw = new FrameLayout(spec.Shape, CodecMethod.Raw, ScaleMode.None);
        var coded = new FrameLayout(spec.Shape, profile.Method, profile.ScaleMode);
        return checked(Math.Max(raw.ValuesOffset + spec.ByteCount, coded.ValuesOffset + MaxValueBytes(spec, profile.Method, coded.Geometry)));
    }

    /// <summary>Checks that memory can take any frame of a tensor and a profile, so that no call fails because of what the tensor holds.</summary>
    /// <param name="spec">The tensor.</param>
    /// <param name="profile">The profile.</param>
    /// <param name="destination">Memory for the frame.</param>
    /// <exception cref="ArgumentException">It is smaller than <see cref="MaxFrameBytes"/>, or not 8-byte aligned.</exception>
    public static void DemandRoom(TensorSpec spec, CodecProfile profile, NativeSpan<byte> destination)
    {
        long needed = MaxFrameBytes(spec, profile);
        if (destination.Length < needed)
        {
            throw new ArgumentException($"A frame of {spec} with {profile} needs room for {needed} bytes; {destination.Length} given.", nameof(destination));
        }

        if (destination.Address % sizeof(ulong) != 0)
        {
            throw new ArgumentException($"Address 0x{destination.Address:x} is not a multiple of 8.", nameof(destination));
        }
    }

    /// <summary>Gives the most bytes that the value plane can take.</summary>
    /// <param name="spec">The tensor.</param>
    /// <param name="method">The method.</param>
    /// <param name="geometry">Its geometry.</param>
    internal static long MaxValueBytes(TensorSpec spec, CodecMethod method, BlockGeometry geometry) => method switch
    {
        CodecMethod.Raw => spec.ByteCount,
        CodecMethod.JpegAct => checked(geometry.Blocks * BlockGeometry.BlockValues),
        CodecMethod.Sfpr or CodecMethod.SfprZvc => spec.Shape.ElementCount,
        _ => 0,
    };

    private static long Align(long offset) => checked(offset + SectionAlignment - 1) / SectionAlignment * SectionAlignment;
}
