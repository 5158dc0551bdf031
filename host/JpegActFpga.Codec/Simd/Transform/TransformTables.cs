using System.Runtime.CompilerServices;
using JpegActFpga.Codec.Simd.Lanes;
using JpegActFpga.Core.Profiles;

namespace JpegActFpga.Codec.Simd.Transform;

/// <summary>The quantiser's shifts as factors of rounding multiplies (a product over 2^15), laid out as the vectors of one width want them.</summary>
/// <remarks>Lies in scratch memory; one thread writes it, any number read it afterwards.</remarks>
internal readonly unsafe struct TransformTables
{
    /// <summary>Bytes that the widest vectors need.</summary>
    internal const int Bytes = KeyOffset + KeyBytes;

    /// <summary>Vectors of each table.</summary>
    internal const int Rows = BlockGeometry.BlockSide;

    private const int WidestVector = 64;
    private const int ProductShift = 15;

    // Of the 18 + s bits that the second pass drops, 16 are gone before the multiply.
    private const int BitsLeft = 2;

    private const int PairsOffset = 3 * Rows * WidestVector;
    private const int KeyOffset = PairsOffset + PairTable.Bytes;
    private const int KeyBytes = BlockGeometry.BlockValues + sizeof(long);

    // Loaded coefficients are multiples of 256.
    private const int LoadedBits = 8;

    private readonly byte* _memory;

    /// <summary>Initializes a new instance of the <see cref="TransformTables"/> struct.</summary>
    /// <param name="memory"><see cref="Bytes"/> bytes.</param>
    internal TransformTables(byte* memory) => _memory = memory;

    /// <summary>Takes memory of any content: it is filled for nothing yet.</summary>
    internal void Reset() => *KeyBlocks = 0;

    /// <summary>Gets the factors that divide by 2^(2+s), a vector a row u; behind them, as many vectors with half of that divisor.</summary>
    internal short* ForwardFactors => (short*)_memory;

    /// <summary>Gets the factors that make <c>q * 2^s</c> of <c>q * 256</c>, a vector a row u, in <see cref="LaneOrders.Frequencies"/>.</summary>
    internal short* InverseFactors => (short*)(_memory + (2 * Rows * WidestVector));

    /// <summary>Gets the matrix' entries.</summary>
    internal PairTable Pairs => new(_memory + PairsOffset);

    // What the tables were filled for: the number of blocks, 0 before the first time, and the shifts.
    private long* KeyBlocks => (long*)(_memory + KeyOffset);

    private Span<byte> KeyShifts => new(_memory + KeyOffset + sizeof(long), BlockGeometry.BlockValues);

    /// <summary>Fills the tables, unless they are right as they are.</summary>
    /// <param name="shifts">64 shifts of 0..7, index 8u+v.</param>
    /// <param name="blocks">Blocks of a vector.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal void Fill(ReadOnlySpan<byte> shifts, int blocks)
    {
        if (*KeyBlocks == blocks && shifts.SequenceEqual(KeyShifts))
        {
            return;
        }

        *KeyBlocks = blocks;
        shifts.CopyTo(KeyShifts);
        Pairs.Fill(blocks);
        ReadOnlySpan<byte> order = LaneOrders.FrequencyOfLane;
        for (int u = 0; u < Rows; u++)
        {
            for (int lane = 0; lane < Rows; lane++)
            {
                int forward = BitsLeft + shifts[(Rows * u) + lane];
                int inverse = shifts[(Rows * u) + order[lane]];
                for (int block = 0; block < blocks; block++)
                {
                    int at = (((u * blocks) + block) * Rows) + lane;
                    ForwardFactors[at] = (short)(1 << (ProductShift - forward));
                    ForwardFactors[at + (Rows * blocks * Rows)] = (short)(1 << (forward - 1));
                    InverseFactors[at] = (short)(1 << (ProductShift - LoadedBits + inverse));
                }
            }
        }
    }
}
