namespace JpegActFpga.Codec.Simd.Lanes;

/// <summary>The vector operations that the transform needs, at one width; a struct type argument, so that the JIT makes code of its own for each width.</summary>
/// <typeparam name="TShort">A vector of 16-bit lanes, one block's row or column in each 128 bits.</typeparam>
/// <typeparam name="TInt">The vector of 32-bit lanes of the same size.</typeparam>
/// <remarks>Interleaving and narrowing work inside each 128-bit part, so that a block never meets its neighbours.</remarks>
internal unsafe interface ILanes<TShort, TInt>
    where TShort : unmanaged
    where TInt : unmanaged
{
    /// <summary>Gets the blocks that go through the transform together: 1, 2 or 4.</summary>
    static abstract int Blocks { get; }

    /// <summary>Loads one row of the group, 8 bytes a block, and widens it.</summary>
    static abstract TShort LoadSpatialRow(sbyte* row);

    /// <summary>Narrows two rows with saturation, raises them to <paramref name="lowest"/>, and stores them one behind the other.</summary>
    static abstract void StoreSpatialRows(TShort first, TShort second, sbyte lowest, sbyte* rows);

    /// <summary>Loads and widens the coefficient rows of a group, whose blocks lie one behind the other with 64 bytes each.</summary>
    static abstract void LoadCoefficientRows(sbyte* group, out TShort r0, out TShort r1, out TShort r2, out TShort r3, out TShort r4, out TShort r5, out TShort r6, out TShort r7);

    /// <summary>Narrows all coefficient rows of a group with saturation and stores them block after block.</summary>
    static abstract void StoreCoefficientRows(sbyte* group, TShort r0, TShort r1, TShort r2, TShort r3, TShort r4, TShort r5, TShort r6, TShort r7);

    static abstract TShort Load(short* from);

    static abstract TInt Load(int* from);

    static abstract TInt Broadcast(int value);

    static abstract TShort Add(TShort a, TShort b);

    static abstract TShort Subtract(TShort a, TShort b);

    static abstract TShort Multiply(TShort a, TShort b);

    static abstract TShort ShiftLeft(TShort value, int count);

    static abstract TInt Add(TInt a, TInt b);

    static abstract TInt Subtract(TInt a, TInt b);

    static abstract TInt And(TInt a, TInt b);

    static abstract TInt ShiftRight(TInt value, int count);

    /// <summary>Shifts each lane right by a count of its own, 18 .. 25.</summary>
    static abstract TInt ShiftRight(TInt value, TInt counts);

    /// <summary>Multiplies 16-bit lanes and adds neighbours.</summary>
    static abstract TInt MultiplyAddPairs(TShort pairs, TInt constants);

    /// <summary>Narrows with saturation.</summary>
    static abstract TShort Narrow(TInt low, TInt high);

    static abstract TShort InterleaveLow(TShort a, TShort b);

    static abstract TShort InterleaveHigh(TShort a, TShort b);

    static abstract TShort InterleavePairsLow(TShort a, TShort b);

    static abstract TShort InterleavePairsHigh(TShort a, TShort b);

    static abstract TShort InterleaveQuadsLow(TShort a, TShort b);

    static abstract TShort InterleaveQuadsHigh(TShort a, TShort b);
}
