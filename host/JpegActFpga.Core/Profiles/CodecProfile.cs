using System.Globalization;

namespace JpegActFpga.Core.Profiles;

/// <summary>Everything that, with the tensor, decides the bytes of a frame. Immutable; safe from any thread.</summary>
public sealed class CodecProfile
{
    /// <summary>The paper's full scale: the largest value of a channel maps to 1.125 x 128 and is clipped to 127.</summary>
    public const float DefaultFullScale = 1.125f;

    /// <summary>Smallest full scale: below it a decoded value could exceed the largest finite number.</summary>
    public const float MinFullScale = 1f;

    /// <summary>Largest full scale; beyond it most values would be clipped.</summary>
    public const float MaxFullScale = 4f;

    private CodecProfile(CodecMethod method, QuantiserRounding rounding, ScaleMode scaleMode, float fullScale, ShiftTable shifts)
    {
        Method = method;
        Rounding = rounding;
        ScaleMode = scaleMode;
        FullScale = fullScale;
        Shifts = shifts;
    }

    /// <summary>Gets the profile that keeps every bit.</summary>
    public static CodecProfile Raw { get; } = new(CodecMethod.Raw, QuantiserRounding.Nearest, ScaleMode.None, 0f, ShiftTable.Zero);

    /// <summary>Gets the profile that keeps one bit an element.</summary>
    public static CodecProfile Brc { get; } = new(CodecMethod.Brc, QuantiserRounding.Nearest, ScaleMode.None, 0f, ShiftTable.Zero);

    /// <summary>Gets the method.</summary>
    public CodecMethod Method { get; }

    /// <summary>Gets the quantiser's rounding; nearest where the method has no quantiser.</summary>
    public QuantiserRounding Rounding { get; }

    /// <summary>Gets what shares a scale.</summary>
    public ScaleMode ScaleMode { get; }

    /// <summary>Gets the full scale S; 0 where the method has no scales.</summary>
    public float FullScale { get; }

    /// <summary>Gets the 64 shifts; all 0 where the method has no quantiser.</summary>
    public ShiftTable Shifts { get; }

    /// <summary>Makes a JPEG-ACT profile.</summary>
    /// <param name="shifts">Shift of each coefficient.</param>
    /// <param name="rounding">Rounding of the quantiser.</param>
    /// <param name="fullScale">Full scale S, 1 .. 4.</param>
    /// <param name="scaleMode">Per channel or per plane.</param>
    /// <exception cref="ArgumentOutOfRangeException">An argument is outside its range.</exception>
    public static CodecProfile JpegAct(
        ShiftTable shifts,
        QuantiserRounding rounding = QuantiserRounding.Nearest,
        float fullScale = DefaultFullScale,
        ScaleMode scaleMode = ScaleMode.PerChannel)
    {
        ArgumentNullException.ThrowIfNull(shifts);
        if (!Enum.IsDefined(rounding))
        {
            throw new ArgumentOutOfRangeException(nameof(rounding), rounding, "Use nearest or truncate.");
        }

        CheckScale(fullScale, scaleMode);
        return new CodecProfile(CodecMethod.JpegAct, rounding, scaleMode, fullScale, shifts);
    }

    /// <summary>Makes an SFPR profile, with or without zero-value compression.</summary>
    /// <param name="zeroValueCompression">True for <see cref="CodecMethod.SfprZvc"/>.</param>
    /// <param name="fullScale">Full scale S, 1 .. 4.</param>
    /// <param name="scaleMode">Per channel or per plane.</param>
    /// <exception cref="ArgumentOutOfRangeException">An argument is outside its range.</exception>
    public static CodecProfile Sfpr(bool zeroValueCompression, float fullScale = DefaultFullScale, ScaleMode scaleMode = ScaleMode.PerChannel)
    {
        CheckScale(fullScale, scaleMode);
        return new CodecProfile(zeroValueCompression ? CodecMethod.SfprZvc : CodecMethod.Sfpr, QuantiserRounding.Nearest, scaleMode, fullScale, ShiftTable.Zero);
    }

    /// <summary>Gives the profile in a few words, for logs and reports.</summary>
    /// <returns>Method, table, rounding and full scale.</returns>
    public override string ToString() => Method switch
    {
        CodecMethod.JpegAct => string.Create(CultureInfo.InvariantCulture, $"jpeg-act (table {Shifts.Name}, {(Rounding == QuantiserRounding.Nearest ? "nearest" : "truncate")}, S {FullScale}, {ScaleName})"),
        CodecMethod.Sfpr or CodecMethod.SfprZvc => string.Create(CultureInfo.InvariantCulture, $"{Method.DisplayName()} (S {FullScale}, {ScaleName})"),
        _ => Method.DisplayName(),
    };

    private string ScaleName => ScaleMode == ScaleMode.PerPlane ? "per plane" : "per channel";

    private static void CheckScale(float fullScale, ScaleMode scaleMode)
    {
        // Written so that NaN fails as well.
        if (!(fullScale >= MinFullScale && fullScale <= MaxFullScale))
        {
            throw new ArgumentOutOfRangeException(nameof(fullScale), fullScale, $"The full scale must be {MinFullScale} .. {MaxFullScale}.");
        }

        if (scaleMode is not (ScaleMode.PerChannel or ScaleMode.PerPlane))
        {
            throw new ArgumentOutOfRangeException(nameof(scaleMode), scaleMode, "The method needs a scale per channel or per plane.");
        }
    }
}
