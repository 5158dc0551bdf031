using JpegActFpga.Backends.Conformance;
using JpegActFpga.Core.Frames;
using JpegActFpga.Core.Profiles;

namespace JpegActFpga.Codec.Tests.FrameRefusal;

/// <summary>Damage on the way: no length, no bit and no extra byte goes unnoticed, and the only answer is <see cref="InvalidFrameException"/>.</summary>
public class DamagedFrameTests
{
    [Fact]
    public void Whole_frames_are_accepted()
    {
        foreach ((string name, byte[] frame) in FrameSurgery.SmallFrames().Concat(FrameSurgery.TiledFrames()))
        {
            using GuardedBuffer memory = GuardedBuffer.Of(frame);
            Assert.True(FrameReader.Open(memory.Bytes).Header.ValueBytes >= 0, name);
        }
    }

    [Fact]
    public void Every_shorter_length_is_refused()
    {
        foreach ((string name, byte[] frame) in FrameSurgery.SmallFrames().Concat(FrameSurgery.TiledFrames()))
        {
            using GuardedBuffer memory = GuardedBuffer.Of(frame);
            for (int length = 0; length < frame.Length; length++)
            {
                int shorter = length;
                Exception? refusal = Record.Exception(() => FrameReader.Open(memory.Bytes.Slice(0, shorter)));
                Assert.True(refusal is InvalidFrameException, $"{name} cut to {length} of {frame.Length} bytes: {refusal?.ToString() ?? "accepted"}");
            }
        }
    }

    [Fact]
    public void Every_flipped_bit_is_refused()
    {
        foreach ((string name, byte[] frame) in FrameSurgery.SmallFrames())
        {
            using GuardedBuffer memory = GuardedBuffer.Of(frame);
            for (int bit = 0; bit < 8 * frame.Length; bit++)
            {
                memory.Bytes[bit / 8] ^= (byte)(1 << (bit % 8));
                Exception? refusal = Record.Exception(() => FrameReader.Open(memory.Bytes));
                memory.Bytes[bit / 8] ^= (byte)(1 << (bit % 8));
                Assert.True(refusal is InvalidFrameException, $"{name}, byte {bit / 8}, bit {bit % 8}: {refusal?.ToString() ?? "accepted"}");
            }
        }
    }

    [Fact]
    public void Tiles_that_are_checked_later_are_refused_for_the_same_bits()
    {
        foreach ((string name, byte[] frame) in FrameSurgery.SmallFrames())
        {
            using GuardedBuffer memory = GuardedBuffer.Of(frame);
            var reader = new FrameReader();
            int seenLater = 0;
            for (int bit = 0; bit < 8 * frame.Length; bit++)
            {
                memory.Bytes[bit / 8] ^= (byte)(1 << (bit % 8));
                bool opened = false;
                Exception? refusal = Record.Exception(() =>
                {
                    reader.Reopen(memory.Bytes, tilesLater: true);
                    opened = true;
                    Assert.False(reader.TilesChecked);
                    reader.CheckTiles();
                });
                seenLater += opened ? 1 : 0;
                memory.Bytes[bit / 8] ^= (byte)(1 << (bit % 8));
                Assert.True(refusal is InvalidFrameException, $"{name}, byte {bit / 8}, bit {bit % 8}: {refusal?.ToString() ?? "accepted"}");
            }

            // Bits of masks and values, but for those past the last element, which are looked at on opening.
            reader.Reopen(memory.Bytes, tilesLater: true);
            int tail = (int)(reader.Layout.Geometry.Elements % BlockGeometry.BlockValues);
            bool looked = tail != 0 && reader.Header.Method is (CodecMethod.SfprZvc or CodecMethod.Brc);
            Assert.Equal((8 * (reader.Layout.MaskBytes + reader.Header.ValueBytes)) - (looked ? BlockGeometry.BlockValues - tail : 0), seenLater);
            reader.CheckTiles();
            Assert.True(reader.TilesChecked, name);
        }
    }

    [Fact]
    public void A_damaged_tile_is_refused_and_its_neighbours_are_not()
    {
        foreach ((string name, byte[] frame) in FrameSurgery.TiledFrames())
        {
            using GuardedBuffer memory = GuardedBuffer.Of(frame);
            var reader = new FrameReader();
            reader.Reopen(memory.Bytes, tilesLater: true);
            long tiles = reader.Layout.Geometry.Tiles;
            for (long damaged = 0; damaged < tiles; damaged++)
            {
                long at = reader.Header.ValueBytes == 0
                    ? reader.Layout.MasksOffset + (damaged * BlockGeometry.TileBlocks * sizeof(ulong))
                    : reader.Layout.ValuesOffset + (long)reader.TileOffsets[damaged];
                memory.Bytes[at] ^= 1;
                for (long first = 0; first < tiles; first++)
                {
                    for (long end = first; end <= tiles; end++)
                    {
                        Exception? refusal = Record.Exception(() => reader.CheckTiles(first, end));
                        Assert.True(first <= damaged && damaged < end ? refusal is InvalidFrameException : refusal is null, $"{name}: tile {damaged} is damaged, {first} to {end} gave {refusal}");
                    }
                }

                memory.Bytes[at] ^= 1;
            }

            Assert.Throws<ArgumentOutOfRangeException>(() => reader.CheckTiles(-1, 1));
            Assert.Throws<ArgumentOutOfRangeException>(() => reader.CheckTiles(0, tiles + 1));
        }
    }

    [Fact]
    public void Anything_behind_the_frame_is_refused()
    {
        foreach ((string name, byte[] frame) in FrameSurgery.SmallFrames().Concat(FrameSurgery.TiledFrames()))
        {
            Assert.Contains("followed by something else", FrameSurgery.DemandRefused([.. frame, 0], name), StringComparison.Ordinal);
            Assert.Contains("followed by something else", FrameSurgery.DemandRefused([.. frame, .. frame], name), StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Random_bytes_are_refused()
    {
        var random = new Random(1);
        for (int i = 0; i < 5_000; i++)
        {
            var bytes = new byte[random.Next(600)];
            random.NextBytes(bytes);
            if (i % 2 == 0 && bytes.Length > 6)
            {
                // Past the magic and the version, so that later checks are met as well.
                byte[] start = [0x4a, 0x41, 0x43, 0x31, 1, 0];
                start.CopyTo(bytes, 0);
            }

            FrameSurgery.DemandRefused(bytes, Convert.ToHexString(bytes));
        }
    }

    [Fact]
    public void Misaligned_memory_is_the_callers_error_and_not_the_frames()
    {
        byte[] frame = FrameSurgery.SmallFrames().First().Frame;
        using GuardedBuffer memory = GuardedBuffer.Of(frame, shift: 4);
        Assert.Throws<ArgumentException>(() => FrameReader.Open(memory.Bytes));
    }
}
