using System.Numerics;
using JpegActFpga.Core.Backends;
using JpegActFpga.Core.Memory;
using JpegActFpga.Core.Profiles;
using JpegActFpga.Fpga.Calls;
using JpegActFpga.Fpga.Launches;

namespace JpegActFpga.Fpga.Units;

/// <summary>What the card made of a part of a tensor, in the launch's buffers.</summary>
/// <param name="Part">The part.</param>
/// <param name="Masks">Its masks; empty where the method has none.</param>
/// <param name="Values">Its value bytes.</param>
/// <param name="Offsets">Byte offsets of its tiles, one more than there are tiles.</param>
internal readonly record struct EncodedPart(TensorPart Part, NativeSpan<ulong> Masks, NativeSpan<byte> Values, NativeSpan<uint> Offsets)
{
    /// <summary>Checks the tile offsets, which the kernel sums up nowhere: masks, whose checksum was right, or the method say what they must be.</summary>
    /// <param name="unit">The compute unit, for the message.</param>
    /// <param name="method">The method.</param>
    /// <exception cref="BackendException">An offset is wrong, or the values are not as many as they say.</exception>
    internal void DemandOffsets(string unit, CodecMethod method)
    {
        uint expected = 0;
        for (int tile = 0; tile < Part.TileCount; tile++)
        {
            DemandOffset(unit, tile, expected);
            int first = tile * BlockGeometry.TileBlocks;
            int blocks = Math.Min(BlockGeometry.TileBlocks, Part.BlockCount - first);
            if (method == CodecMethod.Sfpr)
            {
                expected += (uint)(blocks * BlockGeometry.BlockValues);
            }
            else if (method != CodecMethod.Brc)
            {
                foreach (ulong mask in Masks.AsSpan(first, blocks))
                {
                    expected += (uint)BitOperations.PopCount(mask);
                }
            }
        }

        DemandOffset(unit, Part.TileCount, expected);
        if (expected != Values.Length)
        {
            throw LaunchResult.Fault(unit, $"made {Values.Length} value bytes; {expected} were expected");
        }
    }

    /// <summary>Writes the part into its frame.</summary>
    /// <param name="call">The call.</param>
    /// <param name="part">Index of the part.</param>
    /// <param name="patience">Longest wait for the values of the part before.</param>
    /// <exception cref="BackendException">The part before failed or does not come.</exception>
    internal void WriteTo(EncodeCall call, int part, TimeSpan patience)
    {
        // sfpr pads its last block; the frame does not.
        long bytes = call.Method == CodecMethod.Sfpr
            ? Math.Min(Values.Length, call.Geometry.Elements - (Part.FirstBlock * BlockGeometry.BlockValues))
            : Values.Length;
        long start = call.PlaceValues(part, bytes, patience);
        Values.Slice(0, bytes).CopyTo(call.Builder.Values.Slice(start, bytes));
        if (Masks.Length != 0)
        {
            Masks.CopyTo(call.Builder.Masks.Slice(Part.FirstBlock, Part.BlockCount));
        }

        NativeSpan<ulong> offsets = call.Builder.TileOffsets;
        for (int tile = 0; tile < Part.TileCount; tile++)
        {
            offsets[Part.FirstTile + tile] = (ulong)start + Offsets[tile];
        }
    }

    private void DemandOffset(string unit, int tile, uint expected)
    {
        if (Offsets[tile] != expected)
        {
            throw LaunchResult.Fault(unit, $"wrote {Offsets[tile]} as the offset of tile {tile}; {expected} was expected");
        }
    }
}
