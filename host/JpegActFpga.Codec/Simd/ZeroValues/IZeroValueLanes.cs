namespace JpegActFpga.Codec.Simd.ZeroValues;

/// <summary>Zero-value compression of blocks of 64 bytes (docs/format.md, section 4); a struct type argument.</summary>
internal unsafe interface IZeroValueLanes
{
    /// <summary>Writes masks and non-zero bytes.</summary>
    /// <param name="blocks">Blocks of 64 bytes.</param>
    /// <param name="count">Number of blocks.</param>
    /// <param name="masks">Receives a mask a block.</param>
    /// <param name="values">Receives the bytes; room for 64 a block, all of which may be written.</param>
    /// <returns>End of the bytes.</returns>
    static abstract byte* Compact(sbyte* blocks, int count, ulong* masks, byte* values);

    /// <summary>Restores blocks.</summary>
    /// <param name="masks">A mask a block.</param>
    /// <param name="count">Number of blocks.</param>
    /// <param name="values">The bytes; up to 64 behind them may be read and are not used.</param>
    /// <param name="blocks">Receives blocks of 64 bytes.</param>
    static abstract void Expand(ulong* masks, int count, byte* values, sbyte* blocks);
}
