using JpegActFpga.Core.Profiles;

namespace JpegActFpga.Cli.Reports;

/// <summary>What compressing a file gave.</summary>
/// <param name="Input">The .npy file.</param>
/// <param name="Output">The frame's file.</param>
/// <param name="Tensor">The tensor.</param>
/// <param name="Asked">The settings asked for.</param>
/// <param name="StoredMethod">The frame's method: raw where the tensor holds a NaN or an infinity.</param>
/// <param name="NonFinite">The tensor holds a NaN or an infinity.</param>
/// <param name="FrameBytes">Bytes of the frame.</param>
/// <param name="Ratio">Bytes of the tensor over bytes of the frame.</param>
/// <param name="Error">How far the expanded frame is from the tensor; null where the method keeps no values.</param>
/// <param name="RanOn">What compressed, and expanded for the error.</param>
internal sealed record CompressReport(
    string Input,
    string Output,
    TensorPart Tensor,
    SettingsPart Asked,
    string StoredMethod,
    bool NonFinite,
    long FrameBytes,
    double Ratio,
    ErrorPart? Error,
    RanOnPart RanOn) : Report("compress")
{
    /// <inheritdoc/>
    internal override void WriteText(TextWriter writer)
    {
        writer.WriteLine($"{Input} -> {Output}");
        var fields = new TextFields(writer, 8);
        fields.Add("tensor", Tensor.ToString());
        fields.Add("settings", Asked.ToString());
        fields.Add("stored", NonFinite ? $"{StoredMethod}: the tensor holds a NaN or an infinity" : StoredMethod);
        fields.Add("frame", $"{Numbers.Bytes(FrameBytes)}, ratio {Numbers.Ratio(Ratio)}");
        fields.Add("error", Error?.ToString() ?? $"none to tell: {CodecMethod.Brc.DisplayName()} keeps whether each value is above zero, not the value");
        fields.Add("ran on", RanOn.ToString());
    }
}

/// <summary>How far an expanded tensor is from the original.</summary>
/// <param name="Exact">All bytes are equal.</param>
/// <param name="Nrmse">Root mean square of the error over that of the tensor; null where the tensor is zero and the error is not.</param>
/// <param name="MaxAbsolute">Largest error.</param>
internal sealed record ErrorPart(bool Exact, double? Nrmse, double MaxAbsolute)
{
    /// <inheritdoc/>
    public override string ToString() => Exact
        ? "none: every bit is kept"
        : $"NRMSE {(Nrmse is { } nrmse ? Numbers.Small(nrmse) : "undefined")} (RMS of the error over RMS of the tensor), largest {Numbers.Small(MaxAbsolute)}";
}
