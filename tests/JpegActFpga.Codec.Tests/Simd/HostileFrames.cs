using System.Buffers.Binary;
using JpegActFpga.Codec.Reference;
using JpegActFpga.Codec.Simd;
using JpegActFpga.Core.Frames;
using JpegActFpga.Core.Memory;
using JpegActFpga.Core.Profiles;
using JpegActFpga.Core.Tensors;

namespace JpegActFpga.Codec.Tests.Simd;

/// <summary>What a run of <see cref="HostileFrames"/> saw.</summary>
/// <param name="Frames">Frames tried.</param>
/// <param name="Refused">Frames that the reader refused.</param>
/// <param name="Decoded">Frames that the reader let pass, decoded between fences.</param>
/// <param name="Compared">Of those, the ones whose elements were held to the reference's.</param>
internal readonly record struct HostileResult(long Frames, long Refused, long Decoded, long Compared);

/// <summary>Feeds damaged and forged frames to the public API: each is refused, or decodes inside its destination.</summary>
/// <remarks>
/// Frame and destination end where an inaccessible page begins. Forged frames have valid checksums, so that the checks
/// behind them, and the decoder, are really reached. One instance a thread; a seed always makes the same frames.
/// </remarks>
internal sealed class HostileFrames : IDisposable
{
    private const int MostBytes = 1 << 20;

    private readonly List<(byte[] Bytes, FrameLayout Layout)> _seeds = [];
    private readonly FencedMemory _frame = new(MostBytes, atEnd: true, alignment: 8);
    private readonly FencedMemory _destination = new(MostBytes, atEnd: true, alignment: 8);
    private readonly FencedMemory _expected = new(MostBytes, atEnd: true, alignment: 8);
    private readonly FrameReader _late = new();
    private readonly SimdCodec _codec;
    private readonly Random _random;

    /// <param name="codec">The decoder.</param>
    /// <param name="seed">Seed of the random numbers.</param>
    internal HostileFrames(SimdCodec codec, int seed)
    {
        _codec = codec;
        _random = new Random(seed);
        CodecProfile[] profiles =
        [
            CodecProfile.JpegAct(ShiftTables.OptsLow),
            CodecProfile.JpegAct(ShiftTables.Flat(7), QuantiserRounding.Truncate, 4f, ScaleMode.PerPlane),
            CodecProfile.Sfpr(zeroValueCompression: false),
            CodecProfile.Sfpr(zeroValueCompression: true, 1f, ScaleMode.PerPlane),
            CodecProfile.Brc,
            CodecProfile.Raw,
        ];
        TensorShape[] shapes = [new(2, 3, 7, 7), new(1, 2, 16, 40), new(3, 5), new(2, 4, 14, 14), new(1, 1, 65, 33), new()];
        foreach (ElementType type in Enum.GetValues<ElementType>())
        {
            foreach (CodecProfile profile in profiles)
            {
                foreach (TensorShape shape in shapes)
                {
                    AddSeed(new TensorSpec(type, shape), profile);
                }
            }
        }
    }

    /// <summary>Tries frames.</summary>
    /// <param name="count">Number of frames.</param>
    /// <param name="cancellationToken">Ends the run early, without an error.</param>
    /// <exception cref="InvalidOperationException">A frame decoded to other elements than the reference's.</exception>
    internal HostileResult Run(long count, CancellationToken cancellationToken)
    {
        long refused = 0, decoded = 0, compared = 0, tried = 0;
        for (; tried < count && !cancellationToken.IsCancellationRequested; tried++)
        {
            NativeSpan<byte> frame = Make();
            FrameReader reader;
            try
            {
                reader = FrameReader.Open(frame);
            }
            catch (InvalidFrameException)
            {
                refused++;
                DemandRefusedOnTheWay(frame, tried);
                continue;
            }

            TensorSpec spec = reader.Header.Spec;
            if (spec.ByteCount > MostBytes)
            {
                throw new InvalidOperationException($"A frame of {frame.Length} bytes passed for a {spec}.");
            }

            TensorView destination = AtEnd(_destination, spec);
            _codec.Decode(reader, destination, CancellationToken.None);
            decoded++;
            if (decoded % 8 == 0)
            {
                TensorView expected = AtEnd(_expected, spec);
                ReferenceCodec.Decode(reader, expected, CancellationToken.None);
                if (!expected.Bytes.AsSpan(0, (int)spec.ByteCount).SequenceEqual(destination.Bytes.AsSpan(0, (int)spec.ByteCount)))
                {
                    throw new InvalidOperationException($"Frame {tried}, a {spec} of method {reader.Header.Method}: the {_codec.Isa.DisplayName()} decoder differs from the reference.");
                }

                compared++;
            }
        }

        return new HostileResult(tried, refused, decoded, compared);
    }

    // What the decoder finds itself, when it is the one to check the tiles.
    private void DemandRefusedOnTheWay(NativeSpan<byte> frame, long tried)
    {
        try
        {
            _late.Reopen(frame, tilesLater: true);
            _codec.Decode(_late, AtEnd(_destination, _late.Header.Spec), CancellationToken.None);
        }
        catch (InvalidFrameException)
        {
            return;
        }

        throw new InvalidOperationException($"Frame {tried}, a {_late.Header.Spec} of method {_late.Header.Method}: the {_codec.Isa.DisplayName()} decoder expanded what the reader refuses.");
    }

    public void Dispose()
    {
        _frame.Dispose();
        _destination.Dispose();
        _expected.Dispose();
    }

    private static TensorView AtEnd(FencedMemory memory, TensorSpec spec) => new(spec, memory.Bytes.Slice(memory.Bytes.Length - spec.ByteCount, spec.ByteCount));

    private void AddSeed(TensorSpec spec, CodecProfile profile)
    {
        using var tensor = new NativeBuffer(spec.ByteCount);
        for (long i = 0; i < spec.Shape.ElementCount; i++)
        {
            float value = Math.Max(-0.3f, MathF.Sin(i * 0.37f) + _random.NextSingle());
            if (spec.ElementType == ElementType.Float32)
            {
                tensor.Bytes.Cast<float>()[i] = value;
            }
            else
            {
                tensor.Bytes.Cast<ushort>()[i] = spec.ElementType == ElementType.Float16 ? ElementConversion.SingleToFloat16(value) : ElementConversion.SingleToBFloat16(value);
            }
        }

        using var room = new NativeBuffer(FrameLayout.MaxFrameBytes(spec, profile));
        long bytes = ReferenceCodec.Encode(new TensorView(spec, tensor.Bytes), profile, room.Bytes).FrameBytes;
        FrameReader reader = FrameReader.Open(room.Bytes.Slice(0, bytes));
        _seeds.Add((room.Bytes.AsSpan(0, (int)bytes).ToArray(), reader.Layout));
    }

    private NativeSpan<byte> Make()
    {
        (byte[] seed, FrameLayout layout) = _seeds[_random.Next(_seeds.Count)];
        int kind = _random.Next(8);
        int length = kind == 0 ? _random.Next(seed.Length) : seed.Length;
        if (kind == 1)
        {
            // Nothing but noise, now and then behind a plausible start.
            length = _random.Next(1024);
        }

        long start = (_frame.Bytes.Length - length) / sizeof(ulong) * sizeof(ulong);
        Span<byte> frame = _frame.Bytes.AsSpan(start, length);
        if (kind == 1)
        {
            _random.NextBytes(frame);
            seed.AsSpan(0, Math.Min(length, _random.Next(128))).CopyTo(frame);
            return _frame.Bytes.Slice(start, length);
        }

        seed.AsSpan(0, length).CopyTo(frame);
        switch (kind)
        {
            case 0:
                break;
            case 2:
                FlipBits(frame);
                break;
            case 3:
                // A forged header or table.
                FlipBits(frame[..(int)Math.Min(layout.MasksOffset, frame.Length)]);
                SealHeader(frame, layout);
                break;
            case 4:
                FlipBits(frame[(int)Math.Min(layout.MasksOffset, frame.Length)..]);
                SealTiles(frame, layout);
                SealHeader(frame, layout);
                break;
            default:
                ForgeContent(frame, layout);
                SealTiles(frame, layout);
                SealHeader(frame, layout);
                break;
        }

        return _frame.Bytes.Slice(start, length);
    }

    private void FlipBits(Span<byte> bytes)
    {
        if (bytes.IsEmpty)
        {
            return;
        }

        for (int flips = 1 << _random.Next(5); flips > 0; flips--)
        {
            bytes[_random.Next(bytes.Length)] ^= (byte)(1 << _random.Next(8));
        }
    }

    // Other coefficients and scales, and masks whose bits moved but are as many: mostly frames that the reader must accept.
    private void ForgeContent(Span<byte> frame, FrameLayout layout)
    {
        _random.NextBytes(frame[(int)layout.ValuesOffset..]);
        for (long i = 0; i < layout.ScaleCount; i++)
        {
            BinaryPrimitives.WriteUInt32LittleEndian(frame[(int)(layout.ScalesOffset + (i * sizeof(uint)))..], (uint)_random.Next(0x7f800000));
        }

        Span<byte> masks = frame.Slice((int)layout.MasksOffset, (int)layout.MaskBytes);
        for (int i = 0; i + sizeof(ulong) <= masks.Length; i += sizeof(ulong))
        {
            ulong mask = BinaryPrimitives.ReadUInt64LittleEndian(masks[i..]);
            BinaryPrimitives.WriteUInt64LittleEndian(masks[i..], ulong.RotateLeft(mask, _random.Next(4)));
        }
    }

    private static void SealTiles(Span<byte> frame, FrameLayout layout)
    {
        for (long tile = 0; tile < layout.Geometry.Tiles; tile++)
        {
            uint running = Crc32C.Seed;
            if (layout.MaskBytes != 0)
            {
                running = Crc32C.Append(running, frame.Slice((int)(layout.MasksOffset + (tile * BlockGeometry.TileBlocks * sizeof(ulong))), layout.Geometry.BlocksOfTile(tile) * sizeof(ulong)));
            }

            int offsets = (int)(layout.TileOffsetsOffset + (tile * sizeof(ulong)));
            int from = (int)BinaryPrimitives.ReadUInt64LittleEndian(frame[offsets..]);
            int to = (int)BinaryPrimitives.ReadUInt64LittleEndian(frame[(offsets + sizeof(ulong))..]);
            running = Crc32C.Append(running, frame[((int)layout.ValuesOffset + from)..((int)layout.ValuesOffset + to)]);
            BinaryPrimitives.WriteUInt32LittleEndian(frame[(int)(layout.TileChecksumsOffset + (tile * sizeof(uint)))..], Crc32C.Finish(running));
        }
    }

    private static void SealHeader(Span<byte> frame, FrameLayout layout)
    {
        const int ChecksumAt = 56;
        if (frame.Length < layout.MasksOffset)
        {
            return;
        }

        BinaryPrimitives.WriteUInt32LittleEndian(frame[ChecksumAt..], 0);
        BinaryPrimitives.WriteUInt32LittleEndian(frame[ChecksumAt..], Crc32C.Finish(Crc32C.Append(Crc32C.Seed, frame[..(int)layout.MasksOffset])));
    }
}
