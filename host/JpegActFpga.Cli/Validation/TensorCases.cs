using JpegActFpga.Core.Profiles;
using JpegActFpga.Core.Tensors;

namespace JpegActFpga.Cli.Validation;

/// <summary>The tensors and profiles that a card is tried on, group by group.</summary>
internal static class TensorCases
{
    private static readonly CodecProfile Usual = CodecProfile.JpegAct(ShiftTables.OptsLow);
    private static readonly int[] JpegQualities = [1, 10, 25, 50, 75, 80, 90, 95, 100];
    private static readonly long[][] EmptyShapes = [[0], [0, 3, 8, 8], [2, 0, 8, 8], [2, 3, 8, 0]];
    private static readonly long[][] LaunchShapes = [[8, 4096], [5120, 8], [3, 37, 13, 21], [300, 11, 3, 8], [2, 2, 57, 130]];
    private static readonly int[] BlockCounts = [63, 64, 65, 127, 128, 129];
    private static readonly float[] NonFinite = [float.NaN, float.PositiveInfinity, float.NegativeInfinity];
    private static readonly string[] SixteenBitKinds = ["smooth", "rectified", "sparse"];
    private static readonly long[] SixteenBitWidths = [7, 8, 30];

    /// <summary>Random shapes of ranks 0 to 5, values and settings.</summary>
    /// <param name="blocks">How many blocks to make at least.</param>
    /// <param name="seed">Seed.</param>
    internal static IEnumerable<TensorCase> RandomShapes(long blocks, int seed)
    {
        var random = new Random(seed);
        for (int i = 0; blocks > 0; i++)
        {
            long[] shape = RandomShape(random);
            string kind = Activations.Kinds[random.Next(Activations.Kinds.Count)];
            TensorCase made = Case($"random {i} ({kind})", shape, s => Activations.Make(kind, s.ElementCount, random), RandomProfile(random));
            blocks -= Math.Max(1, new BlockGeometry(made.Spec.Shape, CodecMethod.JpegAct).Blocks);
            yield return made;
        }
    }

    /// <summary>Values at the ends of what float32 has, alone and side by side.</summary>
    internal static IEnumerable<TensorCase> Extremes()
    {
        (string Name, Func<int, float> At)[] fills =
        [
            ("zeros", _ => 0f),
            ("negative zeros", _ => -0f),
            ("largest", _ => float.MaxValue),
            ("lowest", _ => float.MinValue),
            ("largest and lowest in turn", i => i % 2 == 0 ? float.MaxValue : float.MinValue),
            ("chequered by blocks of 8", i => (i / 8) % 2 == 0 ? 1f : -1f),
            ("smallest subnormal", _ => float.Epsilon),
            ("just below the scaled range", _ => BitConverter.UInt32BitsToSingle(0x0d7fffff)),
            ("at the scaled range", _ => BitConverter.UInt32BitsToSingle(0x0d800000)),
            ("one large among subnormals", i => i == 77 ? float.MaxValue : float.Epsilon),
            ("one impulse", i => i == 5 ? 1f : 0f),
            ("ramp", i => i / 1536f),
            ("halves of the quantiser", i => (i - 100) / 128f),
        ];
        ShiftTable[] tables = [ShiftTables.OptsLow, ShiftTables.OptsHigh, ShiftTables.Flat(0), ShiftTables.Flat(7)];
        return from fill in fills
               from table in tables
               from rounding in new[] { QuantiserRounding.Nearest, QuantiserRounding.Truncate }
               select Case(fill.Name, [2, 3, 16, 16], s => [.. Enumerable.Range(0, (int)s.ElementCount).Select(fill.At)], CodecProfile.JpegAct(table, rounding, 1f));
    }

    /// <summary>Every named table with both roundings.</summary>
    /// <param name="seed">Seed.</param>
    internal static IEnumerable<TensorCase> Tables(int seed)
    {
        ShiftTable[] tables =
        [
            ShiftTables.OptsLow,
            ShiftTables.OptsHigh,
            .. Enumerable.Range(0, ShiftTable.MaxShift + 1).Select(ShiftTables.Flat),
            .. JpegQualities.Select(ShiftTables.Jpeg),
            RandomTable(new Random(seed)),
        ];
        foreach (ShiftTable table in tables)
        {
            foreach (QuantiserRounding rounding in Enum.GetValues<QuantiserRounding>())
            {
                yield return Case("table", [1, 3, 24, 24], s => Activations.Make("smooth", s.ElementCount, new Random(seed)), CodecProfile.JpegAct(table, rounding));
            }
        }
    }

    /// <summary>Widths and heights that leave every remainder in the last block, and block counts around a tile.</summary>
    /// <param name="seed">Seed.</param>
    /// <param name="quick">Fewer of them.</param>
    internal static IEnumerable<TensorCase> Tails(int seed, bool quick)
    {
        var random = new Random(seed);
        for (int width = 1; width <= 17; width += quick ? 4 : 1)
        {
            for (int height = 1; height <= 17; height += quick ? 4 : 1)
            {
                yield return Case("tail", [1, 1, height, width], s => Activations.Make("uniform", s.ElementCount, random), Usual);
            }
        }

        foreach (int blocks in BlockCounts)
        {
            yield return Case($"{blocks} blocks", [8, 8L * blocks], s => Activations.Make("rectified", s.ElementCount, random), Usual);
            yield return Case($"{blocks} rows of blocks", [8L * blocks, 8], s => Activations.Make("rectified", s.ElementCount, random), Usual);
        }
    }

    /// <summary>Planes whose borders fall inside blocks, and more scales than rows of a block, so that the scale index wraps.</summary>
    /// <param name="seed">Seed.</param>
    /// <param name="quick">Fewer of them.</param>
    internal static IEnumerable<TensorCase> ScaleWraps(int seed, bool quick)
    {
        var random = new Random(seed);
        long[] channels = quick ? [1, 3, 65] : [1, 2, 3, 7, 64, 65];
        long[] heights = quick ? [1, 3, 9] : [1, 2, 3, 5, 7, 8, 9];
        return from channel in channels
               from height in heights
               from mode in new[] { ScaleMode.PerChannel, ScaleMode.PerPlane }
               select Case(
                   "scale wrap",
                   [3, channel, height, 9],
                   s => Graded(Activations.Make("uniform", s.ElementCount, random), height * 9),
                   CodecProfile.JpegAct(ShiftTables.Flat(1), QuantiserRounding.Nearest, 1f, mode));
    }

    /// <summary>Full scales over their range.</summary>
    /// <param name="seed">Seed.</param>
    internal static IEnumerable<TensorCase> FullScales(int seed) =>
        new[] { CodecProfile.MinFullScale, MathF.BitIncrement(1f), CodecProfile.DefaultFullScale, 1.5f, MathF.BitDecrement(4f), CodecProfile.MaxFullScale }
            .Select(scale => Case($"full scale {scale:G9}", [2, 2, 20, 20], s => Activations.Make("smooth", s.ElementCount, new Random(seed)), CodecProfile.JpegAct(ShiftTables.OptsLow, fullScale: scale)));

    /// <summary>16-bit element types.</summary>
    /// <param name="seed">Seed.</param>
    internal static IEnumerable<TensorCase> ElementTypes(int seed)
    {
        var random = new Random(seed);
        return from type in new[] { ElementType.Float16, ElementType.BFloat16 }
               from kind in SixteenBitKinds
               from width in SixteenBitWidths
               select Case($"{kind} values", [2, 3, 10, width], s => Activations.Make(kind, s.ElementCount, random), Usual, type);
    }

    /// <summary>Tensors that a card never sees: empty ones, and ones that are stored raw.</summary>
    internal static IEnumerable<TensorCase> WithoutBlocks()
    {
        foreach (long[] shape in EmptyShapes)
        {
            yield return Case("empty", shape, _ => [], Usual);
        }

        foreach (float odd in NonFinite)
        {
            yield return Case($"with {odd}", [2, 3, 9, 9], s => [.. Enumerable.Range(0, (int)s.ElementCount).Select(i => i == 200 ? odd : i)], Usual);
        }
    }

    /// <summary>Tensors of several launches of 128 blocks whose borders fall anywhere.</summary>
    /// <param name="seed">Seed.</param>
    internal static IEnumerable<TensorCase> ManyLaunches(int seed)
    {
        var random = new Random(seed);
        return from shape in LaunchShapes
               from mode in new[] { ScaleMode.PerChannel, ScaleMode.PerPlane }
               select Case("several launches", shape, s => Activations.Make("rectified", s.ElementCount, random), CodecProfile.JpegAct(ShiftTables.OptsLow, QuantiserRounding.Truncate, 1.125f, mode));
    }

    /// <summary>Makes one case.</summary>
    /// <param name="label">Label.</param>
    /// <param name="sizes">Shape.</param>
    /// <param name="values">Makes the values.</param>
    /// <param name="profile">Profile.</param>
    /// <param name="type">Element type.</param>
    internal static TensorCase Case(string label, long[] sizes, Func<TensorShape, float[]> values, CodecProfile profile, ElementType type = ElementType.Float32)
    {
        var spec = new TensorSpec(type, new TensorShape(sizes));
        return new TensorCase(label, spec, values(spec.Shape), profile);
    }

    /// <summary>Makes a random table.</summary>
    /// <param name="random">The generator.</param>
    internal static ShiftTable RandomTable(Random random) =>
        ShiftTable.FromRows("random", [.. Enumerable.Range(0, ShiftTable.Count).Select(_ => random.Next(ShiftTable.MaxShift + 1))]);

    private static long[] RandomShape(Random random)
    {
        int rank = random.Next(6);
        var shape = new long[rank];
        for (int i = 0; i < rank; i++)
        {
            shape[i] = rank switch
            {
                1 => random.Next(1, 5000),
                2 => random.Next(1, 200),
                _ => i >= rank - 2 ? random.Next(1, 40) : random.Next(1, 5),
            };
        }

        return shape;
    }

    private static CodecProfile RandomProfile(Random random)
    {
        ShiftTable table = random.Next(4) switch
        {
            0 => ShiftTables.OptsLow,
            1 => ShiftTables.OptsHigh,
            2 => ShiftTables.Jpeg(random.Next(1, 101)),
            _ => RandomTable(random),
        };
        float fullScale = random.Next(3) switch { 0 => 1f, 1 => CodecProfile.DefaultFullScale, _ => 1f + (3f * random.NextSingle()) };
        return CodecProfile.JpegAct(table, (QuantiserRounding)random.Next(2), fullScale, random.Next(2) == 0 ? ScaleMode.PerChannel : ScaleMode.PerPlane);
    }

    // A different magnitude in each plane, so that a wrong scale index can't go unseen.
    private static float[] Graded(float[] values, long planeElements)
    {
        for (int i = 0; i < values.Length; i++)
        {
            values[i] *= MathF.ScaleB(1f, -(int)(i / planeElements % 40));
        }

        return values;
    }
}
