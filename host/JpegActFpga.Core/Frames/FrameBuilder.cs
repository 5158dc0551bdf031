using System.Runtime.CompilerServices;
using JpegActFpga.Core.Memory;
using JpegActFpga.Core.Profiles;
using JpegActFpga.Core.Tensors;

namespace JpegActFpga.Core.Frames;

/// <summary>Lays a frame out in memory: a producer fills the sections, <see cref="Complete"/> adds checksums and header.</summary>
/// <remarks>One thread at a time, except that different threads may fill different parts of the sections.</remarks>
public readonly unsafe struct FrameBuilder
{
    private readonly NativeSpan<byte> _destination;
    private readonly TensorSpec _spec;
    private readonly CodecProfile _profile;

    /// <summary>Initializes a new instance of the <see cref="FrameBuilder"/> struct and clears everything before the values but the masks, which a producer writes one and all.</summary>
    /// <param name="destination">At least <see cref="FrameLayout.MaxFrameBytes"/> bytes, 8-byte aligned.</param>
    /// <param name="spec">The tensor.</param>
    /// <param name="profile">The profile; its method is the frame's.</param>
    /// <exception cref="ArgumentException">The destination is too small or misaligned.</exception>
    public FrameBuilder(NativeSpan<byte> destination, TensorSpec spec, CodecProfile profile)
    {
        ArgumentNullException.ThrowIfNull(spec);
        ArgumentNullException.ThrowIfNull(profile);
        Layout = new FrameLayout(spec.Shape, profile.Method, profile.ScaleMode);
        long bound = Layout.ValuesOffset + FrameLayout.MaxValueBytes(spec, profile.Method, Layout.Geometry);
        if (destination.Length < bound)
        {
            throw new ArgumentException($"A frame of {spec} with {profile} needs room for {bound} bytes; {destination.Length} given.", nameof(destination));
        }

        if (destination.Address % sizeof(ulong) != 0)
        {
            throw new ArgumentException($"Address 0x{destination.Address:x} is not a multiple of 8.", nameof(destination));
        }

        _destination = destination;
        _spec = spec;
        _profile = profile;
        destination.Slice(0, Layout.MasksOffset).Clear();
        long masksEnd = Layout.MasksOffset + Layout.MaskBytes;
        destination.Slice(masksEnd, Layout.ValuesOffset - masksEnd).Clear();
    }

    /// <summary>Gets where the sections begin.</summary>
    public FrameLayout Layout { get; }

    /// <summary>Gets the decoder's scales, <c>inv</c>.</summary>
    public NativeSpan<float> Scales => _destination.Slice(Layout.ScalesOffset, Layout.ScaleCount * sizeof(float)).Cast<float>();

    /// <summary>Gets the tiles' byte offsets into the values, one more than there are tiles.</summary>
    public NativeSpan<ulong> TileOffsets => _destination.Slice(Layout.TileOffsetsOffset, (Layout.Geometry.Tiles + 1) * sizeof(ulong)).Cast<ulong>();

    /// <summary>Gets the tiles' checksums, for producers that compute them on the way; see <see cref="Seal"/>.</summary>
    public NativeSpan<uint> TileChecksums => _destination.Slice(Layout.TileChecksumsOffset, Layout.Geometry.Tiles * sizeof(uint)).Cast<uint>();

    /// <summary>Gets the masks, one a block.</summary>
    public NativeSpan<ulong> Masks => _destination.Slice(Layout.MasksOffset, Layout.MaskBytes).Cast<ulong>();

    /// <summary>Gets room for the most value bytes that the method can make.</summary>
    public NativeSpan<byte> Values => _destination.Slice(Layout.ValuesOffset, FrameLayout.MaxValueBytes(_spec, _profile.Method, Layout.Geometry));

    /// <summary>Writes checksums and header. The value bytes are what the last tile offset says.</summary>
    /// <param name="nonNegative">No element is below zero; ignored where the method has no scales.</param>
    /// <param name="nonFinite">Stored raw because of a NaN or an infinity; only with method raw.</param>
    /// <returns>Bytes of the frame.</returns>
    public long Complete(bool nonNegative, bool nonFinite = false)
    {
        NativeSpan<ulong> offsets = TileOffsets;
        NativeSpan<uint> checksums = TileChecksums;
        for (long tile = 0; tile < Layout.Geometry.Tiles; tile++)
        {
            checksums[tile] = TileChecksum(_destination, Layout, offsets, tile);
        }

        return Seal(nonNegative, nonFinite);
    }

    /// <summary>Writes the header of a frame whose sections are complete, tile checksums included. Allocates nothing.</summary>
    /// <param name="nonNegative">No element is below zero; ignored where the method has no scales.</param>
    /// <param name="nonFinite">Stored raw because of a NaN or an infinity; only with method raw.</param>
    /// <returns>Bytes of the frame.</returns>
    public long Seal(bool nonNegative, bool nonFinite = false)
    {
        long valueBytes = checked((long)TileOffsets[Layout.Geometry.Tiles]);
        HeaderCodec.Write(_spec, _profile, nonNegative && _profile.Method.HasScales(), nonFinite, valueBytes, Layout, _destination);
        return Layout.ValuesOffset + valueBytes;
    }

    /// <summary>Computes the checksum of a tile: its masks, then its values.</summary>
    /// <param name="frame">The frame.</param>
    /// <param name="layout">Its layout.</param>
    /// <param name="offsets">Its tile offsets, known to rise and to lie inside the frame.</param>
    /// <param name="tile">0 .. tiles - 1.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal static uint TileChecksum(NativeSpan<byte> frame, FrameLayout layout, NativeSpan<ulong> offsets, long tile)
    {
        uint running = Crc32C.Seed;
        if (layout.MaskBytes != 0)
        {
            int maskBytes = layout.Geometry.BlocksOfTile(tile) * sizeof(ulong);
            running = Crc32C.Append(running, frame.AsSpan(layout.MasksOffset + (tile * BlockGeometry.TileBlocks * sizeof(ulong)), maskBytes));
        }

        long start = (long)offsets[tile];
        running = Crc32C.Append(running, frame.AsSpan(layout.ValuesOffset + start, (int)((long)offsets[tile + 1] - start)));
        return Crc32C.Finish(running);
    }
}
