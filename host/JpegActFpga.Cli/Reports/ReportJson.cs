using System.Text.Json.Serialization;

namespace JpegActFpga.Cli.Reports;

/// <summary>The JSON form of all reports, made when this program is compiled.</summary>
[JsonSourceGenerationOptions(
    WriteIndented = true,
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    UseStringEnumConverter = true)]
[JsonSerializable(typeof(ErrorReport))]
[JsonSerializable(typeof(CompressReport))]
[JsonSerializable(typeof(DecompressReport))]
[JsonSerializable(typeof(InspectReport))]
[JsonSerializable(typeof(ValidateReport))]
[JsonSerializable(typeof(TrainReport))]
[JsonSerializable(typeof(DevicesReport))]
[JsonSerializable(typeof(DoctorReport))]
[JsonSerializable(typeof(LinkReport))]
internal sealed partial class ReportJson : JsonSerializerContext;
