using System.Numerics;
using System.Runtime.CompilerServices;
using JpegActFpga.Core.Memory;
using JpegActFpga.Core.Profiles;
using JpegActFpga.Core.Tensors;

namespace JpegActFpga.Core.Frames;

/// <summary>A frame that was checked, and its sections.</summary>
/// <remarks>
/// Refers to the memory it was opened on, which must stay as it is. Everything is checked on opening, but where the opener
/// says that tiles are to be checked later: then whoever reads them checks them first, all with <see cref="CheckTiles()"/> or
/// some with <see cref="CheckTiles(long, long)"/>. Safe from any thread, but for <see cref="Reopen"/>, which nobody else may use
/// the reader beside.
/// </remarks>
public sealed class FrameReader
{
    /// <summary>Bits of positive infinity: from here on a float32 is not finite, or negative.</summary>
    private const uint FirstRefusedScaleBits = 0x7f800000;

    private NativeSpan<byte> _frame;
    private bool _tilesChecked;

    /// <summary>Initializes a new instance of the <see cref="FrameReader"/> class on no frame, for <see cref="Reopen"/>.</summary>
    public FrameReader()
    {
    }

    /// <summary>Gets what the header says.</summary>
    public FrameHeader Header { get; private set; }

    /// <summary>Gets where the sections begin.</summary>
    public FrameLayout Layout { get; private set; }

    /// <summary>Gets a value indicating whether all tiles were checked.</summary>
    public bool TilesChecked => _tilesChecked;

    /// <summary>Gets the whole frame.</summary>
    public NativeSpan<byte> Bytes => _frame;

    /// <summary>Gets the decoder's scales, <c>inv</c>: finite and not negative.</summary>
    public NativeSpan<float> Scales => _frame.Slice(Layout.ScalesOffset, Layout.ScaleCount * sizeof(float)).Cast<float>();

    /// <summary>Gets the tiles' byte offsets into the values, one more than there are tiles.</summary>
    public NativeSpan<ulong> TileOffsets => _frame.Slice(Layout.TileOffsetsOffset, (Layout.Geometry.Tiles + 1) * sizeof(ulong)).Cast<ulong>();

    /// <summary>Gets the masks, one a block.</summary>
    public NativeSpan<ulong> Masks => _frame.Slice(Layout.MasksOffset, Layout.MaskBytes).Cast<ulong>();

    /// <summary>Gets the values.</summary>
    public NativeSpan<byte> Values => _frame.Slice(Layout.ValuesOffset, Header.ValueBytes);

    /// <summary>Checks a frame completely and opens it.</summary>
    /// <param name="frame">The whole frame and nothing else, 8-byte aligned.</param>
    /// <exception cref="InvalidFrameException">The frame is refused; the message says what is wrong and where.</exception>
    /// <exception cref="ArgumentException">The memory is not 8-byte aligned.</exception>
    public static FrameReader Open(NativeSpan<byte> frame)
    {
        var reader = new FrameReader();
        reader.Reopen(frame);
        return reader;
    }

    /// <summary>Checks another frame and opens it with this reader. Allocates nothing where the frame is of the expected kind.</summary>
    /// <param name="frame">As <see cref="Open"/> takes it.</param>
    /// <param name="expectedSpec">The tensor that the frame is thought to hold: taken for the header's where it is equal.</param>
    /// <param name="expectedShifts">Its shifts, likewise.</param>
    /// <param name="tilesLater">The tiles, all but a few of the frame's bytes, are left to whoever reads them.</param>
    /// <exception cref="InvalidFrameException">The frame is refused; the reader has no frame then.</exception>
    /// <exception cref="ArgumentException">The memory is not 8-byte aligned.</exception>
    public void Reopen(NativeSpan<byte> frame, TensorSpec? expectedSpec = null, ShiftTable? expectedShifts = null, bool tilesLater = false)
    {
        _frame = default;
        _tilesChecked = false;
        (Header, Layout) = (default, default);
        if (frame.Address % sizeof(ulong) != 0)
        {
            throw new ArgumentException($"Address 0x{frame.Address:x} is not a multiple of 8.", nameof(frame));
        }

        (Header, Layout) = HeaderCodec.Read(frame, expectedSpec, expectedShifts);
        _frame = frame;
        try
        {
            CheckScales();
            CheckPadding();
            CheckStart();
            if (!tilesLater)
            {
                CheckTiles();
            }

            CheckEnd();
        }
        catch
        {
            _frame = default;
            (Header, Layout) = (default, default);
            throw;
        }
    }

    /// <summary>Checks what tiles were not checked on opening: their offsets, their masks' and values' number, and their checksums.</summary>
    /// <exception cref="InvalidFrameException">A tile is damaged.</exception>
    public void CheckTiles()
    {
        if (!_tilesChecked)
        {
            CheckTiles(0, Layout.Geometry.Tiles);
            _tilesChecked = true;
        }
    }

    /// <summary>Checks some tiles. Threads may check different ones at the same time.</summary>
    /// <param name="first">The first tile.</param>
    /// <param name="end">The tile after the last one.</param>
    /// <exception cref="InvalidFrameException">A tile is damaged.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The frame has no such tiles.</exception>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void CheckTiles(long first, long end)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(first);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(end, Layout.Geometry.Tiles);
        NativeSpan<ulong> offsets = TileOffsets;
        NativeSpan<ulong> masks = Masks;
        NativeSpan<uint> checksums = _frame.Slice(Layout.TileChecksumsOffset, Layout.Geometry.Tiles * sizeof(uint)).Cast<uint>();
        for (long group = first; group < end; group += Crc32C.Chains)
        {
            long groupEnd = Math.Min(group + Crc32C.Chains, end);
            for (long tile = group; tile < groupEnd; tile++)
            {
                CheckSize(tile, offsets[tile], offsets[tile + 1], masks);
            }

            CheckChecksums(group, groupEnd, offsets, checksums);
        }
    }

    // Loops over scales and tiles make a message only to throw it: a frame is opened on every way out and back.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void CheckScales()
    {
        NativeSpan<uint> scales = Scales.Cast<uint>();
        for (long i = 0; i < scales.Length; i++)
        {
            if (scales[i] >= FirstRefusedScaleBits)
            {
                throw HeaderCodec.Refusal($"Byte {Layout.ScalesOffset + (i * sizeof(float))}: scale {i} has the bits 0x{scales[i]:x8}; a scale is finite and not negative.");
            }
        }
    }

    private void CheckPadding()
    {
        DemandZero(Layout.ShapeOffset + (sizeof(ulong) * (long)Header.Spec.Shape.Rank), Layout.ScalesOffset);
        DemandZero(Layout.ScalesOffset + (sizeof(float) * Layout.ScaleCount), Layout.TileOffsetsOffset);
        DemandZero(Layout.TileOffsetsOffset + (sizeof(ulong) * (Layout.Geometry.Tiles + 1)), Layout.TileChecksumsOffset);
        DemandZero(Layout.TileChecksumsOffset + (sizeof(uint) * Layout.Geometry.Tiles), Layout.MasksOffset);
        DemandZero(Layout.MasksOffset + Layout.MaskBytes, Layout.ValuesOffset);
    }

    private void DemandZero(long start, long end)
    {
        int nonZero = _frame.AsSpan(start, (int)(end - start)).IndexOfAnyExcept((byte)0);
        HeaderCodec.Demand(nonZero < 0, $"Byte {start + nonZero}: padding between sections is not zero.");
    }

    private void CheckStart() =>
        HeaderCodec.Demand(TileOffsets[0] == 0, $"Byte {Layout.TileOffsetsOffset}: the first tile starts at value byte {TileOffsets[0]}, not 0.");

    private void CheckEnd()
    {
        ulong last = TileOffsets[Layout.Geometry.Tiles];
        HeaderCodec.Demand(last == (ulong)Header.ValueBytes, $"The last tile offset is {last}; there are {Header.ValueBytes} value bytes.");
        CheckTailBits();
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void CheckSize(long tile, ulong start, ulong end, NativeSpan<ulong> masks)
    {
        if (end < start || end > (ulong)Header.ValueBytes)
        {
            throw HeaderCodec.Refusal($"Byte {Layout.TileOffsetsOffset + ((tile + 1) * sizeof(ulong))}: tile {tile} ends at value byte {end}; it starts at {start} and there are {Header.ValueBytes}.");
        }

        long expected = BytesOfTile(tile, masks);
        if ((long)(end - start) != expected)
        {
            throw HeaderCodec.Refusal($"Tile {tile} has {end - start} value bytes; its masks or elements need {expected}.");
        }
    }

    // Of tiles whose offsets were checked, as many as are computed side by side.
    [SkipLocalsInit]
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private unsafe void CheckChecksums(long first, long end, NativeSpan<ulong> offsets, NativeSpan<uint> checksums)
    {
        byte** at = stackalloc byte*[Crc32C.Chains];
        long* left = stackalloc long[Crc32C.Chains];
        uint* running = stackalloc uint[Crc32C.Chains];
        int tiles = (int)(end - first);
        for (int i = 0; i < Crc32C.Chains; i++)
        {
            running[i] = Crc32C.Seed;
            at[i] = _frame.Pointer + Layout.MasksOffset + ((first + i) * BlockGeometry.TileBlocks * sizeof(ulong));
            left[i] = Layout.MaskBytes != 0 && i < tiles ? Layout.Geometry.BlocksOfTile(first + i) * sizeof(ulong) : 0;
        }

        Crc32C.Append(at, left, running);
        for (int i = 0; i < tiles; i++)
        {
            at[i] = _frame.Pointer + Layout.ValuesOffset + (long)offsets[first + i];
            left[i] = (long)(offsets[first + i + 1] - offsets[first + i]);
        }

        Crc32C.Append(at, left, running);
        for (int i = 0; i < tiles; i++)
        {
            uint computed = Crc32C.Finish(running[i]);
            if (computed != checksums[first + i])
            {
                throw HeaderCodec.Refusal($"Tile {first + i}: checksum 0x{checksums[first + i]:x8}; its masks and values give 0x{computed:x8}. They were damaged.");
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private long BytesOfTile(long tile, NativeSpan<ulong> masks)
    {
        if (Header.Method == CodecMethod.Raw)
        {
            return (long)Layout.Geometry.ElementsOfTile(tile) * Tensors.ElementTypes.ByteSize(Header.Spec.ElementType);
        }

        if (Header.Method == CodecMethod.Sfpr)
        {
            return Layout.Geometry.ElementsOfTile(tile);
        }

        if (Header.Method == CodecMethod.Brc)
        {
            return 0;
        }

        long bytes = 0;
        foreach (ulong mask in masks.AsSpan(tile * BlockGeometry.TileBlocks, Layout.Geometry.BlocksOfTile(tile)))
        {
            bytes += BitOperations.PopCount(mask);
        }

        return bytes;
    }

    // Blocks in memory order end inside the last mask: bits past the last element must be 0, or a decoder would write past it.
    private void CheckTailBits()
    {
        int tail = (int)(Layout.Geometry.Elements % BlockGeometry.BlockValues);
        if (tail != 0 && (Header.Method is CodecMethod.SfprZvc or CodecMethod.Brc))
        {
            long block = Layout.Geometry.Blocks - 1;
            ulong mask = Masks[block];
            HeaderCodec.Demand(mask >> tail == 0, $"Byte {Layout.MasksOffset + (block * sizeof(ulong))}: mask 0x{mask:x16} of the last block has bits past its {tail} elements.");
        }
    }
}
