using CsCheck;
using JpegActFpga.Core.Profiles;
using JpegActFpga.Core.Tensors;

namespace JpegActFpga.Backends.Conformance;

/// <summary>One generated tensor and the profile to code it with.</summary>
public sealed record CodecCase(TensorSpec Spec, CodecProfile Profile, TensorPattern Pattern, int Seed)
{
    /// <summary>The tensor's bytes; the same at every call.</summary>
    public byte[] MakeTensor() => TensorFiller.Make(Spec, Pattern, Profile.FullScale, Seed);

    public override string ToString() => $"{Spec}, {Profile}, shifts {Convert.ToHexString(Profile.Shifts.CoefficientOrder)}, {Pattern}, seed {Seed}";
}

/// <summary>Generators of cases: CsCheck shrinks them and prints the seed of what failed.</summary>
public static class CodecCases
{
    /// <summary>Widths that networks have, and every other one up to five blocks.</summary>
    private static readonly Gen<int> Width = Gen.Frequency((1, Gen.OneOf(7, 14, 28, 8, 16, 32, 1)), (1, Gen.Int[1, 40]));
    private static readonly Gen<int> Height = Gen.Frequency((1, Gen.OneOf(1, 7, 8, 14)), (1, Gen.Int[1, 20]));
    private static readonly Gen<int> Outer = Gen.Frequency((3, Gen.Int[1, 4]), (1, Gen.Int[1, 24]));

    public static Gen<TensorShape> Shapes(int maxElements) =>
        Gen.Select(Gen.Int[0, 6], Width, Height, Outer.Array[6], Gen.Frequency((24, Gen.Const(-1)), (1, Gen.Int[0, 5])), (rank, width, height, outer, zeroAt) =>
        {
            var sizes = new long[rank];
            long elements = 1;
            for (int i = rank - 1; i >= 0; i--)
            {
                long size = i == rank - 1 ? width : i == rank - 2 ? height : outer[i];
                sizes[i] = Math.Max(1, Math.Min(size, maxElements / elements));
                elements *= sizes[i];
            }

            if (zeroAt >= 0 && zeroAt < rank)
            {
                sizes[zeroAt] = 0;
            }

            return new TensorShape(sizes);
        });

    public static Gen<ShiftTable> Tables { get; } = Gen.OneOf(
        Gen.OneOf(ShiftTables.OptsLow, ShiftTables.OptsHigh, ShiftTables.Flat(0), ShiftTables.Flat(7)),
        Gen.Int[0, 7].Array[ShiftTable.Count].Select(shifts => ShiftTable.FromRows("random", shifts)));

    public static Gen<CodecProfile> Profiles(params IEnumerable<CodecMethod> methods)
    {
        Gen<float> fullScale = Gen.Frequency((2, Gen.OneOf(1f, CodecProfile.DefaultFullScale, 4f)), (1, Gen.Float[1f, 4f]));
        Gen<ScaleMode> scaleMode = Gen.OneOf(ScaleMode.PerChannel, ScaleMode.PerPlane);
        Gen<QuantiserRounding> rounding = Gen.OneOf(QuantiserRounding.Nearest, QuantiserRounding.Truncate);
        return Gen.Select(Gen.OneOf(methods.ToArray()), Tables, rounding, fullScale, scaleMode, (method, table, round, scale, mode) => method switch
        {
            CodecMethod.JpegAct => CodecProfile.JpegAct(table, round, scale, mode),
            CodecMethod.Sfpr => CodecProfile.Sfpr(zeroValueCompression: false, scale, mode),
            CodecMethod.SfprZvc => CodecProfile.Sfpr(zeroValueCompression: true, scale, mode),
            CodecMethod.Brc => CodecProfile.Brc,
            _ => CodecProfile.Raw,
        });
    }

    public static Gen<CodecCase> Of(Gen<CodecProfile> profiles, Gen<TensorShape> shapes, params TensorPattern[] patterns) =>
        Gen.Select(Gen.Enum<ElementType>(), shapes, profiles, Gen.OneOf(patterns), Gen.Int, (type, shape, profile, pattern, seed) =>
            new CodecCase(new TensorSpec(type, shape), profile, pattern, seed));
}
