using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using JpegActFpga.Core.Memory;
using JpegActFpga.Core.Profiles;
using JpegActFpga.Core.Tensors;

namespace JpegActFpga.Core.Frames;

/// <summary>Writes and reads the fixed header and the shape; the offsets are those of docs/format.md, section 5.</summary>
internal static class HeaderCodec
{
    private const int MagicAt = 0;
    private const int VersionAt = 4;
    private const int ElementTypeAt = 6;
    private const int MethodAt = 7;
    private const int RoundingAt = 8;
    private const int ScaleModeAt = 9;
    private const int FlagsAt = 10;
    private const int RankAt = 11;
    private const int FullScaleAt = 12;
    private const int ElementsAt = 16;
    private const int BlocksAt = 24;
    private const int TilesAt = 32;
    private const int ScaleCountAt = 40;
    private const int ValueBytesAt = 48;
    private const int ChecksumAt = 56;
    private const int ReservedAt = 60;
    private const int ShiftsAt = 64;

    internal static void Write(TensorSpec spec, CodecProfile profile, bool nonNegative, bool nonFinite, long valueBytes, FrameLayout layout, NativeSpan<byte> frame)
    {
        Span<byte> fixedHeader = frame.AsSpan(0, FrameHeader.FixedBytes);
        fixedHeader.Clear();
        BinaryPrimitives.WriteUInt32LittleEndian(fixedHeader[MagicAt..], FrameHeader.Magic);
        BinaryPrimitives.WriteUInt16LittleEndian(fixedHeader[VersionAt..], FrameHeader.Version);
        fixedHeader[ElementTypeAt] = (byte)spec.ElementType;
        fixedHeader[MethodAt] = (byte)profile.Method;
        fixedHeader[RoundingAt] = (byte)profile.Rounding;
        fixedHeader[ScaleModeAt] = (byte)profile.ScaleMode;
        fixedHeader[FlagsAt] = (byte)((nonNegative ? FrameHeader.NonNegativeFlag : 0) | (nonFinite ? FrameHeader.NonFiniteFlag : 0));
        fixedHeader[RankAt] = (byte)spec.Shape.Rank;
        BinaryPrimitives.WriteSingleLittleEndian(fixedHeader[FullScaleAt..], profile.FullScale);
        BinaryPrimitives.WriteInt64LittleEndian(fixedHeader[ElementsAt..], spec.Shape.ElementCount);
        BinaryPrimitives.WriteInt64LittleEndian(fixedHeader[BlocksAt..], layout.Geometry.Blocks);
        BinaryPrimitives.WriteInt64LittleEndian(fixedHeader[TilesAt..], layout.Geometry.Tiles);
        BinaryPrimitives.WriteInt64LittleEndian(fixedHeader[ScaleCountAt..], layout.ScaleCount);
        BinaryPrimitives.WriteInt64LittleEndian(fixedHeader[ValueBytesAt..], valueBytes);
        profile.Shifts.CoefficientOrder.CopyTo(fixedHeader[ShiftsAt..]);
        Span<byte> shape = frame.AsSpan(layout.ShapeOffset, spec.Shape.Rank * sizeof(ulong));
        for (int i = 0; i < spec.Shape.Rank; i++)
        {
            BinaryPrimitives.WriteInt64LittleEndian(shape[(i * sizeof(ulong))..], spec.Shape.Dimensions[i]);
        }

        BinaryPrimitives.WriteUInt32LittleEndian(fixedHeader[ChecksumAt..], Checksum(frame, layout));
    }

    /// <summary>Reads and checks the fixed header, the shape and the header checksum.</summary>
    /// <param name="frame">The frame.</param>
    /// <param name="expectedSpec">Taken in place of a new object where the frame's is equal; may be null.</param>
    /// <param name="expectedShifts">Likewise.</param>
    /// <exception cref="InvalidFrameException">Anything is not as docs/format.md demands.</exception>
    internal static (FrameHeader Header, FrameLayout Layout) Read(NativeSpan<byte> frame, TensorSpec? expectedSpec = null, ShiftTable? expectedShifts = null)
    {
        Demand(frame.Length >= FrameHeader.FixedBytes, $"The frame has {frame.Length} bytes; the fixed header alone has {FrameHeader.FixedBytes}. It is cut short or no JAC1 frame.");
        ReadOnlySpan<byte> fixedHeader = frame.AsSpan(0, FrameHeader.FixedBytes);
        uint magic = BinaryPrimitives.ReadUInt32LittleEndian(fixedHeader[MagicAt..]);
        Demand(magic == FrameHeader.Magic, $"Byte 0: magic is 0x{magic:x8}, not 0x{FrameHeader.Magic:x8} (\"JAC1\"): this is no JAC1 frame.");
        int version = BinaryPrimitives.ReadUInt16LittleEndian(fixedHeader[VersionAt..]);
        Demand(version == FrameHeader.Version, $"Byte {VersionAt}: version {version}; this program reads version {FrameHeader.Version}.");
        var elementType = (ElementType)fixedHeader[ElementTypeAt];
        Demand(elementType is ElementType.Float32 or ElementType.Float16 or ElementType.BFloat16, $"Byte {ElementTypeAt}: element type {(int)elementType} is not defined (1 float32, 2 float16, 3 bfloat16).");
        var method = (CodecMethod)fixedHeader[MethodAt];
        Demand(method is >= CodecMethod.Raw and <= CodecMethod.Brc, $"Byte {MethodAt}: method {(int)method} is not defined (0 .. 4).");
        bool hasScales = method.HasScales();
        bool hasQuantiser = method == CodecMethod.JpegAct;
        var rounding = (QuantiserRounding)fixedHeader[RoundingAt];
        Demand(rounding == QuantiserRounding.Nearest || (hasQuantiser && rounding == QuantiserRounding.Truncate), $"Byte {RoundingAt}: rounding {(int)rounding} is not allowed with method {method.DisplayName()}.");
        var scaleMode = (ScaleMode)fixedHeader[ScaleModeAt];
        Demand(hasScales ? scaleMode is ScaleMode.PerChannel or ScaleMode.PerPlane : scaleMode == ScaleMode.None, $"Byte {ScaleModeAt}: scale mode {(int)scaleMode} is not allowed with method {method.DisplayName()}.");
        byte flags = fixedHeader[FlagsAt];
        int allowedFlags = hasScales ? FrameHeader.NonNegativeFlag : method == CodecMethod.Raw ? FrameHeader.NonFiniteFlag : 0;
        Demand((flags & ~allowedFlags) == 0, $"Byte {FlagsAt}: flags 0x{flags:x2} are not allowed with method {method.DisplayName()}.");
        int rank = fixedHeader[RankAt];
        Demand(rank <= TensorShape.MaxRank, $"Byte {RankAt}: rank {rank} is above {TensorShape.MaxRank}.");
        float fullScale = BinaryPrimitives.ReadSingleLittleEndian(fixedHeader[FullScaleAt..]);
        Demand(hasScales ? fullScale is >= CodecProfile.MinFullScale and <= CodecProfile.MaxFullScale : BitConverter.SingleToUInt32Bits(fullScale) == 0, $"Byte {FullScaleAt}: full scale {fullScale} is not allowed with method {method.DisplayName()}.");
        Demand(BinaryPrimitives.ReadUInt32LittleEndian(fixedHeader[ReservedAt..]) == 0, $"Byte {ReservedAt}: reserved bytes are not zero.");
        ShiftTable shifts = ReadShifts(fixedHeader.Slice(ShiftsAt, ShiftTable.Count), hasQuantiser, expectedShifts);

        TensorShape shape = ReadShape(frame, rank, expectedSpec?.Shape);

        // No offset or size that follows can overflow: TensorShape bounds the element count.
        var layout = new FrameLayout(shape, method, scaleMode);
        DemandCount(fixedHeader, ElementsAt, "element count", shape.ElementCount, shape, method);
        DemandCount(fixedHeader, BlocksAt, "block count", layout.Geometry.Blocks, shape, method);
        DemandCount(fixedHeader, TilesAt, "tile count", layout.Geometry.Tiles, shape, method);
        DemandCount(fixedHeader, ScaleCountAt, "scale count", layout.ScaleCount, shape, method);
        TensorSpec spec = expectedSpec is not null && expectedSpec.ElementType == elementType && ReferenceEquals(expectedSpec.Shape, shape) ? expectedSpec : new TensorSpec(elementType, shape);
        long valueBytes = BinaryPrimitives.ReadInt64LittleEndian(fixedHeader[ValueBytesAt..]);
        long most = FrameLayout.MaxValueBytes(spec, method, layout.Geometry);
        Demand(valueBytes >= 0 && valueBytes <= most, $"Byte {ValueBytesAt}: {valueBytes} value bytes; a {spec} with method {method.DisplayName()} has 0 .. {most}.");
        long whole = layout.ValuesOffset + valueBytes;
        Demand(frame.Length == whole, $"The frame has {frame.Length} bytes; its header describes {whole}. It is {(frame.Length < whole ? "cut short" : "followed by something else")}.");
        uint stored = BinaryPrimitives.ReadUInt32LittleEndian(fixedHeader[ChecksumAt..]);
        uint computed = Checksum(frame, layout);
        Demand(stored == computed, $"Byte {ChecksumAt}: header checksum 0x{stored:x8}; the header and tables give 0x{computed:x8}. They were damaged.");
        return (new FrameHeader(spec, method, rounding, scaleMode, fullScale, shifts, (flags & FrameHeader.NonNegativeFlag) != 0, (flags & FrameHeader.NonFiniteFlag) != 0, valueBytes), layout);
    }

    internal static void Demand(bool condition, [InterpolatedStringHandlerArgument(nameof(condition))] ref RefusalMessage message)
    {
        if (!condition)
        {
            throw new InvalidFrameException(message.ToText());
        }
    }

    internal static InvalidFrameException Refusal(FormattableString message) => new(FormattableString.Invariant(message));

    private static uint Checksum(NativeSpan<byte> frame, FrameLayout layout)
    {
        uint running = Crc32C.Append(Crc32C.Seed, frame.AsSpan(0, ChecksumAt));
        running = Crc32C.Append(running, [0, 0, 0, 0]);
        return Crc32C.Finish(Crc32C.Append(running, frame.Slice(ReservedAt, layout.MasksOffset - ReservedAt)));
    }

    private static ShiftTable ReadShifts(ReadOnlySpan<byte> shifts, bool hasQuantiser, ShiftTable? expected)
    {
        for (int k = 0; k < shifts.Length; k++)
        {
            Demand(shifts[k] <= (hasQuantiser ? ShiftTable.MaxShift : 0), $"Byte {ShiftsAt + k}: shift {shifts[k]} of coefficient {k} is not allowed.");
        }

        if (hasQuantiser && expected is not null && shifts.SequenceEqual(expected.CoefficientOrder))
        {
            return expected;
        }

        return hasQuantiser ? ShiftTable.FromCoefficientOrder("from frame", shifts) : ShiftTable.Zero;
    }

    private static TensorShape ReadShape(NativeSpan<byte> frame, int rank, TensorShape? expected)
    {
        Demand(frame.Length >= FrameHeader.FixedBytes + (rank * sizeof(ulong)), $"The frame has {frame.Length} bytes; rank {rank} needs {FrameHeader.FixedBytes + (rank * sizeof(ulong))}. It is cut short.");
        Span<long> sizes = stackalloc long[rank];
        ReadOnlySpan<byte> stored = frame.AsSpan(FrameHeader.FixedBytes, rank * sizeof(ulong));
        for (int i = 0; i < rank; i++)
        {
            sizes[i] = BinaryPrimitives.ReadInt64LittleEndian(stored[(i * sizeof(ulong))..]);
        }

        if (expected is not null && expected.Dimensions.SequenceEqual(sizes))
        {
            return expected;
        }

        try
        {
            return new TensorShape(sizes);
        }
        catch (ArgumentException error)
        {
            throw new InvalidFrameException($"Byte {FrameHeader.FixedBytes}: {error.Message}", error);
        }
    }

    private static void DemandCount(ReadOnlySpan<byte> header, int offset, string name, long expected, TensorShape shape, CodecMethod method)
    {
        ulong stored = BinaryPrimitives.ReadUInt64LittleEndian(header[offset..]);
        Demand(stored == (ulong)expected, $"Byte {offset}: {name} {stored}; shape {shape} with method {method.DisplayName()} has {expected}.");
    }
}
