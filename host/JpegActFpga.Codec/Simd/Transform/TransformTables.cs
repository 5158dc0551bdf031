using System.Runtime.CompilerServices;
using JpegActFpga.Codec.Transform;
using JpegActFpga.Core.Profiles;

namespace JpegActFpga.Codec.Simd.Transform;

/// <summary>The quantiser's shifts, laid out as the vectors of one width want them.</summary>
/// <remarks>Lies in scratch memory; one thread writes it, any number read it afterwards.</remarks>
internal readonly unsafe struct TransformTables
{
    /// <summary>Bytes that the widest vectors need.</summary>
    internal const int Bytes = (2 * IntVectors * WidestVector) + (Rows * WidestVector);

    private const int Rows = BlockGeometry.BlockSide;
    private const int HalfRow = Rows / 2;
    private const int IntVectors = 2 * Rows;
    private const int WidestVector = 64;

    private readonly byte* _memory;

    /// <summary>Initializes a new instance of the <see cref="TransformTables"/> struct.</summary>
    /// <param name="memory"><see cref="Bytes"/> bytes.</param>
    internal TransformTables(byte* memory) => _memory = memory;

    /// <summary>Gets what is added before each shift: two vectors a row, for v 0..3 and v 4..7.</summary>
    internal int* Biases => (int*)_memory;

    /// <summary>Gets the shifts after the second pass, laid out like the biases.</summary>
    internal int* Shifts => (int*)(_memory + (IntVectors * WidestVector));

    /// <summary>Gets 2^shift: one vector a row.</summary>
    internal short* Factors => (short*)(_memory + (2 * IntVectors * WidestVector));

    /// <summary>Fills the tables.</summary>
    /// <param name="shifts">64 shifts, index 8u+v.</param>
    /// <param name="rounding">Nearest: the biases are half a step; truncate: a step less one, for negative sums.</param>
    /// <param name="blocks">Blocks of a vector.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal void Fill(ReadOnlySpan<byte> shifts, QuantiserRounding rounding, int blocks)
    {
        for (int u = 0; u < Rows; u++)
        {
            for (int v = 0; v < Rows; v++)
            {
                int shift = shifts[(Rows * u) + v];
                int total = TransformMatrix.SecondPassShift + shift;
                int bias = rounding == QuantiserRounding.Nearest ? 1 << (total - 1) : (1 << total) - 1;
                for (int block = 0; block < blocks; block++)
                {
                    int at = ((((2 * u) + (v / HalfRow)) * blocks) + block) * HalfRow;
                    Biases[at + (v % HalfRow)] = bias;
                    Shifts[at + (v % HalfRow)] = total;
                    Factors[(((u * blocks) + block) * Rows) + v] = (short)(1 << shift);
                }
            }
        }
    }
}
