namespace JpegActFpga.Cli.Validation;

/// <summary>Makes values for test tensors. Deterministic for a generator's state.</summary>
internal static class Activations
{
    /// <summary>Fills an array with one of the kinds of <see cref="Kinds"/>.</summary>
    /// <param name="kind">The kind.</param>
    /// <param name="count">Elements.</param>
    /// <param name="random">The generator.</param>
    internal static float[] Make(string kind, long count, Random random)
    {
        var values = new float[checked((int)count)];
        float walk = 0;
        for (int i = 0; i < values.Length; i++)
        {
            walk = (0.9f * walk) + Uniform(random);
            values[i] = kind switch
            {
                "uniform" => Uniform(random),
                "smooth" => walk,
                "rectified" => Math.Max(0, walk),
                "sparse" => random.Next(10) == 0 ? Uniform(random) : 0,
                "whole" => random.Next(-3, 4),
                _ => AnyFinite(random),
            };
        }

        return values;
    }

    /// <summary>Gets the kinds of values: how activations look, and any finite bit pattern.</summary>
    internal static IReadOnlyList<string> Kinds { get; } = ["uniform", "smooth", "rectified", "sparse", "whole", "any"];

    private static float Uniform(Random random) => (float)((2 * random.NextDouble()) - 1);

    private static float AnyFinite(Random random)
    {
        uint bits;
        do
        {
            bits = (uint)random.NextInt64(1L << 32);
        }
        while ((bits & 0x7f800000) == 0x7f800000);
        return BitConverter.UInt32BitsToSingle(bits);
    }
}
