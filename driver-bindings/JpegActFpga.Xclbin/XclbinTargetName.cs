using System.Text.Json;
using System.Text.Json.Serialization;

namespace JpegActFpga.Xclbin;

/// <summary>The names of targets in manifests and on the command line: csim, hw_emu, hw.</summary>
public static class XclbinTargetName
{
    /// <summary>The name of a target.</summary>
    public static string Of(XclbinTarget target) => target switch
    {
        XclbinTarget.CSim => "csim",
        XclbinTarget.HwEmu => "hw_emu",
        XclbinTarget.Hw => "hw",
        _ => throw new ArgumentOutOfRangeException(nameof(target), target, "not a target"),
    };

    /// <summary>The target of a name, or null for a name that is none.</summary>
    public static XclbinTarget? Parse(string? name) => name switch
    {
        "csim" => XclbinTarget.CSim,
        "hw_emu" => XclbinTarget.HwEmu,
        "hw" => XclbinTarget.Hw,
        _ => null,
    };
}

internal sealed class TargetConverter : JsonConverter<XclbinTarget>
{
    public override XclbinTarget Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        (reader.TokenType == JsonTokenType.String ? XclbinTargetName.Parse(reader.GetString()) : null)
        ?? throw new JsonException("target is not one of csim, hw_emu, hw");

    public override void Write(Utf8JsonWriter writer, XclbinTarget value, JsonSerializerOptions options) =>
        writer.WriteStringValue(XclbinTargetName.Of(value));
}
