using JpegActFpga.Core.Backends;
using JpegActFpga.Core.Frames;
using JpegActFpga.Core.Profiles;
using JpegActFpga.Core.Tensors;

namespace JpegActFpga.Cli.Reports;

/// <summary>A tensor, in reports.</summary>
/// <param name="ElementType">float32, float16 or bfloat16.</param>
/// <param name="Shape">Sizes, outermost first.</param>
/// <param name="Elements">Number of elements.</param>
/// <param name="Bytes">Bytes of the elements.</param>
internal sealed record TensorPart(string ElementType, long[] Shape, long Elements, long Bytes)
{
    /// <summary>Describes a tensor.</summary>
    /// <param name="spec">The tensor.</param>
    internal static TensorPart Of(TensorSpec spec) => new(spec.ElementType.DisplayName(), spec.Shape.Dimensions.ToArray(), spec.Shape.ElementCount, spec.ByteCount);

    /// <inheritdoc/>
    public override string ToString() => $"{ElementType} [{string.Join(", ", Shape)}], {Numbers.Bytes(Bytes)}";
}

/// <summary>The settings that a frame was or shall be made with, in reports.</summary>
/// <param name="Method">Its method.</param>
/// <param name="Rounding">nearest or truncate; null without a quantiser.</param>
/// <param name="ScaleMode">channel or plane; null without scales.</param>
/// <param name="FullScale">Full scale S; null without scales.</param>
/// <param name="Table">Name of the table; null without a quantiser.</param>
internal sealed record SettingsPart(string Method, string? Rounding, string? ScaleMode, float? FullScale, string? Table)
{
    /// <summary>Describes a profile.</summary>
    /// <param name="profile">The profile.</param>
    internal static SettingsPart Of(CodecProfile profile) =>
        Make(profile.Method, profile.Rounding, profile.ScaleMode, profile.FullScale, profile.Shifts.Name);

    /// <summary>Describes a frame's settings.</summary>
    /// <param name="header">The frame's header.</param>
    internal static SettingsPart Of(FrameHeader header) =>
        Make(header.Method, header.Rounding, header.ScaleMode, header.FullScale, ShiftTableNames.Of(header.Shifts));

    /// <inheritdoc/>
    public override string ToString()
    {
        var parts = new List<string>();
        if (Table is not null)
        {
            parts.Add($"table {Table}");
            parts.Add($"rounding {Rounding}");
        }

        if (ScaleMode is not null)
        {
            parts.Add($"full scale {FullScale}");
            parts.Add($"one scale a {ScaleMode}");
        }

        return parts.Count == 0 ? Method : $"{Method} ({string.Join(", ", parts)})";
    }

    private static SettingsPart Make(CodecMethod method, QuantiserRounding rounding, ScaleMode scaleMode, float fullScale, string table)
    {
        bool quantiser = method == CodecMethod.JpegAct;
        bool scales = method.HasScales();
        return new SettingsPart(
            method.DisplayName(),
            quantiser ? (rounding == QuantiserRounding.Nearest ? "nearest" : "truncate") : null,
            scales ? (scaleMode == Core.Profiles.ScaleMode.PerPlane ? "plane" : "channel") : null,
            scales ? fullScale : null,
            quantiser ? table : null);
    }
}

/// <summary>What did the work, in reports.</summary>
/// <param name="Backend">Short name.</param>
/// <param name="Device">The device in words; says so where it is emulated.</param>
internal sealed record RanOnPart(string Backend, string Device)
{
    /// <summary>Describes a backend.</summary>
    /// <param name="backend">What it can do.</param>
    internal static RanOnPart Of(BackendCapabilities backend) => new(backend.Name, backend.Device);

    /// <inheritdoc/>
    public override string ToString() => $"{Backend}: {Device}";
}
