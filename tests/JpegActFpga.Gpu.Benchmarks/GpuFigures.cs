using System.Text.Json.Serialization;

namespace JpegActFpga.Gpu.Benchmarks;

/// <summary>What was measured on one GPU.</summary>
/// <param name="Device">The GPU's name.</param>
/// <param name="PeakBytesPerSecond">Its memory's peak, from clock and bus width; 0 where the driver does not say.</param>
/// <param name="Kernels">Registers and local bytes of the kernels, as the driver compiled them.</param>
/// <param name="Sizes">The sizes.</param>
internal sealed record GpuFigures(string Device, double PeakBytesPerSecond, IReadOnlyDictionary<string, string> Kernels, IReadOnlyList<SizeFigures> Sizes);

/// <summary>Figures of one tensor size; rates are bytes of the float32 tensor a second.</summary>
/// <param name="TensorBytes">Size of the tensor.</param>
/// <param name="Ratio">Tensor bytes over frame bytes.</param>
/// <param name="Copy">Device-to-device copy: each byte is read and written.</param>
/// <param name="Encode">Scan, scales, encode and checksums, on the GPU alone.</param>
/// <param name="Decode">Decode, on the GPU alone.</param>
/// <param name="EncodeRoofline">Share of what the memory's peak allows: two reads of the tensor, one write of the frame.</param>
/// <param name="DecodeRoofline">Likewise: one read of the frame, one write of the tensor.</param>
/// <param name="Out">End to end: device tensor to frame in pageable host memory.</param>
/// <param name="Back">End to end: the way back.</param>
/// <param name="PinnedOut">Raw copy of the tensor to page-locked memory.</param>
/// <param name="PinnedBack">The way back.</param>
/// <param name="StageRaw">Staging for a card: the elements.</param>
/// <param name="StageBFloat16">Staging for a card: narrowed on the GPU.</param>
/// <param name="StageInt8">Staging for a card: scaled to 8 bits on the GPU.</param>
internal sealed record SizeFigures(
    long TensorBytes,
    double Ratio,
    double Copy,
    double Encode,
    double Decode,
    double EncodeRoofline,
    double DecodeRoofline,
    double Out,
    double Back,
    double PinnedOut,
    double PinnedBack,
    double StageRaw,
    double StageBFloat16,
    double StageInt8);

/// <summary>The figures as JSON, without reflection.</summary>
[JsonSourceGenerationOptions(WriteIndented = true)]
[JsonSerializable(typeof(GpuFigures))]
internal sealed partial class GpuFiguresJson : JsonSerializerContext;
