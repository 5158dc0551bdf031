using CsCheck;
using JpegActFpga.Codec.Tests.IndependentModel;
using JpegActFpga.Codec.Transform;
using JpegActFpga.Core.Profiles;

namespace JpegActFpga.Codec.Tests.Transform;

/// <summary>The integer transform: exactly what the format says, and close to the transform that it stands for.</summary>
public class TransformTests
{
    /// <summary>
    /// Bound on the distance from the real transform for every block, in units of an orthonormal coefficient: the 13-bit
    /// constants are off by at most 0.121 in all (128 times the sum of |X[v][r] X[u][c] / 2^29 - cosines|, largest for
    /// u = v = 3), and the rounding after the first pass by at most 0.125 (half a step, 8 columns; 0.113 for u = 3).
    /// </summary>
    internal const double ForwardBound = 0.234;

    /// <summary>The same sum for the inverse with coefficients of -128 .. 127.</summary>
    internal const double InverseBound = 0.201;

    private static readonly Gen<int[]> Blocks = Gen.OneOf(
        Gen.Int[-128, 127].Array[64],
        Gen.OneOf(-128, 127).Array[64],
        Gen.Int[-3, 3].Array[64],
        Gen.Int[0, 127].Array[64]);

    private static readonly Gen<int[]> Shifts = Gen.OneOf(Gen.Int[0, 7].Array[64], Gen.Int[0, 7].Select(s => Enumerable.Repeat(s, 64).ToArray()));

    [Fact]
    public void Forward_is_the_models() =>
        Gen.Select(Blocks, Shifts, Gen.Enum<QuantiserRounding>()).Sample(
            (x, shifts, rounding) =>
            {
                var q = new sbyte[64];
                ReferenceTransform.Forward(x, Bytes(shifts), rounding, q);
                Assert.Equal(ModelTransform.Forward(x, shifts, (int)rounding), q.Select(value => (int)value));
            },
            iter: 20_000);

    [Fact]
    public void Inverse_is_the_models_for_every_stream() =>
        Gen.Select(Blocks, Shifts, Gen.OneOf(0, -128)).Sample(
            (q, shifts, lowest) =>
            {
                var y = new int[64];
                ReferenceTransform.Inverse([.. q.Select(value => (sbyte)value)], Bytes(shifts), lowest, y);
                Assert.Equal(ModelTransform.Inverse(q, shifts, lowest), y);
            },
            iter: 20_000);

    /// <summary>Each coefficient's own worst input: the sign pattern of its basis function at full amplitude.</summary>
    [Fact]
    public void Forward_and_inverse_are_the_models_where_sums_are_largest()
    {
        int[] shifts = [.. Enumerable.Repeat(7, 64)];
        for (int k = 0; k < 64; k++)
        {
            double[] basis = BasisOf(k);
            int[] x = [.. basis.Select(b => b < 0 ? -128 : 127)];
            int[] negated = [.. basis.Select(b => b < 0 ? 127 : -128)];
            foreach (int[] block in new[] { x, negated })
            {
                var q = new sbyte[64];
                ReferenceTransform.Forward(block, new byte[64], QuantiserRounding.Nearest, q);
                Assert.Equal(ModelTransform.Forward(block, new int[64], 0), q.Select(value => (int)value));
                var y = new int[64];
                ReferenceTransform.Inverse([.. block.Select(value => (sbyte)value)], Bytes(shifts), -128, y);
                Assert.Equal(ModelTransform.Inverse(block, shifts, -128), y);
            }
        }
    }

    [Fact]
    public void Forward_is_close_to_the_orthonormal_DCT() =>
        Blocks.Sample(
            x =>
            {
                double[] real = RealForward(x);
                long[] sums = ModelTransform.ForwardSums(x);
                for (int k = 0; k < 64; k++)
                {
                    Assert.InRange((sums[k] / (double)(1 << 18)) - real[k], -ForwardBound, ForwardBound);
                }
            },
            iter: 20_000);

    [Fact]
    public void Forward_is_off_by_a_fortieth_of_a_unit_on_average()
    {
        var random = new Random(2);
        double squares = 0;
        int blocks = 2000;
        for (int n = 0; n < blocks; n++)
        {
            int[] x = [.. Enumerable.Range(0, 64).Select(_ => random.Next(-128, 128))];
            double[] real = RealForward(x);
            squares += ModelTransform.ForwardSums(x).Select((sum, k) => Math.Pow((sum / (double)(1 << 18)) - real[k], 2)).Sum();
        }

        Assert.InRange(Math.Sqrt(squares / (64 * blocks)), 0, 0.03);
    }

    [Fact]
    public void Inverse_is_close_to_the_orthonormal_inverse_DCT() =>
        Blocks.Sample(
            x =>
            {
                // Coefficients of a real block, so that the result lies in range and no clamp hides an error.
                int[] coefficients = [.. RealForward(x.Select(value => value / 2).ToArray()).Select(c => (int)Math.Clamp(Math.Round(c), -128, 127))];
                double[] real = RealInverse(coefficients);
                var y = new int[64];
                ReferenceTransform.Inverse([.. coefficients.Select(c => (sbyte)c)], new byte[64], -128, y);
                for (int i = 0; i < 64; i++)
                {
                    // Half a unit is the rounding to an integer itself.
                    double expected = Math.Clamp(real[i], -128, 127);
                    Assert.InRange(y[i] - expected, -0.5 - InverseBound, 0.5 + InverseBound);
                }
            },
            iter: 20_000);

    /// <summary>Without quantisation only roundings remain: a variance of 1/12 from the coefficients and 1/12 from the result.</summary>
    [Fact]
    public void There_and_back_again_costs_little_more_than_the_roundings()
    {
        var random = new Random(1);
        double squares = 0;
        int values = 0;
        for (int n = 0; n < 3000; n++)
        {
            // Small enough for every coefficient to fit a byte.
            int[] x = [.. Enumerable.Range(0, 64).Select(_ => random.Next(-15, 16))];
            var q = new sbyte[64];
            var y = new int[64];
            ReferenceTransform.Forward(x, new byte[64], QuantiserRounding.Nearest, q);
            ReferenceTransform.Inverse(q, new byte[64], -128, y);
            for (int i = 0; i < 64; i++)
            {
                Assert.InRange(y[i] - x[i], -3, 3);
                squares += (y[i] - x[i]) * (y[i] - x[i]);
                values++;
            }
        }

        Assert.InRange(Math.Sqrt(squares / values), 0.2, Math.Sqrt(2.0 / 12) + 0.02);
    }

    internal static double[] RealForward(int[] x)
    {
        var coefficients = new double[64];
        for (int k = 0; k < 64; k++)
        {
            double[] basis = BasisOf(k);
            for (int i = 0; i < 64; i++)
            {
                coefficients[k] += basis[i] * x[i];
            }
        }

        return coefficients;
    }

    internal static double[] RealInverse(int[] coefficients)
    {
        var y = new double[64];
        for (int k = 0; k < 64; k++)
        {
            double[] basis = BasisOf(k);
            for (int i = 0; i < 64; i++)
            {
                y[i] += basis[i] * coefficients[k];
            }
        }

        return y;
    }

    /// <summary>The orthonormal DCT-II basis function of coefficient 8u+v, row by row.</summary>
    private static double[] BasisOf(int k) => Bases[k];

    private static readonly double[][] Bases = [.. Enumerable.Range(0, 64).Select(k =>
        Enumerable.Range(0, 64).Select(i => Cosine(k / 8, i % 8) * Cosine(k % 8, i / 8)).ToArray())];

    private static double Cosine(int frequency, int position) =>
        (frequency == 0 ? Math.Sqrt(1.0 / 8) : Math.Sqrt(2.0 / 8)) * Math.Cos(((2 * position) + 1) * frequency * Math.PI / 16);

    private static byte[] Bytes(int[] shifts) => [.. shifts.Select(s => (byte)s)];
}
