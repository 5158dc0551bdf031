using JpegActFpga.Backends.Conformance;
using JpegActFpga.Codec.Tests.IndependentModel;
using JpegActFpga.Core.Frames;
using JpegActFpga.Core.Profiles;
using JpegActFpga.Core.Tensors;

namespace JpegActFpga.Codec.Tests.FrameRefusal;

/// <summary>Frames whose checksums are right and whose content is not: one broken rule each, and the message names it.</summary>
public class ForgedFrameTests
{
    private static readonly Dictionary<string, byte[]> Frames =
        FrameSurgery.Profiles().ToDictionary(p => p.Name, p => FrameSurgery.FrameOf(FrameSurgery.Tiled(p.Profile)));

    [Theory]
    [InlineData("jpeg-act", 0, 0x4b, "Byte 0:")]
    [InlineData("jpeg-act", 4, 2, "Byte 4:")]
    [InlineData("jpeg-act", 4, 0, "Byte 4:")]
    [InlineData("jpeg-act", 5, 1, "Byte 4:")]
    [InlineData("jpeg-act", 6, 0, "Byte 6:")]
    [InlineData("jpeg-act", 6, 4, "Byte 6:")]
    [InlineData("jpeg-act", 7, 5, "Byte 7:")]
    [InlineData("jpeg-act", 7, 255, "Byte 7:")]
    [InlineData("jpeg-act", 8, 2, "Byte 8:")]
    [InlineData("sfpr", 8, 1, "Byte 8:")]
    [InlineData("raw", 8, 1, "Byte 8:")]
    [InlineData("jpeg-act", 9, 0, "Byte 9:")]
    [InlineData("jpeg-act", 9, 3, "Byte 9:")]
    [InlineData("raw", 9, 1, "Byte 9:")]
    [InlineData("brc", 9, 2, "Byte 9:")]
    [InlineData("jpeg-act", 10, 2, "Byte 10:")]
    [InlineData("jpeg-act", 10, 4, "Byte 10:")]
    [InlineData("sfpr-zvc", 10, 0x80, "Byte 10:")]
    [InlineData("raw", 10, 1, "Byte 10:")]
    [InlineData("brc", 10, 1, "Byte 10:")]
    [InlineData("brc", 10, 2, "Byte 10:")]
    [InlineData("jpeg-act", 11, 65, "Byte 11:")]
    [InlineData("jpeg-act", 11, 255, "Byte 11:")]
    [InlineData("jpeg-act", 60, 1, "Byte 60:")]
    [InlineData("jpeg-act", 63, 1, "Byte 60:")]
    [InlineData("jpeg-act", 64, 8, "Byte 64:")]
    [InlineData("jpeg-act", 127, 255, "Byte 127:")]
    [InlineData("sfpr", 64, 1, "Byte 64:")]
    [InlineData("raw", 127, 1, "Byte 127:")]
    public void A_header_byte_outside_its_values_is_refused(string frame, int at, byte value, string message) =>
        Assert.Contains(message, FrameSurgery.DemandRefused(FrameSurgery.Patch(Frames[frame], at, value), message), StringComparison.Ordinal);

    [Theory]
    [InlineData("jpeg-act", 0f)]
    [InlineData("jpeg-act", 0.99999994f)]
    [InlineData("jpeg-act", 4.0000005f)]
    [InlineData("sfpr", float.NaN)]
    [InlineData("sfpr", float.PositiveInfinity)]
    [InlineData("sfpr-zvc", -1.125f)]
    [InlineData("raw", 1.125f)]
    [InlineData("brc", -0f)]
    public void A_full_scale_that_the_method_does_not_have_is_refused(string frame, float fullScale) =>
        Assert.Contains("Byte 12:", FrameSurgery.DemandRefused(FrameSurgery.PatchFloat(Frames[frame], 12, fullScale), "full scale"), StringComparison.Ordinal);

    [Theory]
    [InlineData(16)]
    [InlineData(24)]
    [InlineData(32)]
    [InlineData(40)]
    public void A_count_that_does_not_follow_from_shape_and_method_is_refused(int at)
    {
        foreach ((string name, byte[] frame) in Frames)
        {
            ulong count = BitConverter.ToUInt64(frame, at);
            foreach (ulong wrong in new[] { count + 1, count - 1, ulong.MaxValue, 1UL << 63, count | (1UL << 32) })
            {
                Assert.Contains($"Byte {at}:", FrameSurgery.DemandRefused(FrameSurgery.PatchU64(frame, at, wrong), $"{name}, {wrong} at {at}"), StringComparison.Ordinal);
            }
        }
    }

    [Fact]
    public void Value_bytes_that_do_not_match_the_frame_are_refused()
    {
        foreach ((string name, byte[] frame) in Frames)
        {
            ulong count = BitConverter.ToUInt64(frame, 48);
            foreach (ulong wrong in new[] { count + 1, count - 1, ulong.MaxValue, 1UL << 63, 1UL << 62, count + (1UL << 32) })
            {
                FrameSurgery.DemandRefused(FrameSurgery.PatchU64(frame, 48, wrong), $"{name}, {wrong} value bytes");
            }
        }
    }

    [Theory]
    [InlineData(float.NaN)]
    [InlineData(float.PositiveInfinity)]
    [InlineData(float.NegativeInfinity)]
    [InlineData(-1f)]
    [InlineData(-1e-45f)]
    public void A_scale_that_is_negative_or_not_finite_is_refused(float scale)
    {
        foreach (string method in new[] { "jpeg-act", "sfpr", "sfpr-zvc" })
        {
            int last = ModelDecoder.Sections(Frames[method]).Scales + (4 * ((int)BitConverter.ToUInt64(Frames[method], 40) - 1));
            Assert.Contains($"Byte {last}: scale", FrameSurgery.DemandRefused(FrameSurgery.PatchFloat(Frames[method], last, scale), method), StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Tile_offsets_that_fall_or_start_or_end_elsewhere_are_refused()
    {
        foreach ((string name, byte[] frame) in Frames.Where(f => f.Key != "brc"))
        {
            int at = ModelDecoder.Sections(frame).Offsets;
            int tiles = (int)BitConverter.ToUInt64(frame, 32);
            ulong second = BitConverter.ToUInt64(frame, at + 8);
            ulong third = BitConverter.ToUInt64(frame, at + 16);
            ulong last = BitConverter.ToUInt64(frame, at + (8 * tiles));
            Assert.True(tiles >= 3 && 0 < second && second < third, name);

            (int Entry, ulong Value)[] forgeries =
            [
                (0, 1), (0, ulong.MaxValue),
                (1, third + 1), (1, second - 1), (1, second + 1), (1, ulong.MaxValue), (1, 1UL << 63),
                (2, second - 1), (2, 0),
                (tiles, last - 1), (tiles, last + 1), (tiles, 0), (tiles, 1UL << 63),
            ];
            foreach ((int entry, ulong value) in forgeries)
            {
                string message = FrameSurgery.DemandRefused(FrameSurgery.PatchU64(frame, at + (8 * entry), value), $"{name}: offset {entry} is {value}");
                Assert.Matches("[Tt]ile", message);
            }
        }
    }

    [Fact]
    public void Offsets_where_there_are_no_values_are_refused()
    {
        byte[] frame = Frames["brc"];
        FrameSurgery.DemandRefused(FrameSurgery.PatchU64(frame, ModelDecoder.Sections(frame).Offsets + 8, 1), "brc");
    }

    [Theory]
    [InlineData("jpeg-act")]
    [InlineData("sfpr-zvc")]
    public void Masks_that_name_more_or_fewer_values_than_there_are_are_refused(string method)
    {
        ModelFrame good = ModelDecoder.Read(Frames[method]);

        ulong[] more = [.. good.Masks];
        int roomy = Array.FindIndex(more, mask => mask != ulong.MaxValue);
        more[roomy] |= more[roomy] + 1;
        Assert.Contains("value bytes", FrameSurgery.DemandRefused(ModelFrameWriter.Write(good with { Masks = more }), "one bit more"), StringComparison.Ordinal);

        ulong[] fewer = [.. good.Masks];
        int used = Array.FindIndex(fewer, mask => mask != 0);
        fewer[used] &= fewer[used] - 1;
        Assert.Contains("value bytes", FrameSurgery.DemandRefused(ModelFrameWriter.Write(good with { Masks = fewer }), "one bit fewer"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("raw", 4)]
    [InlineData("jpeg-act", 1)]
    [InlineData("sfpr", 1)]
    [InlineData("sfpr-zvc", 1)]
    public void A_value_that_moves_from_one_tile_to_the_next_is_refused(string method, int bytes)
    {
        ModelFrame good = ModelDecoder.Read(Frames[method]);
        byte[][] tiles = [.. good.TileValues];
        tiles[1] = [.. tiles[0][^bytes..], .. tiles[1]];
        tiles[0] = tiles[0][..^bytes];
        Assert.Contains("value bytes", FrameSurgery.DemandRefused(ModelFrameWriter.Write(good with { TileValues = tiles }), method), StringComparison.Ordinal);
    }

    [Fact]
    public void A_tile_checksum_of_another_tile_is_refused()
    {
        foreach ((string name, byte[] frame) in Frames)
        {
            int at = ModelDecoder.Sections(frame).Checksums;
            byte[] swapped = FrameSurgery.Patch(frame, at, [.. frame[(at + 4)..(at + 8)], .. frame[at..(at + 4)]]);
            Assert.Contains("Tile 0: checksum", FrameSurgery.DemandRefused(swapped, name), StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData(CodecMethod.SfprZvc)]
    [InlineData(CodecMethod.Brc)]
    public void Mask_bits_past_the_last_element_are_refused(CodecMethod method)
    {
        CodecProfile profile = method == CodecMethod.Brc ? CodecProfile.Brc : CodecProfile.Sfpr(zeroValueCompression: true);
        var @case = new CodecCase(new TensorSpec(ElementType.Float32, new TensorShape(3, 50)), profile, TensorPattern.Relu, Seed: 2);
        ModelFrame good = FrameSurgery.ModelOf(@case);
        foreach (int bit in new[] { 150 % 64, 63 })
        {
            ulong[] masks = [.. good.Masks];
            masks[^1] |= 1UL << bit;

            // The value of the extra bit is there: nothing but the rule on the tail is broken.
            byte[][] values = method == CodecMethod.Brc ? good.TileValues : [[.. good.TileValues[0], 1]];
            string message = FrameSurgery.DemandRefused(ModelFrameWriter.Write(good with { Masks = masks, TileValues = values }), $"bit {bit}");
            Assert.Contains("past its 22 elements", message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Padding_that_is_not_zero_is_refused_in_every_gap()
    {
        int gaps = 0;
        foreach ((string name, byte[] frame) in FrameSurgery.SmallFrames().Concat(FrameSurgery.TiledFrames()))
        {
            SectionStarts at = ModelDecoder.Sections(frame);
            long scales = (long)BitConverter.ToUInt64(frame, 40);
            long blocks = (long)BitConverter.ToUInt64(frame, 24);
            long tiles = (long)BitConverter.ToUInt64(frame, 32);
            (long From, long To)[] padding =
            [
                (128 + (8 * frame[11]), at.Scales),
                (at.Scales + (4 * scales), at.Offsets),
                (at.Offsets + (8 * (tiles + 1)), at.Checksums),
                (at.Checksums + (4 * tiles), at.Masks),
                (at.Masks + (ModelDecoder.HasMasks(frame[7]) ? 8 * blocks : 0), at.Values),
            ];
            foreach (int byteAt in padding.Where(gap => gap.From < gap.To).SelectMany(gap => new[] { (int)gap.From, (int)gap.To - 1 }))
            {
                gaps++;
                Assert.Contains($"Byte {byteAt}: padding", FrameSurgery.DemandRefused(FrameSurgery.Patch(frame, byteAt, 1), name), StringComparison.Ordinal);
            }
        }

        Assert.True(gaps > 100, $"Only {gaps} bytes of padding were tried.");
    }

    [Fact]
    public void Changed_frames_with_right_checksums_are_refused_or_read_as_the_model_reads_them()
    {
        int accepted = 0;
        int refused = 0;
        var random = new Random(11);
        foreach ((string name, byte[] frame) in FrameSurgery.SmallFrames())
        {
            int masks = ModelDecoder.MasksStart(frame);
            int checksums = ModelDecoder.Sections(frame).Checksums;
            bool hasTile = BitConverter.ToUInt64(frame, 32) == 1;
            for (int i = 0; i < 400; i++)
            {
                byte[] changed = [.. frame];
                for (int n = random.Next(1, 4); n > 0; n--)
                {
                    changed[random.Next(12, changed.Length)] = (byte)random.Next(256);
                }

                if (hasTile)
                {
                    BitConverter.GetBytes(TileChecksum(frame, changed)).CopyTo(changed, checksums);
                }

                FrameSurgery.RepairHeader(changed, masks);
                if (Opens(changed))
                {
                    accepted++;
                    ModelConversion.DemandSameBytes(ModelDecoder.Decode(changed).Data, ModelConversion.ReferenceDecode(changed), name);
                }
                else
                {
                    refused++;
                }
            }
        }

        // Both sides of the property are met often enough to mean something.
        Assert.True(accepted > 500 && refused > 500, $"{accepted} accepted, {refused} refused.");
    }

    private static bool Opens(byte[] frame)
    {
        using GuardedBuffer memory = GuardedBuffer.Of(frame);
        try
        {
            FrameReader.Open(memory.Bytes);
            return true;
        }
        catch (InvalidFrameException)
        {
            return false;
        }
    }

    // Of the only tile: masks where there are any, then all values; where they lie is what the unchanged frame says.
    private static uint TileChecksum(byte[] frame, byte[] changed)
    {
        SectionStarts at = ModelDecoder.Sections(frame);
        int maskBytes = ModelDecoder.HasMasks(frame[7]) ? 8 * (int)BitConverter.ToUInt64(frame, 24) : 0;
        return ModelCrc32C.Of([.. changed[at.Masks..(at.Masks + maskBytes)], .. changed[at.Values..]]);
    }
}
