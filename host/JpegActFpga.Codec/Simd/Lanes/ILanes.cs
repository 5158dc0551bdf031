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

    /// <summary>Loads two spatial rows of the group, 16 bytes a block, as multiples of 256, in <see cref="LaneOrders.Columns"/>.</summary>
    static abstract void LoadSpatialRows(sbyte* rows, out TShort even, out TShort odd);

    /// <summary>Narrows two rows with saturation, raises them to <paramref name="lowest"/>, and stores them, 16 bytes a block.</summary>
    static abstract void StoreSpatialRows(TShort even, TShort odd, sbyte lowest, sbyte* rows);

    /// <summary>Loads the coefficients of a group, 64 bytes a block one behind the other, as multiples of 256, in <see cref="LaneOrders.Frequencies"/>.</summary>
    static abstract void LoadCoefficientRows(sbyte* group, out TShort r0, out TShort r1, out TShort r2, out TShort r3, out TShort r4, out TShort r5, out TShort r6, out TShort r7);

    /// <summary>Stores coefficient rows that <see cref="NarrowToBytes"/> put together, two by two, block after block.</summary>
    static abstract void StoreCoefficientRows(sbyte* group, TShort r01, TShort r23, TShort r45, TShort r67);

    static abstract TShort Load(short* from);

    static abstract TInt Load(int* from);

    static abstract TInt Broadcast(int value);

    static abstract TShort Add(TShort a, TShort b);

    static abstract TShort Subtract(TShort a, TShort b);

    static abstract TShort Xor(TShort a, TShort b);

    static abstract TShort ShiftRight(TShort value, int count);

    /// <summary>Multiplies; gives the product over 2^15, rounded half up.</summary>
    static abstract TShort MultiplyHighRounded(TShort a, TShort b);

    static abstract TInt Add(TInt a, TInt b);

    static abstract TInt Subtract(TInt a, TInt b);

    static abstract TInt ShiftRight(TInt value, int count);

    static abstract TInt Abs(TInt value);

    /// <summary>Multiplies 16-bit lanes and adds neighbours.</summary>
    static abstract TInt MultiplyAddPairs(TShort pairs, TInt constants);

    /// <summary>Narrows with saturation: the first four lanes of each 128 bits come from <paramref name="low"/>.</summary>
    static abstract TShort Narrow(TInt low, TInt high);

    /// <summary>Narrows two rows to bytes with saturation, one behind the other in each 128 bits.</summary>
    static abstract TShort NarrowToBytes(TShort first, TShort second);

    /// <summary>The upper halves of both, <paramref name="even"/>'s in the even lanes.</summary>
    static abstract TShort UpperHalves(TInt even, TInt odd);

    /// <summary>Lanes 0 4 1 5 2 6 3 7 of each 128 bits.</summary>
    static abstract TShort Deal(TShort value);

    static abstract TShort InterleaveLow(TShort a, TShort b);

    static abstract TShort InterleaveHigh(TShort a, TShort b);

    static abstract TShort InterleavePairsLow(TShort a, TShort b);

    static abstract TShort InterleavePairsHigh(TShort a, TShort b);

    static abstract TShort InterleaveQuadsLow(TShort a, TShort b);

    static abstract TShort InterleaveQuadsHigh(TShort a, TShort b);
}
