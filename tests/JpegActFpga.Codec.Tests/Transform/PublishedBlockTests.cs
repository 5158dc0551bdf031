using JpegActFpga.Codec.Tests.IndependentModel;
using JpegActFpga.Codec.Transform;
using JpegActFpga.Core.Profiles;

namespace JpegActFpga.Codec.Tests.Transform;

/// <summary>One block worked through with a float64 DCT (channel maximum 3.0, S 1.125, optsH, truncate): is ours the same method?</summary>
/// <remarks>
/// The only place where results are compared with a tolerance, because the float DCT is another transform than the format's.
/// The integer transform differs from it by at most <see cref="TransformTests.ForwardBound"/> of a coefficient, and the
/// table below is rounded to integers, which is another half.
/// </remarks>
public class PublishedBlockTests
{
    private const double CoefficientTolerance = 0.5 + TransformTests.ForwardBound;

    private static readonly int[] Input =
    [
        46, 53, 50, 40, -29, -35, -31, -14,
        126, 76, 73, 63, 51, -12, -8, 9,
        127, 127, 78, 67, 56, 50, -3, 14,
        111, 119, 116, 48, 36, 30, 35, -6,
        68, 76, 73, 62, -6, -12, -8, 9,
        70, 21, 17, 7, -5, -68, -64, -46,
        16, 24, -37, -48, -59, -65, -118, -101,
        -23, -15, -18, -86, -98, -104, -99, -128,
    ];

    // Row = vertical frequency v, column = horizontal frequency u.
    private static readonly int[] RoundedCoefficients =
    [
        87, 317, 33, -27, 7, -6, 4, -1,
        291, -9, -4, -16, 21, 11, 0, -6,
        -234, -1, 3, -2, 2, -2, 0, -1,
        -54, -13, 0, -34, 41, 17, -3, -9,
        -22, -21, 3, -46, -57, 27, -1, 3,
        -15, 9, -2, 20, -30, -20, 0, -18,
        -9, -4, -1, -1, 2, 1, 3, 1,
        -6, -10, -2, -7, -4, -17, 2, -46,
    ];

    private static readonly int[] Quantised =
    [
        10, 9, 1, 0, 0, 0, 0, 0,
        9, 0, 0, 0, 1, 0, 0, 0,
        -7, 0, 0, 0, 0, 0, 0, 0,
        -1, 0, 0, -2, 2, 1, 0, 0,
        0, 0, 0, -2, -3, 1, 0, 0,
        0, 0, 0, 1, -1, -1, 0, -1,
        0, 0, 0, 0, 0, 0, 0, 0,
        0, 0, 0, 0, 0, -1, 0, -2,
    ];

    [Fact]
    public void Coefficients_agree_within_the_accuracy_of_the_integer_transform()
    {
        long[] sums = ModelTransform.ForwardSums(Input);
        double[] real = TransformTests.RealForward(Input);
        for (int v = 0; v < 8; v++)
        {
            for (int u = 0; u < 8; u++)
            {
                int published = RoundedCoefficients[(8 * v) + u];
                Assert.Equal(published, (int)Math.Round(real[(8 * u) + v]));
                Assert.InRange((sums[(8 * u) + v] / (double)(1 << 18)) - published, -CoefficientTolerance, CoefficientTolerance);
            }
        }
    }

    [Fact]
    public void Quantised_values_agree_but_where_a_coefficient_lies_on_a_threshold()
    {
        sbyte[] q = Encode();
        int equal = 0;
        for (int v = 0; v < 8; v++)
        {
            for (int u = 0; u < 8; u++)
            {
                int divisor = 1 << ShiftTables.OptsHigh[v, u];
                int published = Quantised[(8 * v) + u];
                int coefficient = RoundedCoefficients[(8 * v) + u];
                int lowest = (int)Math.Truncate((coefficient - CoefficientTolerance) / divisor);
                int highest = (int)Math.Truncate((coefficient + CoefficientTolerance) / divisor);
                int ours = q[(8 * u) + v];
                Assert.InRange(published, lowest, highest);
                Assert.InRange(ours, lowest, highest);
                equal += ours == published ? 1 : 0;
            }
        }

        Assert.InRange(equal, 62, 64);
        Assert.InRange(q.Count(value => value != 0), 18, 20);
    }

    [Fact]
    public void The_published_values_decode_to_the_float_inverse_within_the_accuracy_of_the_integer_transform()
    {
        var q = new sbyte[64];
        var coefficients = new int[64];
        for (int v = 0; v < 8; v++)
        {
            for (int u = 0; u < 8; u++)
            {
                q[(8 * u) + v] = (sbyte)Quantised[(8 * v) + u];
                coefficients[(8 * u) + v] = Quantised[(8 * v) + u] << ShiftTables.OptsHigh[v, u];
            }
        }

        var y = new int[64];
        ReferenceTransform.Inverse(q, ShiftTables.OptsHigh.CoefficientOrder, -128, y);
        double[] real = TransformTests.RealInverse(coefficients);
        for (int i = 0; i < 64; i++)
        {
            Assert.InRange(y[i] - Math.Clamp(real[i], -128, 127), -CoefficientTolerance, CoefficientTolerance);
        }
    }

    private static sbyte[] Encode()
    {
        var q = new sbyte[64];
        ReferenceTransform.Forward(Input, ShiftTables.OptsHigh.CoefficientOrder, QuantiserRounding.Truncate, q);
        return q;
    }
}
